// Which packaging an artifact has: told by media types, structure and bytes, never by a name.
#pragma once

#include <string>
#include <vector>

#include "manifests/image_manifest.hpp"
#include "manifests/json.hpp"
#include "oci/image_source.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

/// What an artifact was found to be, and why.
struct Detection {
  std::string
      format{};  ///< a value of `--format`; else what it is: `provider-archive`, `helm-chart`, `helm-plugin`, `opa-bundle`,
                 ///< `gadget`, `container-image`, `signature`, `attestation`, `sbom`, `capabilities`, `data-files`, `encrypted`, `other`
  std::string variant{};   ///< tells flavours of a format apart: `config-lock`, `superseded`, `higress`, …; empty: the usual one
  bool holds_wasm = true;  ///< false: recognised, and nothing in it is made to run as wasm
  std::string refusal{};   ///< for those: one sentence that says what it is
  std::vector<std::string> evidence{};    ///< sentences, the deciding one first
  std::vector<std::string> oddities{};    ///< deviations from the format that were tolerated
  std::vector<Descriptor> wasm_layers{};  ///< layers that are a bare wasm file; empty for archives and file systems
  Json config{};                          ///< the image configuration, where it was read; else null
};

/// Tells the packaging of a manifest. Reads the configuration when the manifest does not settle it, or the first bytes
/// of one layer when neither does: one request to a registry at most. What only unpacking shows (a module inside a Helm
/// plugin, an OPA bundle, an image that was not made for wasm) is left to reading; `container-image` says
/// `holds_wasm = false` because nothing in it asks to be run as wasm.
/// Errors: malformed, limit, and those of the store
Result<Detection> detect_format(Repository& repository, const RawManifest& manifest);

/// The same for a container image whose configuration is at hand. Errors: malformed, limit
Result<Detection> detect_image(const ImageSource& image);

/// The manifest as layers and a configuration, also of the withdrawn artifact manifest. Errors: malformed, limit,
/// unsupported (an index)
Result<ImageManifest> parse_packaging(const RawManifest& manifest);

/// True for a document with the shape of an index.
bool is_index(const RawManifest& manifest);

/// `wasm`, `wasm32`, `wasm64` on any system, and everything on `wasi…`, in any case.
bool is_wasm_platform(const Platform& platform);

/// Which entry of an index is meant: attestations and entries of unknown platform are left out, WebAssembly first,
/// else the only one.
/// Errors: unsupported (several and none for wasm; they are listed), not_found (none of a program)
Result<Descriptor> choose_entry(const ImageIndex& index);

}  // namespace davit::oci
