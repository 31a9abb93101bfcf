// The "wasm OCI image" of containerd's runwasi: an image configuration for wasm over bare layers. Shims take the layer
// by its media type when the architecture is `wasm`; `diff_ids` is empty on purpose, since no layer is a file system.
#include "oci/formats/image_document.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_layers_label = "containerd.runwasi.layers";

bool is_for_wasm(const std::optional<Platform>& platform) { return platform && platform->architecture.starts_with("wasm"); }

}  // namespace

Result<Written> write_runwasi(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  Draft draft{.format = "runwasi", .config = empty_blob(media_type::k_oci_config)};
  PackageDescription& said = draft.said;
  said = package.description;
  const std::string title = title_or_default(package);
  said.title = title;
  said.path.clear();
  said.files.clear();
  said.companions.clear();
  if (!options.platform.empty()) {
    TRY_ASSIGN(said.platform, parse_platform(options.platform));
  } else if (!is_for_wasm(said.platform)) {
    said.platform = Platform{.architecture = "wasm", .os = "wasip1"};
  }
  if (!said.entrypoint && !said.command) said.entrypoint = {title};
  if (said.created.empty()) said.created = options.created;
  // History speaks of layers that are file systems, and there are none.
  said.history = {};
  // The label is how containerd tells images apart whose configurations would else be equal.
  said.labels[std::string(k_layers_label)] = davit::digest_of(std::string_view(package.wasm.blob.digest.hex())).hex();
  draft.config = memory_blob(write_json(image_document(said, {})), media_type::k_oci_config);
  draft.layers = {wasm_blob(package, media_type::k_runwasi_layer, title)};
  draft.entry = said.platform;
  return finish(package, facts, std::move(draft), options);
}

}  // namespace davit::oci
