// An OCI image of one file: one plain tar layer, so that the same file gives the same bytes whatever compresses.
#include <algorithm>

#include "cli/image_artifact.hpp"
#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/archive.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_default_platform = "wasi/wasm";
constexpr std::string_view k_default_name = "app.wasm";
constexpr unsigned k_program_mode = 0755;
constexpr std::uint64_t k_max_image_layer_bytes = std::uint64_t{8} << 30;

// What the annotation `dev.davit.image` remembers, or what an image without a past gets.
struct ImagePlan {
  std::string path;  ///< clean, without leading slash
  JsonObject config;
};

std::string title_of(const Descriptor& layer) {
  const auto title = layer.annotations.find(std::string(annotation::k_title));
  const auto clean = oci::clean_entry_name(title == layer.annotations.end() ? k_default_name : std::string_view(title->second));
  return clean && !clean->empty() ? clean->substr(clean->find_last_of('/') + 1) : std::string(k_default_name);
}

Result<ImagePlan> recall(const std::string& text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{}));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView path_field, view.field("path"));
  TRY_ASSIGN(const std::string path, path_field.as_string());
  TRY_ASSIGN(const JsonView config, view.field("config"));
  if (config.json().object() == nullptr) return config.complaint("expected an object");
  // The annotation came from a store and says where a file goes, so it is held to the rules for names in archives.
  const auto clean = path.starts_with('/') ? oci::clean_entry_name(std::string_view(path).substr(1)) : std::nullopt;
  if (!clean || clean->empty()) return path_field.complaint("\"" + printable(path) + "\" is not an absolute path");
  return ImagePlan{*clean, *config.json().object()};
}

Result<ImagePlan> make_plan(const Annotations& annotations, const Descriptor& layer, const std::string& platform) {
  const auto memory = annotations.find(std::string(annotation::k_image));
  ImagePlan plan{title_of(layer), {}};
  if (memory != annotations.end()) {
    auto recalled = recall(memory->second);
    if (!recalled) return std::move(recalled).error().during("reading the annotation dev.davit.image");
    plan = *std::move(recalled);
  }
  const bool remembers = plan.config.find("os") != nullptr && plan.config.find("architecture") != nullptr;
  if (!platform.empty() || !remembers) {
    const std::string chosen = platform.empty() ? std::string(k_default_platform) : platform;
    plan.config.set("architecture", chosen.substr(chosen.find('/') + 1));
    plan.config.set("os", chosen.substr(0, chosen.find('/')));
  }
  if (memory == annotations.end()) plan.config.set("config", JsonObject{{"Entrypoint", JsonArray{"/" + plan.path}}, {"WorkingDir", "/"}});
  return plan;
}

struct PackedLayer {
  oci::OwnedFd spool;
  oci::HashedFile hashed;
  std::string path;  ///< opens the spool
};

Result<PackedLayer> pack_layer(const std::string& name, const oci::NewBlob& wasm) {
  PackedLayer out{.spool = {}, .hashed = {.digest = wasm.descriptor.digest, .stamp = {}}, .path = ""};
  TRY_ASSIGN(out.spool, oci::make_spool_file(""));
  const auto sink = oci::make_fd_sink(out.spool.get(), "a temporary file");
  TRY_ASSIGN(const auto writer, oci::make_archive_writer(*sink, oci::Compression::none));
  for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    TRY(writer->add_folder(name.substr(0, slash)));
  }
  TRY_ASSIGN(const auto source, wasm.origin->open());
  TRY(writer->add_file(name, wasm.descriptor.size, *source, k_program_mode));
  TRY(writer->close());
  out.path = "/proc/self/fd/" + std::to_string(out.spool.get());
  TRY_ASSIGN(out.hashed, oci::hash_file(out.path, k_max_image_layer_bytes));
  return out;
}

}  // namespace

Result<BuiltArtifact> pack_image(Context& context, const BuiltArtifact& wasm, const ImageOptions& options) {
  TRY_ASSIGN(const ImageManifest manifest, parse_image_manifest(wasm.artifact.manifest.bytes));
  CHECK(manifest.layers.size() == 1 && wasm.artifact.blobs.size() == 2);
  TRY_ASSIGN(ImagePlan plan, make_plan(manifest.annotations, manifest.layers.front(), options.platform));
  TRY_ASSIGN(PackedLayer layer, pack_layer(plan.path, wasm.artifact.blobs.back()));
  TRY_ASSIGN(const std::string created, created_time(context));
  if (plan.config.find("created") == nullptr) plan.config.set("created", created);
  plan.config.set("rootfs", JsonObject{{"type", "layers"}, {"diff_ids", JsonArray{layer.hashed.digest.text()}}});
  plan.config.set("history", JsonArray{JsonObject{{"created", created}, {"created_by", "davit: /" + plan.path}}});
  const Bytes config = to_bytes(write_json(plan.config));
  const Descriptor config_descriptor = describe(config, media_type::k_oci_config);
  const Descriptor layer_descriptor{
      .media_type = std::string(media_type::k_oci_layer_tar), .digest = layer.hashed.digest, .size = layer.hashed.stamp.size};
  Annotations annotations = manifest.annotations;
  annotations.erase(std::string(annotation::k_image));
  const std::string text = write_image_manifest({.media_type = std::string(media_type::k_oci_manifest),
                                                 .config = config_descriptor,
                                                 .layers = {layer_descriptor},
                                                 .annotations = std::move(annotations)});
  BuiltArtifact out{.artifact = {.manifest = {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_manifest)}},
                    .format = "image",
                    .artifact_type = std::string(media_type::k_oci_config),
                    .size = wasm.size,
                    .spool = std::make_shared<oci::OwnedFd>(std::move(layer.spool))};
  out.artifact.blobs = {{config_descriptor, oci::make_memory_origin(config)},
                        {layer_descriptor, oci::make_file_origin(layer.path, layer.hashed.stamp)}};
  return out;
}

}  // namespace davit::cli
