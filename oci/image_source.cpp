#include "oci/image_source.hpp"

#include <algorithm>

#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"

namespace davit::oci {
namespace {

class StoredImage : public ImageSource {
 public:
  StoredImage(Repository& repository, ImageManifest manifest, Json config)
      : repository_(repository), manifest_(std::move(manifest)), config_(std::move(config)) {}
  [[nodiscard]] const Json& config() const override { return config_; }
  [[nodiscard]] const Annotations& annotations() const override { return manifest_.annotations; }
  [[nodiscard]] std::size_t layer_count() const override { return manifest_.layers.size(); }
  Result<void> read_layer(std::size_t index, const LayerReader& read) override {
    const Descriptor& layer = manifest_.layers.at(index);
    TRY_ASSIGN(const auto source, repository_.open_blob(layer));
    if (auto done = read(*source); !done) return std::move(done).error().during("reading layer " + layer.digest.text());
    Bytes rest(k_copy_buffer_bytes);
    for (;;) {
      TRY_ASSIGN(const std::size_t count, source->read(rest));
      if (count == 0) return {};
    }
  }

 private:
  Repository& repository_;
  ImageManifest manifest_;
  Json config_;
};

bool is_tar(const Descriptor& layer) { return layer.media_type.find(".tar") != std::string::npos; }

}  // namespace

Result<bool> is_container_image(const RawManifest& manifest) {
  TRY_ASSIGN(const ImageManifest image, parse_image_manifest(manifest.bytes));
  const bool has_config = image.config.media_type == media_type::k_oci_config || image.config.media_type == media_type::k_docker_config;
  return has_config && !image.layers.empty() && std::ranges::all_of(image.layers, is_tar);
}

Result<std::unique_ptr<ImageSource>> open_stored_image(Repository& repository, const RawManifest& raw) {
  TRY_ASSIGN(ImageManifest manifest, parse_image_manifest(raw.bytes));
  if (manifest.layers.size() > k_max_image_layers) {
    return fail(ErrorCode::limit, "an image with " + std::to_string(manifest.layers.size()) + " layers is over the limit of " +
                                      std::to_string(k_max_image_layers));
  }
  if (manifest.config.size > k_max_image_config_bytes) {
    return fail(ErrorCode::limit, "an image configuration of " + std::to_string(manifest.config.size) + " bytes is over the limit of " +
                                      std::to_string(k_max_image_config_bytes));
  }
  TRY_ASSIGN(const auto source, repository.open_blob(manifest.config));
  TRY_ASSIGN(const Bytes bytes, read_all(*source, k_max_image_config_bytes));
  auto config = parse_json(as_text(bytes), JsonLimits{});
  if (!config) return std::move(config).error().in("the image configuration");
  return std::unique_ptr<ImageSource>(std::make_unique<StoredImage>(repository, std::move(manifest), *std::move(config)));
}

}  // namespace davit::oci
