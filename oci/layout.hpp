// OCI image layout folder (image-spec 1.1, image-layout.md) as a Repository.
//
//   oci-layout       {"imageLayoutVersion":"1.0.0"}
//   index.json       the tags (annotation org.opencontainers.image.ref.name) and the untagged manifests
//   blobs/ALG/HEX    every blob and manifest under its digest
//
// Blobs appear by rename, the index is replaced by rename while the folder is locked with flock, so parallel
// writers lose nothing and a reader never sees half of anything. Unknown members of index.json are kept.
#pragma once

#include <memory>
#include <string>

#include "oci/repository.hpp"

namespace davit::oci {

/// Index files over this are refused; an entry is about 200 bytes.
inline constexpr std::uint64_t k_max_layout_index_bytes = std::uint64_t{16} << 20;
/// Manifests looked at for their `subject`.
inline constexpr std::size_t k_max_layout_manifests = 20000;

/// Opens a layout; the folder need not exist and is created by the first write. An empty name asks for the only
/// manifest (see only_manifest).
std::unique_ptr<Repository> open_layout(std::string path);

/// Builds the members of a layout index; shared with the archive writer.
class LayoutIndex {
 public:
  /// Errors: malformed, limit
  static Result<LayoutIndex> parse(ByteView bytes);
  LayoutIndex() = default;
  [[nodiscard]] std::string write() const;
  /// The entry a tag or digest text names.
  [[nodiscard]] std::optional<Descriptor> find(const std::string& tag_or_digest) const;
  [[nodiscard]] const std::vector<Descriptor>& entries() const { return entries_; }
  [[nodiscard]] std::vector<std::string> tags() const;
  /// Lists a manifest, moves the tag to it, and stops listing untagged entries that `children` names.
  void add(const Descriptor& manifest, const std::optional<std::string>& tag, const std::vector<Descriptor>& children);
  /// False when nothing had that name. A removed tag leaves its manifest listed.
  bool remove(const std::string& tag_or_digest);

 private:
  std::vector<Descriptor> entries_{};
  JsonObject others_{};  ///< members besides `manifests`, as they were read
};

/// Text of the `oci-layout` file.
inline constexpr std::string_view k_layout_marker = R"({"imageLayoutVersion":"1.0.0"})";
/// Errors: malformed, unsupported (another version)
Result<void> check_layout_marker(ByteView bytes);

/// What an index entry says about a manifest: its descriptor with artifact type and platform, without annotations.
Descriptor listed_descriptor(const RawManifest& manifest);

/// The manifest to take when a reference names none: the only one, or the only tagged one.
/// Errors: not_found (empty, or several; the hint lists the tags)
Result<std::string> only_manifest(const LayoutIndex& index);

/// Those of `entries` whose manifests name `subject`, read through `fetch`; also the entries of the fallback tag.
Result<std::vector<Descriptor>> scan_referrers(Repository& repository, const std::vector<Descriptor>& entries, const Digest& subject,
                                               const std::string& artifact_type);

}  // namespace davit::oci
