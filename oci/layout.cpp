#include "oci/layout.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

// Holds the folder's lock from construction to destruction. The kernel drops it with the process.
Result<OwnedFd> lock_folder(const std::string& path) {
  OwnedFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return file_error("lock", path, errno);
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return file_error("lock", path, errno);
  }
  return fd;
}

class Layout : public Repository {
 public:
  explicit Layout(std::string path) : path_(std::move(path)) {}

  Result<Descriptor> resolve(const std::string& tag_or_digest) override {
    TRY_ASSIGN(const auto manifest, fetch_manifest(tag_or_digest));
    return manifest.descriptor;
  }

  Result<RawManifest> fetch_manifest(const std::string& tag_or_digest) override {
    TRY_ASSIGN(const auto index, read_index());
    if (tag_or_digest.empty()) {
      TRY_ASSIGN(const auto only, only_manifest(index));
      return fetch_manifest(only);
    }
    auto entry = index.find(tag_or_digest);
    const auto digest = entry ? Result<Digest>(entry->digest) : Digest::parse(tag_or_digest);
    if (!digest) return missing(tag_or_digest);
    auto bytes = read_file(blob_path(*digest), k_max_manifest_bytes);
    if (!bytes && bytes.error().code == ErrorCode::not_found) return missing(tag_or_digest);
    if (!bytes) return std::move(bytes).error();
    Hasher hasher(digest->algorithm());
    hasher.update(*bytes);
    const Digest actual = hasher.finish();
    if (actual != *digest) {
      return fail(ErrorCode::mismatch, "manifest " + digest->text() + " has digest " + actual.text()).in(blob_path(*digest));
    }
    std::string media_type;
    if (entry) {
      media_type = entry->media_type;
    } else {
      TRY_ASSIGN(media_type, manifest_media_type(*bytes));
    }
    Descriptor descriptor{.media_type = std::move(media_type), .digest = *digest, .size = bytes->size()};
    return RawManifest{.bytes = *std::move(bytes), .descriptor = std::move(descriptor)};
  }

