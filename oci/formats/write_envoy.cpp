// The OCI variant of "module.wasm" images (Solo's specification): the runtime configuration is both config and first
// layer, the module the second. Istio and Envoy Gateway want exactly two layers.
#include <algorithm>

#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_companion = "runtime-config.json";
constexpr std::string_view k_type = "module.wasm.runtime/type";
constexpr std::string_view k_abi = "module.wasm.runtime/abi_version";
constexpr std::string_view k_abi_export = "proxy_abi_version_";
constexpr std::string_view k_filter = "filter.wasm";

// `proxy_abi_version_0_2_1` → `v0.2.1`
std::vector<std::string> abi_versions(const WasmFacts& facts) {
  std::vector<std::string> out;
  for (const std::string& name : facts.exports) {
    if (!name.starts_with(k_abi_export)) continue;
    std::string version = "v" + name.substr(k_abi_export.size());
    std::ranges::replace(version, '_', '.');
    out.push_back(std::move(version));
  }
  return out;
}

std::string text_of(const JsonView& json, std::string_view name) {
  const auto member = json.find(name);
  return member && member->json().string() != nullptr ? *member->json().string() : std::string();
}

// Both spellings of the list of versions are found in the wild.
Result<Annotations> runtime_annotations(const std::string& config) {
  auto parsed = parse_json(config, JsonLimits{});
  if (!parsed) return std::move(parsed).error().in(std::string(k_companion));
  const JsonView view(*parsed);
  Annotations out;
  if (const std::string type = text_of(view, "type"); !type.empty()) out[std::string(k_type)] = type;
  std::string versions = text_of(view, "abi_version");
  if (const auto list = view.find("abiVersions")) {
    TRY_ASSIGN(const auto all, list->as_strings());
    for (const std::string& each : all) versions += (versions.empty() ? "" : ",") + each;
  }
  if (!versions.empty()) out[std::string(k_abi)] = versions;
  return out;
}

}  // namespace

Result<Written> write_envoy(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  TRY(refuse_component(facts, "envoy", "proxies"));
  const auto companion = package.description.companions.find(std::string(k_companion));
  const std::string config =
      companion != package.description.companions.end()
          ? companion->second
          : write_json(JsonObject{{"type", "envoy_proxy"}, {"abiVersions", Json::strings(abi_versions(facts))}, {"config", JsonObject{}}});
  Draft draft{.format = "envoy", .config = memory_blob(config, media_type::k_module_config)};
  draft.config.descriptor.annotations[std::string(annotation::k_title)] = std::string(k_companion);
  TRY_ASSIGN(draft.annotations, runtime_annotations(config));
  draft.said.title = package.description.title.empty() ? std::string(k_filter) : package.description.title;
  draft.said.companions[std::string(k_companion)] = config;
  draft.layers = {draft.config, wasm_blob(package, media_type::k_module_content, draft.said.title)};
  return finish(package, facts, std::move(draft), options);
}

}  // namespace davit::oci
