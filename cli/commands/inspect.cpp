#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/wasm_report.hpp"
#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"

namespace davit::cli {
namespace {

/// What the store holds besides the file itself.
Result<JsonObject> artifact_json(StoredWasm& stored) {
  auto manifest = parse_image_manifest(stored.manifest.bytes);
  if (!manifest) return std::move(manifest).error();
  TRY_ASSIGN(const std::vector<Descriptor> referrers, stored.repository->list_referrers(stored.found.manifest.digest, ""));
  JsonObject out{{"reference", to_text(stored.reference)},
                 {"digest", stored.found.manifest.digest.text()},
                 {"format", stored.found.format},
                 {"mediaType", stored.found.manifest.media_type},
                 {"artifactType", manifest->artifact_type.empty() ? manifest->config.media_type : manifest->artifact_type},
                 {"config", to_json(manifest->config)}};
  JsonArray layers;
  for (const Descriptor& layer : manifest->layers) layers.push_back(to_json(layer));
  out.set("layers", std::move(layers));
  JsonObject annotations;
  for (const auto& [key, value] : manifest->annotations) annotations.set(key, value);
  out.set("annotations", std::move(annotations));
  JsonArray list;
  for (const Descriptor& referrer : referrers) list.push_back(to_json(referrer));
  out.set("referrers", std::move(list));
  return out;
}

std::string artifact_text(const JsonObject& artifact) {
  std::string out;
  for (const char* name : {"reference", "digest", "format", "artifactType"})
    out += std::string(name) + " " + printable(*artifact.find(name)->string()) + "\n";
  for (const Json& layer : *artifact.find("layers")->array()) {
    out += "layer " + *layer.object()->find("digest")->string() + " " + printable(*layer.object()->find("mediaType")->string()) + "\n";
  }
  const JsonArray& referrers = *artifact.find("referrers")->array();
  out += "referrers " + std::to_string(referrers.size()) + "\n";
  for (const Json& referrer : referrers) {
    const Json* type = referrer.object()->find("artifactType");
    out += "  " + *referrer.object()->find("digest")->string() + " " + (type == nullptr ? "" : printable(*type->string())) + "\n";
  }
  return out + "\n";
}

Result<int> report(Context& context, const WasmInput& input, const std::optional<JsonObject>& artifact) {
  const auto depth = context.common.verbose ? wasm::ReadDepth::code : wasm::ReadDepth::structure;
  auto facts = examine_wasm(input.bytes(), depth);
  if (!facts) return std::move(facts).error().in(input.name());
  if (!facts->manifest_problem.empty()) context.warn("the davit.capabilities section cannot be read: " + facts->manifest_problem);
  if (context.common.json) {
    Json json = wasm_facts_json(*facts);
    if (artifact) std::get<JsonObject>(json.value()).set("artifact", *artifact);
    TRY(context.print_json(json));
    return 0;
  }
  TRY(context.print((artifact ? artifact_text(*artifact) : "") + wasm_facts_text(*facts, input.name(), context.common.verbose)));
  return 0;
}

Result<int> run_inspect(Context& context, const std::string& target) {
  TRY_ASSIGN(const std::optional<Reference> reference, store_reference_in(target));
  if (reference) {
    TRY_ASSIGN(StoredWasm stored, fetch_stored_wasm(context, *reference));
    TRY_ASSIGN(JsonObject artifact, artifact_json(stored));
    return report(context, stored.input, std::move(artifact));
  }
  TRY_ASSIGN(const WasmInput input, load_wasm_file(context, target));
  return report(context, input, std::nullopt);
}

}  // namespace

Command make_inspect_command() {
  auto target = std::make_shared<std::string>();
  return {
      .name = "inspect",
      .summary = "show what a wasm file is, needs and contains",
      .description =
          "Kind, imports, exports, sections, features, producers, capabilities and where the bytes go. Function bodies are\n"
          "read only with -v, so that a large file answers at once; features then include those that only instructions use.",
      .arguments = {{"TARGET", "a wasm file, - for standard input, or a store reference", target.get(), true, ValueKind::file}},
      .examples = {{"davit inspect app.wasm", "a summary for people"},
                   {"davit inspect --json app.wasm", "everything, for scripts"},
                   {"davit inspect -v app.wasm", "all names, and the features that the code uses"},
                   {"davit inspect oci:store:1.0", "also format, layers and referrers of the artifact"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [target](Context& context) { return run_inspect(context, *target); },
  };
}

}  // namespace davit::cli