  Result<std::unique_ptr<Source>> open_blob(const Descriptor& blob) override {
    OwnedFd fd(::open(blob_path(blob.digest).c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0 && errno == ENOENT) return missing(blob.digest.text());
    if (fd.get() < 0) return file_error("read", blob_path(blob.digest), errno);
    return make_verifying_source(make_fd_source(std::move(fd), blob_path(blob.digest)), blob);
  }

  Result<bool> has_blob(const Descriptor& blob) override {
    struct stat info {};
    if (::stat(blob_path(blob.digest).c_str(), &info) != 0) return false;
    return S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == blob.size;
  }

  Result<bool> has_manifest(const Digest& digest) override {
    struct stat info {};
    return ::stat(blob_path(digest).c_str(), &info) == 0 && S_ISREG(info.st_mode);
  }

  Result<bool> put_blob(const Descriptor& blob, BlobOrigin& origin) override {
    TRY_ASSIGN(const bool present, has_blob(blob));
    if (present) return false;
    TRY(prepare(blob.digest));
    TRY_ASSIGN(auto source, origin.open());
    if (!origin.verifies()) source = make_verifying_source(std::move(source), blob);
    TRY_ASSIGN(auto file, AtomicFile::create(blob_path(blob.digest), 0644));
    TRY_ASSIGN(const auto copied, copy_stream(*source, *file));
    static_cast<void>(copied);
    TRY(file->finish());
    return true;
  }

  Result<void> put_manifest(const RawManifest& manifest, const std::optional<std::string>& tag) override {
    auto origin = make_memory_origin(manifest.bytes);
    Descriptor blob{.media_type = manifest.descriptor.media_type, .digest = manifest.descriptor.digest, .size = manifest.bytes.size()};
    TRY_ASSIGN(const bool stored, put_blob(blob, *origin));
    static_cast<void>(stored);
    TRY_ASSIGN(const auto children, unlisted_children(manifest));
    return change_index([&](LayoutIndex& index) -> Result<void> {
      index.add(listed_descriptor(manifest), tag, children);
      return {};
    });
  }

  Result<std::vector<std::string>> list_tags() override {
    TRY_ASSIGN(const auto index, read_index());
    return index.tags();
  }

  Result<void> remove(const std::string& tag_or_digest) override {
    TRY_ASSIGN(const auto before, read_index());
    static_cast<void>(before);
    const auto digest = Digest::parse(tag_or_digest);
    TRY(change_index([&](LayoutIndex& index) -> Result<void> {
      const bool stored = digest && ::access(blob_path(*digest).c_str(), F_OK) == 0;
      if (!index.remove(tag_or_digest) && !stored) return missing(tag_or_digest);
      return {};
    }));
    // After the index, so that no reader finds a listed manifest without its bytes.
    if (digest && ::unlink(blob_path(*digest).c_str()) != 0 && errno != ENOENT) return file_error("remove", blob_path(*digest), errno);
    return {};
  }

  Result<std::vector<Descriptor>> list_referrers(const Digest& subject, const std::string& artifact_type) override {
    TRY_ASSIGN(const auto index, read_index());
    return scan_referrers(*this, index.entries(), subject, artifact_type);
  }

 private:
  [[nodiscard]] std::string blob_path(const Digest& digest) const {
    return path_ + "/blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex();
  }

  [[nodiscard]] Error missing(const std::string& name) const {
    return fail(ErrorCode::not_found, "\"" + printable(name) + "\" is not in the image layout \"" + path_ + "\"")
        .hinting("run \"davit tags oci:" + path_ + "\" for what is there");
  }

  Result<LayoutIndex> read_index() {
    auto marker = read_file(path_ + "/oci-layout", 4096);
    if (!marker && marker.error().code == ErrorCode::not_found) {
      return fail(ErrorCode::not_found, "there is no image layout at \"" + path_ + "\"")
          .hinting("check the path; the first push or copy to it creates one");
    }
    if (!marker) return std::move(marker).error();
    if (auto good = check_layout_marker(*marker); !good) return std::move(good).error().in(path_ + "/oci-layout");
    return load_index();
  }

  Result<LayoutIndex> load_index() {
    const std::string file = path_ + "/index.json";
    auto bytes = read_file(file, k_max_layout_index_bytes);
    if (!bytes && bytes.error().code == ErrorCode::not_found) return LayoutIndex();
    if (!bytes) return std::move(bytes).error();
    auto index = LayoutIndex::parse(*bytes);
    if (!index) return std::move(index).error().in(file);
    return index;
  }

  // Children of an index are found through it and are not listed beside it, except those that refer to a subject.
  Result<std::vector<Descriptor>> unlisted_children(const RawManifest& manifest) {
    std::vector<Descriptor> out;
    const auto parsed = parse_manifest(manifest.bytes);
    const auto* index = parsed ? std::get_if<ImageIndex>(&*parsed) : nullptr;
    if (index == nullptr) return out;
    for (const Descriptor& child : index->manifests) {
      const auto bytes = read_file(blob_path(child.digest), k_max_manifest_bytes);
      const auto document = bytes ? parse_manifest(*bytes) : Result<Manifest>(fail(ErrorCode::not_found, "absent"));
      if (document && !subject_of(*document)) out.push_back(child);
    }
    return out;
  }

  // From the first blob on the folder is a layout that reads.
  Result<void> prepare(const Digest& digest) {
    TRY(make_folders(path_ + "/blobs/" + std::string(digest.algorithm_name())));
    if (::access((path_ + "/oci-layout").c_str(), F_OK) == 0) return {};
    return change_index([](LayoutIndex&) -> Result<void> { return {}; });
  }

  template <typename Change>
  Result<void> change_index(Change change) {
    TRY_ASSIGN(const auto lock, lock_folder(path_));
    TRY_ASSIGN(auto index, load_index());
    TRY(change(index));
    TRY(write_file(path_ + "/index.json", as_bytes(index.write()), 0644));
    if (::access((path_ + "/oci-layout").c_str(), F_OK) == 0) return {};
    return write_file(path_ + "/oci-layout", as_bytes(k_layout_marker), 0644);
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<Repository> open_layout(std::string path) { return std::make_unique<Layout>(std::move(path)); }

}  // namespace davit::oci
