// Between container images and wasm files: what an image holds, and an image made of one file.
#pragma once

#include <optional>
#include <string>

#include "cli/artifact.hpp"
#include "cli/context.hpp"
#include "oci/image_source.hpp"

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

struct ImageOptions {
  std::string platform{};  ///< `wasi/wasm`, `wasip1/wasm`, `wasip2/wasm`; empty: what the artifact remembers, else `wasi/wasm`
};

/// An OCI image of one tar layer with the file of a built wasm artifact, restoring what `dev.davit.image` remembers.
/// The same artifact gives the same image. Errors: malformed (that annotation), io
Result<BuiltArtifact> pack_image(Context& context, const BuiltArtifact& wasm, const ImageOptions& options);

}  // namespace davit::cli
