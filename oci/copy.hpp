// Moves artifacts between repositories byte for byte. Children go before the manifests that name them and the root
// goes last, so that a reader of the target never meets a manifest whose parts are missing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "manifests/image_manifest.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

/// Told what happens to each blob and manifest; called from several threads, one call at a time.
struct TransferEvents {
  std::function<void(const Descriptor&)> on_start{};
  std::function<void(const Descriptor&)> on_skip{};
  std::function<void(const Descriptor&, std::uint64_t more_bytes)> on_bytes{};
  std::function<void(const Descriptor&)> on_done{};
};

struct CopyLimits {
  std::size_t depth = 16;  ///< index in index in index, or referrer of referrer
  std::size_t manifests = 10'000;
  std::size_t blobs = 100'000;
};

struct TransferOptions {
  std::uint64_t concurrency = 3;
  TransferEvents events{};
  bool recursive = false;     ///< referrers too, and theirs
  bool is_new_name = false;   ///< of `publish`: the target was asked, and its tag names nothing yet
  std::string source_name{};  ///< `HOST/REPOSITORY` of a registry source, for mounting
  CopyLimits limits{};
};

/// Copies what `selector` names in `source`, and tags it in `target` when a tag is given.
/// Errors: not_found, limit (deeper or more than the limits), mismatch, and those of both stores
Result<Descriptor> copy_graph(Repository& source, Repository& target, const std::string& selector, const std::optional<std::string>& tag,
                              const TransferOptions& options);

/// A blob of a new artifact with where its bytes come from.
struct NewBlob {
  Descriptor descriptor;
  std::shared_ptr<BlobOrigin> origin;    ///< shared by the artifact's copies
  std::shared_ptr<EarlyUpload> early{};  ///< already on its way to the one store that the artifact is for; may be null
};

/// A manifest that is complete but not stored yet.
struct NewArtifact {
  RawManifest manifest;
  std::vector<NewBlob> blobs{};
};

/// Stores a new artifact: blobs, manifest, tag. Asks first whether the tag already names it, and then sends nothing.
/// @return true when anything was sent
Result<bool> publish(Repository& target, const NewArtifact& artifact, const std::optional<std::string>& tag,
                     const TransferOptions& options);

/// Fetches a manifest and goes through indexes to the image manifest for WebAssembly.
Result<RawManifest> fetch_wasm_manifest(Repository& repository, const std::string& selector);

}  // namespace davit::oci
