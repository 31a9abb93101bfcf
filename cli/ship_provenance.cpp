#include "cli/ship_provenance.hpp"

#include <filesystem>

#include "cli/version.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

// On the wire: never change.
constexpr std::string_view k_build_type = "urn:davit:ship:v1";
constexpr std::string_view k_builder = "urn:davit:ship";

constexpr std::uint64_t k_max_input_bytes = std::uint64_t{4} << 30;
constexpr std::uint64_t k_max_optimization_bytes = std::uint64_t{1} << 20;

std::string bare_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

Json digest_json(const Digest& digest) { return JsonObject{{std::string(digest.algorithm_name()), digest.hex()}}; }

Result<Json> described_file(const std::string& path) {
  TRY_ASSIGN(const oci::HashedFile hashed, oci::hash_file(path, k_max_input_bytes));
  return Json(JsonObject{{"name", bare_name(path)}, {"digest", digest_json(hashed.digest)}});
}

// Files are named by digest; of a folder only the name is known, and its content is the toolchain's business.
Result<JsonArray> dependencies_of(const ShipPlan& plan, const ShipEvidence& evidence) {
  JsonArray out;
  std::vector<std::string> inputs = plan.sources;
  if (!plan.capabilities.empty()) inputs.push_back(plan.capabilities);
  for (const std::string& input : inputs) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(input, problem)) continue;
    TRY_ASSIGN(Json file, described_file(input));
    out.push_back(std::move(file));
  }
  if (!evidence.toolchain.empty()) {
    out.emplace_back(JsonObject{{"name", evidence.toolchain}, {"annotations", JsonObject{{"version", evidence.toolchain_version}}}});
  }
  return out;
}

JsonObject parameters_of(const ShipPlan& plan) {
  JsonObject out;
  std::vector<std::string> sources;
  for (const std::string& source : plan.sources) sources.push_back(bare_name(source));
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.set(name, value);
  };
  out.set("source", Json::strings(sources));
  set("target", plan.target);
  set("toolchain", plan.toolchain);
  set("artifact", plan.artifact);
  set("world", plan.world);
  if (!plan.arguments.empty()) out.set("arguments", Json::strings(plan.arguments));
  set("optimize", plan.optimize);
  set("strip", plan.strip);
  set("format", plan.format);
  return out;
}

Result<JsonArray> byproducts_of(const ShipEvidence& evidence) {
  JsonArray out;
  TRY_ASSIGN(Json wasm, described_file(evidence.wasm_file));
  out.push_back(std::move(wasm));
  std::error_code problem;
  if (!evidence.optimization_provenance.empty() && std::filesystem::exists(evidence.optimization_provenance, problem)) {
    TRY_ASSIGN(const Bytes content, oci::read_file(evidence.optimization_provenance, k_max_optimization_bytes));
    out.emplace_back(JsonObject{{"name", bare_name(evidence.optimization_provenance)},
                                {"digest", digest_json(digest_of(content))},
                                {"mediaType", "application/json"},
                                {"content", encode_base64(content)}});
  }
  return out;
}

}  // namespace

Result<Json> make_provenance(const ShipPlan& plan, const ShipEvidence& evidence) {
  TRY_ASSIGN(JsonArray dependencies, dependencies_of(plan, evidence));
  TRY_ASSIGN(JsonArray byproducts, byproducts_of(evidence));
  return Json(
      JsonObject{{"buildDefinition", JsonObject{{"buildType", k_build_type},
                                                {"externalParameters", parameters_of(plan)},
                                                {"internalParameters", JsonObject{}},
                                                {"resolvedDependencies", std::move(dependencies)}}},
                 {"runDetails", JsonObject{{"builder", JsonObject{{"id", k_builder}, {"version", JsonObject{{"davit", k_version}}}}},
                                           {"byproducts", std::move(byproducts)}}}});
}

}  // namespace davit::cli
