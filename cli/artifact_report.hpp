// What a store holds under a reference or a package file is, as JSON and as text for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/image_manifest.hpp"
#include "manifests/json.hpp"
#include "oci/formats/package.hpp"

namespace davit::cli {

/// An index on the way from the reference to the manifest.
struct IndexReport {
  Descriptor descriptor;
  ImageIndex index;
  std::optional<Digest> chosen{};  ///< the entry that was taken
};

struct ArtifactReport {
  std::string reference{};                     ///< of a store, or the path of a file
  std::optional<oci::RawManifest> manifest{};  ///< absent for files, and when no entry of an index could be taken
  std::optional<oci::Detection> detection{};
  std::optional<oci::Package> package{};  ///< absent when there is no wasm file in it
  std::vector<IndexReport> indexes{};     ///< outermost first
  std::vector<Descriptor> referrers{};
};

/// Errors: malformed
Result<JsonObject> artifact_json(const ArtifactReport& report);
std::string artifact_text(const ArtifactReport& report, bool verbose);

}  // namespace davit::cli
