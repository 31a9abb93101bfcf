// Small things into a repository: blobs and manifests that are already in memory.
#pragma once

#include <string_view>

#include "manifests/json.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

/// Stores bytes as a blob. @return its descriptor
Result<Descriptor> put_bytes(Repository& repository, Bytes bytes, std::string_view media_type);

/// The config of manifests that have none: `{}`.
Result<Descriptor> put_empty_config(Repository& repository);

/// A manifest as bytes with the descriptor of those bytes.
RawManifest make_raw_manifest(const Json& manifest);

/// What refers to an artifact names it by these three members only.
Descriptor bare(const Descriptor& subject);

}  // namespace davit::oci
