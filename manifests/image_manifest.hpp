// OCI image manifest and image index (image-spec 1.1, manifest.md and image-index.md), and Docker's twins of them.
// Reading keeps to what a consumer must rely on; the bytes received stay the ones that are hashed and stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "manifests/descriptor.hpp"
#include "manifests/result.hpp"

namespace davit {

/// Layers or entries of one document; real ones have less than 130.
inline constexpr std::size_t k_max_manifest_entries = 4096;

struct ImageManifest {
  std::string media_type{};  ///< empty when the document does not say
  std::string artifact_type{};
  Descriptor config;
  std::vector<Descriptor> layers{};
  std::optional<Descriptor> subject{};
  Annotations annotations{};
  friend bool operator==(const ImageManifest&, const ImageManifest&) = default;
};

struct ImageIndex {
  std::string media_type{};
  std::string artifact_type{};
  std::vector<Descriptor> manifests{};
  std::optional<Descriptor> subject{};
  Annotations annotations{};
  friend bool operator==(const ImageIndex&, const ImageIndex&) = default;
};

using Manifest = std::variant<ImageManifest, ImageIndex>;

/// Parses either kind; the shape decides (`manifests`, or `config` with `layers`), never a name.
/// Errors: malformed (a required member is absent, or members of both kinds), limit, unsupported (schema version 1)
Result<Manifest> parse_manifest(ByteView bytes);
/// Errors: those of parse_manifest, and unsupported when the document is the other kind
Result<ImageManifest> parse_image_manifest(ByteView bytes);
Result<ImageIndex> parse_image_index(ByteView bytes);
/// Reads the withdrawn artifact manifest of OCI, whose `blobs` stand here as layers under an empty configuration that
/// no store holds. Errors: malformed, limit
Result<ImageManifest> parse_artifact_manifest(ByteView bytes);
/// True for a document that calls itself one.
bool is_artifact_manifest(ByteView bytes);

/// Compact and in the order of the specification: same value, same bytes.
std::string write_image_manifest(const ImageManifest& manifest);
std::string write_image_index(const ImageIndex& index);

/// Media type to send and store with the bytes: the document's own, else by its shape.
Result<std::string> manifest_media_type(ByteView bytes);

/// True for media types of manifests and indexes, OCI and Docker.
bool is_manifest_type(std::string_view media_type);
bool is_index_type(std::string_view media_type);

std::optional<Descriptor> subject_of(const Manifest& manifest);
const Annotations& annotations_of(const Manifest& manifest);
/// The type by which referrers are filtered: `artifactType`, else the config's media type (distribution-spec 1.1).
std::string artifact_type_of(const Manifest& manifest);

}  // namespace davit
