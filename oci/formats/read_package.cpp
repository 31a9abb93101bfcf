// From a manifest to packages: detection chooses the reader.
#include <algorithm>

#include "manifests/media_type.hpp"
#include "oci/formats/media_types.hpp"
#include "oci/formats/readers.hpp"

namespace davit::oci {
namespace {

Error refusal_of(const Detection& detection) { return fail(ErrorCode::unsupported, detection.refusal); }

Result<std::vector<Package>> read_image_layers(ImageSource& image, const Detection& detection, const ReadOptions& options, bool all) {
  TRY_ASSIGN(ImageConfig config, parse_image_config(image.config()));
  // An entrypoint alone does not make the other files of a container image data of the program.
  const bool for_wasm = detection.format == "compat" || is_wasm_platform(config.platform);
  TreeJob job{.format = detection.format,
              .variant = detection.variant,
              .config = std::move(config),
              .annotations = image.annotations(),
              .for_wasm = for_wasm,
              .preferred = {"plugin.wasm"},
              .options = options,
              .all = all};
  // Says what the format says by itself; who writes one puts it there again.
  if (detection.format == "compat") job.annotations.erase(std::string(annotation::k_image_variant));
  return read_tree(stack_of(image), job);
}

Result<std::vector<Package>> read_any(Repository& repository, const RawManifest& raw, const Detection& detection,
                                      const ReadOptions& options, bool all) {
  const std::string& format = detection.format;
  if (!detection.holds_wasm && format != "container-image") return refusal_of(detection);
  TRY_ASSIGN(ImageManifest manifest, parse_packaging(raw));
  const bool is_image = format == "image" || format == "compat" || format == "container-image";
  if (is_image) {
    TRY_ASSIGN(const auto image, open_stored_image(repository, raw));
    return read_image_layers(*image, detection, options, all);
  }
  const ReadJob job{
      .repository = repository, .raw = raw, .manifest = std::move(manifest), .detection = detection, .options = options, .all = all};
  if (format == "spin") return read_spin(job);
  const bool is_archive =
      format == "helm-plugin" || format == "opa-bundle" || detection.variant == "archive" || detection.variant == "higress";
  return is_archive ? read_archive_layers(job) : read_bare(job);
}

}  // namespace

Result<Package> read_detected(Repository& repository, const RawManifest& manifest, const Detection& detection, const ReadOptions& options) {
  TRY_ASSIGN(auto packages, read_any(repository, manifest, detection, options, false));
  CHECK(packages.size() == 1);
  return std::move(packages.front());
}

Result<Package> read_package(Repository& repository, const RawManifest& manifest, const ReadOptions& options) {
  TRY_ASSIGN(const Detection detection, detect_format(repository, manifest));
  return read_detected(repository, manifest, detection, options);
}

Result<std::vector<Package>> read_all_packages(Repository& repository, const RawManifest& manifest, const ReadOptions& options) {
  TRY_ASSIGN(const Detection detection, detect_format(repository, manifest));
  return read_any(repository, manifest, detection, options, true);
}

Result<Package> read_image_package(ImageSource& image, const ReadOptions& options) {
  TRY_ASSIGN(const Detection detection, detect_image(image));
  TRY_ASSIGN(auto packages, read_image_layers(image, detection, options, false));
  CHECK(packages.size() == 1);
  return std::move(packages.front());
}

Result<std::vector<Package>> read_all_image_packages(ImageSource& image, const ReadOptions& options) {
  TRY_ASSIGN(const Detection detection, detect_image(image));
  return read_image_layers(image, detection, options, true);
}

Result<std::vector<Package>> read_archive_layers(const ReadJob& job) {
  std::vector<Descriptor> layers;
  const bool plugin = job.detection.format == "helm-plugin";
  for (const Descriptor& layer : job.manifest.layers) {
    const TypeRole role = role_of(layer.media_type);
    const bool is_other =
        role == TypeRole::higress_document || layer.media_type.ends_with("prov") || layer.media_type.ends_with("provenance");
    if (!is_other) layers.push_back(layer);
  }
  if (layers.size() > k_max_image_layers) return fail(ErrorCode::limit, std::to_string(layers.size()) + " layers are too many");
  const LayerStack stack{.count = layers.size(),
                         .walk = [&](std::size_t i, const ArchiveLimits& limits, const EntryVisitor& visit) -> Result<void> {
                           TRY_ASSIGN(const auto source, job.repository.open_blob(layers[i]));
                           TRY(walk_archive(*source, limits, visit));
                           return drain(*source);
                         }};
  return read_tree(stack, {.format = job.detection.format,
                           .variant = job.detection.variant,
                           .annotations = job.manifest.annotations,
                           .for_wasm = true,
                           .is_package = plugin || job.detection.format == "opa-bundle",
                           .preferred = {"plugin.wasm", "policy.wasm"},
                           .options = job.options,
                           .all = job.all});
}

}  // namespace davit::oci
