// A container image as something to read: its configuration and its layers, each as a checked stream. Nothing is
// unpacked; who reads a layer gets bytes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "manifests/descriptor.hpp"
#include "manifests/json.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

/// Real configurations are a few KiB; those with long histories stay under 1 MiB.
inline constexpr std::uint64_t k_max_image_config_bytes = std::uint64_t{4} << 20;
/// Docker's own bound is 127.
inline constexpr std::size_t k_max_image_layers = 512;

class ImageSource {
 public:
  using LayerReader = std::function<Result<void>(Source&)>;
  virtual ~ImageSource() = default;
  [[nodiscard]] virtual const Json& config() const = 0;
  [[nodiscard]] virtual const Annotations& annotations() const = 0;
  [[nodiscard]] virtual std::size_t layer_count() const = 0;
  /// Hands the stored bytes of a layer to `read`, then reads what it left, so that the digest is always checked.
  /// Layers count from the lowest.
  virtual Result<void> read_layer(std::size_t index, const LayerReader& read) = 0;
};

/// An image in a store. The repository must outlive it. Errors: malformed, limit, and those of the store
Result<std::unique_ptr<ImageSource>> open_stored_image(Repository& repository, const RawManifest& manifest);

/// An image in a file of `docker save` (also as skopeo and podman write it).
/// @param name  `name:tag`; may be left out when the file holds one image
/// Errors: io, malformed, not_found (no such name; the hint lists those there are), limit
Result<std::unique_ptr<ImageSource>> open_docker_archive(const std::string& path, const std::optional<std::string>& name);

}  // namespace davit::oci
