#include "oci/image_source.hpp"

#include "manifests/image_manifest.hpp"
#include "oci/formats/image_config.hpp"

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
    return drain(*source);
  }

 private:
  Repository& repository_;
  ImageManifest manifest_;
  Json config_;
};

}  // namespace

Result<std::unique_ptr<ImageSource>> open_stored_image(Repository& repository, const RawManifest& raw) {
  TRY_ASSIGN(ImageManifest manifest, parse_image_manifest(raw.bytes));
  if (manifest.layers.size() > k_max_image_layers) {
    return fail(ErrorCode::limit, "an image with " + std::to_string(manifest.layers.size()) + " layers is over the limit of " +
                                      std::to_string(k_max_image_layers));
  }
  TRY_ASSIGN(Json config, fetch_image_config(repository, manifest.config));
  return std::unique_ptr<ImageSource>(std::make_unique<StoredImage>(repository, std::move(manifest), std::move(config)));
}

}  // namespace davit::oci
