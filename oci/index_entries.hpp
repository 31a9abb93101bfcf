// Images that are in stores already, put side by side under one index: entries of the sources with their platforms, in
// an order that depends on them alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/image_manifest.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

/// What a source puts into an index: its own entries when it is an index (indexes inside it are opened), else itself with
/// the platform that its configuration names.
/// @param platform  over what the configuration says; only for a source that is one image
/// Errors: usage (a platform for an index of several images), unsupported (no platform is known), limit, malformed, and those
/// of the store
Result<std::vector<Descriptor>> collect_entries(Repository& repository, const std::string& selector,
                                                const std::optional<Platform>& platform);

/// An entry with the word that named its source, for messages.
struct SourcedEntry {
  Descriptor entry;
  std::string source;
};

/// True for a note about another entry (`vnd.docker.reference.type`), or one of unknown platform.
bool is_attestation_entry(const Descriptor& entry);

/// Native images by platform, then WebAssembly, then what has no platform, then attestations in the order of the images they
/// speak of. The same entry twice is one.
/// Errors: conflict (two images for one platform), limit
Result<std::vector<Descriptor>> merge_entries(const std::vector<SourcedEntry>& entries);

/// The document, ready to be stored.
RawManifest make_index(std::vector<Descriptor> entries, Annotations annotations);

}  // namespace davit::oci
