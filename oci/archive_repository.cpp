// `oci-archive:`: an image layout in one tar. Reading looks entries up by walking; of an uncompressed tar that
// touches headers only. Writing makes a new tar: the old entries, then the new ones, then index.json.
#include <map>
#include <mutex>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "oci/archive.hpp"
#include "oci/io/file.hpp"
#include "oci/layout.hpp"

namespace davit::oci {
namespace {

std::string blob_name(const Digest& digest) { return "blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex(); }

class ArchiveRepository : public Repository {
 public:
  explicit ArchiveRepository(std::string path) : path_(std::move(path)) {}

  Result<Descriptor> resolve(const std::string& tag_or_digest) override {
    TRY_ASSIGN(const auto manifest, fetch_manifest(tag_or_digest));
    return manifest.descriptor;
  }

  Result<RawManifest> fetch_manifest(const std::string& tag_or_digest) override {
    TRY(load());
    if (index_.entries().empty()) TRY(exists());
    if (tag_or_digest.empty()) {
      TRY_ASSIGN(const auto only, only_manifest(index_));
      return fetch_manifest(only);
    }
    const auto entry = index_.find(tag_or_digest);
    const auto digest = entry ? Result<Digest>(entry->digest) : Digest::parse(tag_or_digest);
    if (!digest) return missing(tag_or_digest);
    TRY_ASSIGN(auto bytes, manifest_bytes(*digest));
    Hasher hasher(digest->algorithm());
    hasher.update(bytes);
    const Digest actual = hasher.finish();
    if (actual != *digest) return fail(ErrorCode::mismatch, "manifest " + digest->text() + " has digest " + actual.text()).in(path_);
    std::string type;
    if (entry) {
      type = entry->media_type;
    } else {
      TRY_ASSIGN(type, manifest_media_type(bytes));
    }
    const std::uint64_t size = bytes.size();
    return RawManifest{.bytes = std::move(bytes), .descriptor = {.media_type = std::move(type), .digest = *digest, .size = size}};
  }

  Result<std::unique_ptr<Source>> open_blob(const Descriptor& blob) override {
    TRY(load());
    if (!sizes_.contains(blob_name(blob.digest))) return missing(blob.digest.text());
    return make_verifying_source(std::make_unique<EntryStream>(path_, blob_name(blob.digest)), blob);
  }

  Result<bool> has_blob(const Descriptor& blob) override {
    TRY(load());
    const std::lock_guard lock(mutex_);
    const auto found = sizes_.find(blob_name(blob.digest));
    return (found != sizes_.end() && found->second == blob.size) || added_.contains(blob_name(blob.digest));
  }

  Result<bool> has_manifest(const Digest& digest) override {
    TRY(load());
    const std::lock_guard lock(mutex_);
    return sizes_.contains(blob_name(digest)) || added_.contains(blob_name(digest));
  }

  Result<bool> put_blob(const Descriptor& blob, BlobOrigin& origin) override {
    TRY_ASSIGN(const bool present, has_blob(blob));
    if (present) return false;
    const std::lock_guard lock(mutex_);  // a tar grows at one end only
    if (added_.contains(blob_name(blob.digest))) return false;
    TRY(begin_writing());
    TRY_ASSIGN(auto source, origin.open());
    if (!origin.verifies()) source = make_verifying_source(std::move(source), blob);
    TRY(writer_->add_file(blob_name(blob.digest), blob.size, *source));
    added_.insert(blob_name(blob.digest));
    return true;
  }

  Result<void> put_manifest(const RawManifest& manifest, const std::optional<std::string>& tag) override {
    auto origin = make_memory_origin(manifest.bytes);
    TRY_ASSIGN(const bool stored,
               put_blob({.media_type = manifest.descriptor.media_type, .digest = manifest.descriptor.digest, .size = manifest.bytes.size()},
                        *origin));
    static_cast<void>(stored);
    const std::lock_guard lock(mutex_);
    TRY(begin_writing());
    new_manifests_.insert_or_assign(manifest.descriptor.digest, manifest.bytes);
    std::vector<Descriptor> children;
    const auto parsed = parse_manifest(manifest.bytes);
    if (parsed && std::holds_alternative<ImageIndex>(*parsed)) children = std::get<ImageIndex>(*parsed).manifests;
    index_.add(listed_descriptor(manifest), tag, children);
    return {};
  }

  Result<std::vector<std::string>> list_tags() override {
    TRY(load());
    TRY(exists());
    return index_.tags();
  }

  Result<void> remove(const std::string& tag_or_digest) override {
    TRY(load());
    TRY(exists());
    const std::lock_guard lock(mutex_);
    const auto digest = Digest::parse(tag_or_digest);
    const bool stored = digest && sizes_.contains(blob_name(*digest));
    if (!index_.remove(tag_or_digest) && !stored) return missing(tag_or_digest);
    if (digest) dropped_.insert(blob_name(*digest));
    return begin_writing();
  }

  Result<std::vector<Descriptor>> list_referrers(const Digest& subject, const std::string& artifact_type) override {
    TRY(load());
    TRY(exists());
    return scan_referrers(*this, index_.entries(), subject, artifact_type);
  }

  Result<void> flush() override {
    const std::lock_guard lock(mutex_);
    if (!writer_) return {};
    TRY(add_text("index.json", index_.write()));
    TRY(add_text("oci-layout", std::string(k_layout_marker)));
    TRY(writer_->close());
    TRY(file_->finish());
    writer_.reset();
    file_.reset();
    loaded_ = false;
    return {};
  }

 private:
  // A tar entry as a stream to pull from. A walk pushes, so the entry goes through a temporary file without a name.
  class EntryStream : public Source {
   public:
    EntryStream(std::string path, std::string name) : path_(std::move(path)), name_(std::move(name)) {}
    Result<std::size_t> read(std::span<std::byte> out) override {
      if (!spool_) TRY(open());
      return spool_->read(out);
    }

   private:
    Result<void> open() {
      TRY_ASSIGN(auto file, make_spool_file(""));
      const int fd = file.get();
      bool found = false;
      const EntryVisitor keep_named = [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
        if (entry.name != name_) return true;
        found = true;
        TRY(spool_from(data, fd));
        return false;
      };
      TRY(walk_archive_file(path_, ArchiveLimits{}, keep_named));
      if (!found) return fail(ErrorCode::not_found, "\"" + name_ + "\" is not in the archive").in(path_);
      TRY(rewind_file(fd));
      spool_ = make_fd_source(std::move(file), path_);
      return {};
    }
    std::string path_;
    std::string name_;
    std::unique_ptr<Source> spool_{};
  };

  [[nodiscard]] Error missing(const std::string& name) const {
    return fail(ErrorCode::not_found, "\"" + printable(name) + "\" is not in the archive \"" + path_ + "\"")
        .hinting("run \"davit tags oci-archive:" + path_ + "\" for what is there");
  }

  Result<void> exists() const {
    if (is_there_ || writer_) return {};
    return fail(ErrorCode::not_found, "there is no archive at \"" + path_ + "\"")
        .hinting("check the path; the first push or copy to it creates one");
  }

  // One walk reads the index and the sizes of everything.
  Result<void> load() {
    const std::lock_guard lock(mutex_);
    if (loaded_) return {};
    sizes_.clear();
    Bytes marker;
    Bytes index;
    auto walked = walk_archive_file(path_, ArchiveLimits{}, [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
      if (entry.type != EntryType::file) return true;
      sizes_[entry.name] = entry.size;
      if (entry.name == "index.json") {
        TRY_ASSIGN(index, read_all(data, k_max_layout_index_bytes));
      } else if (entry.name == "oci-layout") {
        TRY_ASSIGN(marker, read_all(data, 4096));
      }
      return true;
    });
    is_there_ = walked || walked.error().code != ErrorCode::not_found;
    if (!walked && is_there_) return std::move(walked).error();
    loaded_ = true;
    if (!is_there_) return {};
    if (marker.empty() || index.empty()) {
      loaded_ = false;
      return fail(ErrorCode::malformed, "\"" + path_ + "\" is no OCI archive: it has no " + (marker.empty() ? "oci-layout" : "index.json"))
          .hinting("a file of docker save is named by docker-archive:" + path_);
    }
    if (auto good = check_layout_marker(marker); !good) return std::move(good).error().in(path_);
    auto parsed = LayoutIndex::parse(index);
    if (!parsed) return std::move(parsed).error().in("index.json in " + path_);
    index_ = *std::move(parsed);
    return {};
  }

  Result<Bytes> manifest_bytes(const Digest& digest) {
    if (const auto found = new_manifests_.find(digest); found != new_manifests_.end()) return found->second;
    const auto size = sizes_.find(blob_name(digest));
    if (size == sizes_.end()) return missing(digest.text());
    if (size->second > k_max_manifest_bytes) return fail(ErrorCode::limit, "manifest " + digest.text() + " is longer than 4 MiB").in(path_);
    EntryStream stream(path_, blob_name(digest));
    return read_all(stream, k_max_manifest_bytes);
  }

  Result<void> add_text(const std::string& name, const std::string& text) {
    const auto source = make_memory_source(to_bytes(text));
    return writer_->add_file(name, text.size(), *source);
  }

  // Called with the lock held.
  Result<void> begin_writing() {
    if (writer_) return {};
    TRY_ASSIGN(file_, AtomicFile::create(path_));
    TRY_ASSIGN(writer_, make_archive_writer(*file_, Compression::none));
    if (!is_there_) return {};
    return walk_archive_file(path_, ArchiveLimits{}, [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
      const bool is_replaced = entry.name == "index.json" || entry.name == "oci-layout" || dropped_.contains(entry.name);
      if (entry.type == EntryType::file && !is_replaced) TRY(writer_->add_file(entry.name, entry.size, data));
      return true;
    });
  }

  std::string path_;
  std::mutex mutex_{};
  bool loaded_ = false;
  bool is_there_ = false;
  LayoutIndex index_{};
  std::map<std::string, std::uint64_t> sizes_{};
  std::set<std::string> added_{};
  std::set<std::string> dropped_{};
  std::map<Digest, Bytes> new_manifests_{};
  std::unique_ptr<AtomicFile> file_{};
  std::unique_ptr<ArchiveWriter> writer_{};
};

}  // namespace

std::unique_ptr<Repository> open_archive(std::string path) { return std::make_unique<ArchiveRepository>(std::move(path)); }

}  // namespace davit::oci
