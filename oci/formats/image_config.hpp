// The configuration of a container image (image-spec 1.1, config.md, and Docker's older form) as a description.
#pragma once

#include <string>
#include <vector>

#include "manifests/package.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

struct ImageConfig {
  PackageDescription description{};     ///< without title, path and files
  Platform platform{};                  ///< as it stands there; members may be empty
  std::vector<std::string> diff_ids{};  ///< digests of the plain layers, as text
};

/// Reads and checks the size and digest of a configuration. Errors: limit, malformed, and those of the store
Result<Json> fetch_image_config(Repository& repository, const Descriptor& config);

/// Null members count as absent, as Docker writes them. Errors: malformed, limit
Result<ImageConfig> parse_image_config(const Json& json);

struct ProgramWord {
  std::string text{};     ///< first word of entrypoint and command, or the first that names a wasm file
  bool is_wasm = false;   ///< ends in `.wasm` or `.wat`, perhaps with `#export`
  bool is_first = false;  ///< it is the program itself and no argument of one
};
ProgramWord program_word(const ImageConfig& config);

}  // namespace davit::oci
