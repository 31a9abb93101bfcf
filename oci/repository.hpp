// The port to one repository: a name under which manifests, blobs and tags live together. Implemented by
// Layout (disk), Archive (tar), Registry (HTTP) and MemoryRepository (tests and assembly of new artifacts).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/descriptor.hpp"
#include "manifests/result.hpp"
#include "oci/io/stream.hpp"

namespace davit::oci {

/// Manifests over this are refused before they are read (distribution-spec 1.1: registries should accept 4 MiB).
inline constexpr std::uint64_t k_max_manifest_bytes = std::uint64_t{4} << 20;

/// A manifest or index exactly as it was received or will be sent, with the descriptor of those bytes.
struct RawManifest {
  Bytes bytes;
  Descriptor descriptor;
};

/// What a store lists as referrers of one manifest.
struct AllReferrers {
  std::vector<Descriptor> manifests;
  std::optional<Error> missed{};  ///< why one of the places could not be asked; the list is that of the others
};

/// An upload that began before the digest of its bytes was known. Destroyed before it was completed, it is given up.
class EarlyUpload {
 public:
  virtual ~EarlyUpload() = default;
  /// Stores the bytes under their digest, unless the store has them: then what was sent is thrown away.
  /// @param on_bytes  told how many more bytes went out; may be empty
  /// @return true when the blob is new. On an error nothing is stored, and `put_blob` may be tried.
  virtual Result<bool> complete(const Descriptor& blob, const std::function<void(std::uint64_t)>& on_bytes) = 0;
};

class Repository {
 public:
  virtual ~Repository() = default;

  /// Finds what a tag or a `sha256:…` text names. Errors: not_found, denied, network, registry, io
  virtual Result<Descriptor> resolve(const std::string& tag_or_digest) = 0;
  /// Fetches a manifest; the bytes are checked against the digest when one was given or announced.
  virtual Result<RawManifest> fetch_manifest(const std::string& tag_or_digest) = 0;
  /// Opens a blob. The stream is verifying: it ends well only if size and digest are those of the descriptor.
  virtual Result<std::unique_ptr<Source>> open_blob(const Descriptor& blob) = 0;
  virtual Result<bool> has_blob(const Descriptor& blob) = 0;
  virtual Result<bool> has_manifest(const Digest& digest) = 0;
  /// Stores a blob unless it is there already; returns true when bytes were sent.
  virtual Result<bool> put_blob(const Descriptor& blob, BlobOrigin& origin) = 0;
  /// Begins to send bytes whose digest is still being computed; null when the store gains nothing by it.
  virtual std::unique_ptr<EarlyUpload> begin_blob(const std::shared_ptr<BlobOrigin>& origin, std::uint64_t size) {
    static_cast<void>(origin);
    static_cast<void>(size);
    return nullptr;
  }
  /// Stores a manifest under its digest and, when given, under a tag. Its children must be there already.
  virtual Result<void> put_manifest(const RawManifest& manifest, const std::optional<std::string>& tag) = 0;
  virtual Result<std::vector<std::string>> list_tags() = 0;
  /// Removes a tag, or a manifest by digest. Errors: not_found, unsupported (the store cannot delete)
  virtual Result<void> remove(const std::string& tag_or_digest) = 0;
  /// Manifests whose `subject` is this digest: referrers API, else the fallback tag (distribution-spec 1.1
  /// "Listing Referrers"). An empty list means that the store was asked and holds none.
  /// @param artifact_type  keeps only this type when not empty
  virtual Result<std::vector<Descriptor>> list_referrers(const Digest& subject, const std::string& artifact_type) = 0;
  /// Referrers of every type, from wherever they may be listed: a registry that was given the API later may still have
  /// some only under the fallback tag. Errors: those of list_referrers
  /// @param at_once  asks both at the same time
  virtual Result<AllReferrers> list_all_referrers(const Digest& subject, bool at_once) {
    static_cast<void>(at_once);
    TRY_ASSIGN(auto manifests, list_referrers(subject, ""));
    return AllReferrers{.manifests = std::move(manifests)};
  }
  /// On this machine: it answers almost as soon as another thread begins, so that few questions at a time are quickest.
  [[nodiscard]] virtual bool is_near() const { return false; }
  /// Publishes what was stored. Call it once after the last write: an archive appears under its name only here.
  virtual Result<void> flush() { return {}; }
};

/// Repository in memory.
std::unique_ptr<Repository> make_memory_repository();

}  // namespace davit::oci
