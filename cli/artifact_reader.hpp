// From a manifest in a store to the wasm file in it, whichever tool packed it.
#pragma once

#include <string>

#include "manifests/image_manifest.hpp"
#include "manifests/reference.hpp"
#include "oci/repository.hpp"

namespace davit::cli {

struct FoundWasm {
  Descriptor manifest;
  Descriptor layer;
  std::string format;  ///< as oci::Detection calls it
};

/// Finds the layer that is a raw wasm file: by what the packaging is, else by its first bytes.
/// Errors: unsupported (a container image, something that holds no wasm, several wasm layers), not_found, limit
Result<FoundWasm> find_wasm(oci::Repository& repository, const oci::RawManifest& manifest);

/// Opens the layer and checks that it begins like wasm.
/// Errors: malformed (it does not), and those of the store
Result<std::unique_ptr<oci::Source>> open_wasm(oci::Repository& repository, const FoundWasm& found);

/// A file name for what came from a store: the last part of its title, ending in `.wasm`; else made of the
/// repository's name. Never a path, never hidden.
std::string safe_file_name(const Descriptor& layer, const std::string& repository_name);

/// What a file is named after that has no title: the repository, or the path of a local store.
std::string repository_name(const Reference& reference);

}  // namespace davit::cli
