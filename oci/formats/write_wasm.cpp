// The CNCF Wasm OCI artifact (TAG Runtime, "Wasm OCI Artifact layout"): one layer with the file as it is, and a config
// that says what it is.
#include "manifests/wasm_config.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {

Result<Written> write_wasm(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  const PackageDescription& wanted = package.description;
  WasmConfig config{.created = wanted.created.empty() ? options.created : wanted.created,
                    .os = facts.is_component ? "wasip2" : "wasip1",
                    .layer_digests = {package.wasm.blob.digest}};
  if (!wanted.author.empty()) config.author = wanted.author;
  if (facts.is_component) config.component = facts.world;
  Draft draft{.format = "wasm", .config = memory_blob(write_wasm_config(config), media_type::k_wasm_config_v0)};
  draft.layers = {wasm_blob(package, media_type::k_wasm, wanted.title)};
  draft.said.title = wanted.title;
  draft.said.created = config.created;
  draft.said.author = wanted.author;
  draft.entry = Platform{.architecture = "wasm", .os = config.os};
  return finish(package, facts, std::move(draft), options);
}

}  // namespace davit::oci
