// Which packaging an artifact has: told by media types, structure and bytes, never by a name.
#pragma once

#include <string>
#include <vector>

#include "manifests/image_manifest.hpp"
#include "manifests/json.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

/// What an artifact was found to be, and why.
struct Detection {
  std::string format{};    ///< a value of `--format`; else what it is: `provider-archive`, `helm-chart`, `helm-plugin`, `gadget`,
                           ///< `container-image`, `sbom`, `signature`, `attestation`, …
  std::string variant{};   ///< tells flavours of a format apart: `docker`, `config-lock`, `tar-labelled`, `policy`; empty: the usual one
  bool holds_wasm = true;  ///< false: recognised, and there is nothing to convert
  std::string refusal{};   ///< for those: one sentence that says what it is
  std::vector<std::string> evidence{};    ///< sentences, the deciding one first
  std::vector<std::string> oddities{};    ///< deviations from the format that were tolerated
  std::vector<Descriptor> wasm_layers{};  ///< layers that are a bare wasm file; empty for file systems
  Json config{};                          ///< the image configuration, where it was read; else null
};

/// Reads the configuration when the manifest does not settle it, or the first bytes of a layer when neither does:
/// one request to a registry at most.
/// Errors: malformed, limit, and those of the store
Result<Detection> detect_format(Repository& repository, const RawManifest& manifest);

/// Which entry of an index is meant: attestations and entries of unknown platform are left out, WebAssembly first,
/// else the only one.
/// Errors: unsupported (several and none for wasm; they are listed), not_found (empty)
Result<Descriptor> choose_entry(const ImageIndex& index);

}  // namespace davit::oci
