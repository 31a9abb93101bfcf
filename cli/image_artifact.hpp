// Between container images and wasm files: what an image holds.
#pragma once

#include <optional>
#include <string>

#include "cli/context.hpp"
#include "oci/image_source.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {

/// A wasm file taken out of an image, in a temporary file without a name.
struct ExtractedWasm {
  oci::OwnedFd spool;
  std::string path;    ///< in the image, without leading slash
  std::string memory;  ///< value for the annotation `dev.davit.image`
};

/// Finds the wasm file of an image: the one that its entrypoint or command names, else the only one.
/// @param path  chooses it by name; empty: found
/// Errors: unsupported (none, with what was found instead; several, listed), not_found (no such path), malformed, limit
Result<ExtractedWasm> extract_wasm(oci::ImageSource& image, const std::string& path);

}  // namespace davit::cli
