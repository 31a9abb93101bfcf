#include "cli/optimize/provenance.hpp"

#include <filesystem>

#include "cli/optimize/binaryen.hpp"
#include "cli/version.hpp"
#include "manifests/digest.hpp"

namespace davit::cli {
namespace {

Json resource(const std::string& path, ByteView content) {
  const std::string name = path == "-" ? "" : std::filesystem::path(path).filename().string();
  JsonObject out;
  if (!name.empty()) out.set("name", name);
  out.set("digest", JsonObject{{"sha256", digest_of(content).hex()}});
  return out;
}

JsonArray modules_json(const std::vector<NestedModule>& modules) {
  JsonArray out;
  for (const NestedModule& module : modules) {
    out.emplace_back(JsonObject{{"index", std::uint64_t{module.index}},
                                {"name", module.name},
                                {"sizeBefore", module.size_before},
                                {"sizeAfter", module.size_after},
                                {"optimized", module.optimized}});
  }
  return out;
}

}  // namespace

Json optimize_provenance(const OptimizeRequest& request, const std::vector<std::string>& strip, const Optimized& optimized, ByteView input,
                         const ProvenanceNames& names) {
  const OptimizeLevels levels = levels_of(request.level);
  JsonObject internal{{"optimized", optimized.optimized},
                      {"optimizer", optimized.optimizer},
                      {"passes", levels.optimize == 0 ? "none" : "Binaryen's default pipeline"},
                      {"optimizeLevel", levels.optimize},
                      {"shrinkLevel", levels.shrink}};
  if (!optimized.reason.empty()) internal.set("reason", optimized.reason);
  if (optimized.is_component) {
    internal.set("modules", modules_json(optimized.modules));
    internal.set("importsDropped", Json::strings(optimized.imports_dropped));
  }
  const JsonObject definition{
      {"buildType", k_optimize_build_type},
      {"externalParameters",
       JsonObject{{"level", "O" + request.level}, {"strip", Json::strings(strip)}, {"keepImports", request.keep_imports}}},
      {"internalParameters", internal},
      {"resolvedDependencies", JsonArray{resource(names.input, input)}}};
  const JsonObject details{
      {"builder", JsonObject{{"id", "urn:davit"}, {"version", JsonObject{{"davit", k_version}, {"binaryen", k_binaryen_version}}}}},
      {"byproducts", JsonArray{resource(names.output, optimized.bytes())}}};
  return JsonObject{{"buildDefinition", definition}, {"runDetails", details}};
}

}  // namespace davit::cli
