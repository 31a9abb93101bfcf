// The file format of `docker save` (moby, image/spec): a tar with `manifest.json`, which lists images as
// {Config, RepoTags, Layers} by the names of other entries. Layers are tars, sometimes gzip; older writers store a
// layer that two images share once and link to it.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "manifests/encoding.hpp"
#include "oci/archive.hpp"
#include "oci/formats/sniff.hpp"
#include "oci/image_source.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_index_name = "manifest.json";
constexpr std::size_t k_max_index_bytes = std::size_t{4} << 20;
constexpr std::size_t k_max_images = 1000;
constexpr int k_max_links = 8;
constexpr std::uint64_t k_max_name_bytes = std::uint64_t{8} << 20;
constexpr ArchiveLimits k_outer_limits{.entries = 100'000, .total_bytes = std::uint64_t{64} << 30};
constexpr std::uint64_t k_max_unpacked_bytes = std::uint64_t{16} << 30;  // of a compressed archive, in a temporary file
constexpr std::uint64_t k_max_ratio = 200;                               // unpacked to packed; real layers stay under 20
constexpr std::string_view k_blobs = "blobs/sha256/";

struct ArchivedImage {
  std::string config;
  std::vector<std::string> names;
  std::vector<std::string> layers;
};

// Passes bytes on and hashes them.
class HashingSource : public Source {
 public:
  explicit HashingSource(Source& inner) : inner_(inner) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    TRY_ASSIGN(const std::size_t count, inner_.read(out));
    hasher_.update(ByteView(out).first(count));
    return count;
  }
  Digest finish() { return hasher_.finish(); }

 private:
  Source& inner_;
  Hasher hasher_;
};

// Where a link of an entry leads, as a clean name; nothing when it leaves the archive.
std::optional<std::string> follow(const ArchiveEntry& entry) {
  if (entry.type == EntryType::hard_link) return clean_entry_name(entry.link_target);
  std::string folder = entry.name.substr(0, entry.name.find_last_of('/') == std::string::npos ? 0 : entry.name.find_last_of('/'));
  std::string_view target = entry.link_target;
  while (target.starts_with("../")) {
    if (folder.empty()) return std::nullopt;
    const std::size_t slash = folder.find_last_of('/');
    folder = slash == std::string::npos ? "" : folder.substr(0, slash);
    target.remove_prefix(3);
  }
  return clean_entry_name(folder.empty() ? std::string(target) : folder + "/" + std::string(target));
}

class FileRange : public Source {
 public:
  FileRange(int fd, std::string name, std::uint64_t offset, std::uint64_t size)
      : fd_(fd), name_(std::move(name)), offset_(offset), left_(size) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    if (left_ == 0) return std::size_t{0};
    const ssize_t count = ::pread(fd_, out.data(), std::min<std::uint64_t>(out.size(), left_), static_cast<off_t>(offset_));
    if (count < 0 && errno == EINTR) return read(out);
    if (count < 0) return file_error("read", name_, errno);
    if (count == 0) return fail(ErrorCode::malformed, "the archive ends inside an entry").in(name_);
    offset_ += static_cast<std::uint64_t>(count);
    left_ -= static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }

 private:
  int fd_;
  std::string name_;
  std::uint64_t offset_;
  std::uint64_t left_;
};

// Passes bytes on up to a bound.
class BoundedSource : public Source {
 public:
  BoundedSource(Source& inner, std::uint64_t limit) : inner_(inner), limit_(limit) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    TRY_ASSIGN(const std::size_t count, inner_.read(out));
    total_ += count;
    if (total_ > limit_) return fail(ErrorCode::limit, "the archive unpacks to more than " + std::to_string(limit_) + " bytes");
    return count;
  }

 private:
  Source& inner_;
  std::uint64_t limit_;
  std::uint64_t total_ = 0;
};

// The file itself, or its plain bytes in a temporary file when it is compressed.
struct PlainFile {
  OwnedFd fd{};
  bool is_unpacked = false;
};
Result<PlainFile> open_plain(const std::string& path) {
  PlainFile out;
  TRY_ASSIGN(out.fd, open_file(path));
  OwnedFd again;
  TRY_ASSIGN(again, open_file(path));
  const auto packed = make_fd_source(std::move(again), path);
  TRY_ASSIGN(Bytes head, read_head(*packed, k_sniff_bytes));
  const ByteKind kind = sniff(head);
  if (kind != ByteKind::gzip && kind != ByteKind::zstd) return out;
  const auto whole = make_prefixed_source(std::move(head), *packed);
  TRY_ASSIGN(const auto plain, make_plain_source(*whole, ArchiveLimits{}.ratio));
  BoundedSource bounded(*plain, k_max_unpacked_bytes);
  TRY_ASSIGN(out.fd, make_spool_file(""));
  TRY(spool_from(bounded, out.fd.get()));
  out.is_unpacked = true;
  return out;
}

// The entries of the file. One walk over the headers finds where all data stands, and parts are then read in any order;
// a compressed file is unpacked once before that, so that the work stays linear in its size.
class ArchiveEntries {
 public:
  static Result<ArchiveEntries> open(const std::string& path) {
    ArchiveEntries out(path);
    auto plain = open_plain(path);
    if (!plain) return std::move(plain).error().in(path);
    out.fd_ = std::move(plain->fd);
    out.is_unpacked_ = plain->is_unpacked;
    TRY(out.walk([&](const ArchiveEntry& entry, Source&) -> Result<bool> {
      Place place{.type = entry.type, .size = entry.size, .offset = entry.data_offset};
      if (entry.type == EntryType::symbolic_link || entry.type == EntryType::hard_link) place.target = follow(entry).value_or("");
      out.name_bytes_ += entry.name.size();
      if (out.name_bytes_ > k_max_name_bytes) return fail(ErrorCode::limit, "names in the archive are over the limit");
      out.places_.emplace(entry.name, std::move(place));  // the first of several, as those who walk find it
      return true;
    }));
    return out;
  }

  using Use = std::function<Result<void>(const std::string& name, Source&)>;

  /// Finds one entry, through links, and hands its data to `use`.
  Result<void> with(const std::string& name, const Use& use) const {
    const auto clean = clean_entry_name(name);
    std::string wanted = clean.value_or("");
    for (int hop = 0; clean && hop < k_max_links; ++hop) {
      const auto found = places_.find(wanted);
      if (found == places_.end()) break;
      const Place& place = found->second;
      if (place.target) {
        wanted = *place.target;
        continue;
      }
      if (place.type != EntryType::file)
        return fail(ErrorCode::malformed, "\"" + printable(name) + "\" in the archive is not a file").in(path_);
      if (!place.offset) return walk_to(wanted, use);
      FileRange range(fd_.get(), path_, *place.offset, place.size);
      return use(wanted, range);
    }
    return fail(ErrorCode::malformed, "the archive has no entry \"" + printable(name) + "\"").in(path_);
  }

  Result<Bytes> read(const std::string& name, std::uint64_t limit) const {
    Bytes out;
    TRY(with(name, [&](const std::string&, Source& data) -> Result<void> {
      TRY_ASSIGN(out, read_all(data, limit));
      return {};
    }));
    return out;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Place {
    EntryType type = EntryType::other;
    std::uint64_t size = 0;
    std::optional<std::uint64_t> offset{};
    std::optional<std::string> target{};
  };
  explicit ArchiveEntries(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] Result<void> walk(const EntryVisitor& visit) const {
    const std::string place = is_unpacked_ ? "/proc/self/fd/" + std::to_string(fd_.get()) : path_;
    return walk_archive_file(place, k_outer_limits, visit);
  }

  Result<void> walk_to(const std::string& wanted, const Use& use) const {
    return walk([&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
      if (entry.name != wanted) return true;
      TRY(use(wanted, data));
      return false;
    });
  }

  std::string path_;
  OwnedFd fd_{};
  bool is_unpacked_ = false;
  std::map<std::string, Place> places_{};
  std::uint64_t name_bytes_ = 0;
};

Result<ArchivedImage> parse_image(const JsonView& json) {
  ArchivedImage image;
  TRY_ASSIGN(const JsonView config, json.field("Config"));
  TRY_ASSIGN(image.config, config.as_string());
  TRY_ASSIGN(const JsonView layers, json.field("Layers"));
  TRY_ASSIGN(image.layers, layers.as_strings());
  if (image.layers.size() > k_max_image_layers) {
    return fail(ErrorCode::limit, "an image with " + std::to_string(image.layers.size()) + " layers is over the limit of " +
                                      std::to_string(k_max_image_layers));
  }
  if (const auto names = json.find("RepoTags")) {
    TRY_ASSIGN(image.names, names->as_strings());
  }
  return image;
}

Result<std::vector<ArchivedImage>> read_images(const ArchiveEntries& entries) {
  const std::string& path = entries.path();
  TRY_ASSIGN(const Bytes text, entries.read(std::string(k_index_name), k_max_index_bytes));
  auto json = parse_json(as_text(text), JsonLimits{});
  if (!json) return std::move(json).error().in("manifest.json in " + path);
  TRY_ASSIGN(const auto items, JsonView(*json).as_items());
  if (items.size() > k_max_images)
    return fail(ErrorCode::limit, "the archive holds more than " + std::to_string(k_max_images) + " images").in(path);
  std::vector<ArchivedImage> images;
  for (const JsonView& item : items) {
    TRY_ASSIGN(ArchivedImage image, parse_image(item));
    images.push_back(std::move(image));
  }
  return images;
}

// `docker.io/library/app:v1` is called `app:v1` by some writers, and a name without tag means `latest`.
bool is_named(const ArchivedImage& image, std::string wanted) {
  if (wanted.find_last_of(':') == std::string::npos || wanted.find('/', wanted.find_last_of(':')) != std::string::npos) wanted += ":latest";
  return std::ranges::any_of(image.names, [&](const std::string& name) { return name == wanted || name.ends_with("/" + wanted); });
}

Result<ArchivedImage> choose_image(const ArchiveEntries& entries, const std::optional<std::string>& name) {
  const std::string& path = entries.path();
  TRY_ASSIGN(auto images, read_images(entries));
  if (!name && images.size() == 1) return std::move(images.front());
  std::string there;
  for (ArchivedImage& image : images) {
    if (name && is_named(image, *name)) return std::move(image);
    for (const std::string& each : image.names) there += (there.empty() ? "" : ", ") + printable(each);
  }
  const std::string hint = there.empty() ? "its images have no names" : "it holds: " + there;
  if (name) return fail(ErrorCode::not_found, "the archive has no image \"" + printable(*name) + "\"").in(path).hinting(hint);
  return fail(ErrorCode::not_found, "the archive holds " + std::to_string(images.size()) + " images and none was named")
      .in(path)
      .hinting(hint);
}

class DockerArchive : public ImageSource {
 public:
  DockerArchive(ArchiveEntries entries, ArchivedImage image, Json config, std::vector<std::string> diff_ids)
      : entries_(std::move(entries)), image_(std::move(image)), config_(std::move(config)), diff_ids_(std::move(diff_ids)) {}
  [[nodiscard]] const Json& config() const override { return config_; }
  [[nodiscard]] const Annotations& annotations() const override { return none_; }
  [[nodiscard]] std::size_t layer_count() const override { return image_.layers.size(); }
  Result<void> read_layer(std::size_t index, const LayerReader& read) override {
    return entries_.with(image_.layers.at(index), [&](const std::string& name, Source& data) -> Result<void> {
      auto done = name.starts_with(k_blobs) ? read_named(name, data, read) : read_plain(name, data, diff_ids_.at(index), read);
      if (!done) return std::move(done).error().during("reading layer " + printable(name));
      return {};
    });
  }

 private:
  // Newer writers name entries by their own digest.
  static Result<void> read_named(const std::string& name, Source& data, const LayerReader& read) {
    HashingSource hashing(data);
    TRY(read(hashing));
    TRY(drain(hashing));
    return check(name, hashing, "sha256:" + name.substr(k_blobs.size()));
  }

  // Others leave only the configuration, which names layers by the digest of their plain tar.
  static Result<void> read_plain(const std::string& name, Source& data, const std::string& diff_id, const LayerReader& read) {
    TRY_ASSIGN(const auto plain, make_plain_source(data, k_max_ratio));
    HashingSource hashing(*plain);
    TRY(read(hashing));
    TRY(drain(hashing));
    return check(name, hashing, diff_id);
  }

  static Result<void> check(const std::string& name, HashingSource& source, const std::string& expected) {
    const Digest found = source.finish();
    if (found.text() == expected) return {};
    return fail(ErrorCode::mismatch,
                "layer \"" + printable(name) + "\" has the digest " + found.text() + ", expected " + printable(expected));
  }

  ArchiveEntries entries_;
  ArchivedImage image_;
  Json config_;
  std::vector<std::string> diff_ids_;
  Annotations none_{};
};

}  // namespace

Result<std::unique_ptr<ImageSource>> open_docker_archive(const std::string& path, const std::optional<std::string>& name) {
  TRY_ASSIGN(ArchiveEntries entries, ArchiveEntries::open(path));
  TRY_ASSIGN(ArchivedImage image, choose_image(entries, name));
  TRY_ASSIGN(const Bytes text, entries.read(image.config, k_max_image_config_bytes));
  auto config = parse_json(as_text(text), JsonLimits{});
  if (!config) return std::move(config).error().in("the image configuration in " + path);
  const JsonView view(*config);
  TRY_ASSIGN(const JsonView rootfs, view.field("rootfs"));
  TRY_ASSIGN(const JsonView ids, rootfs.field("diff_ids"));
  TRY_ASSIGN(auto diff_ids, ids.as_strings());
  if (diff_ids.size() != image.layers.size()) {
    return fail(ErrorCode::malformed, "the configuration lists " + std::to_string(diff_ids.size()) + " layers and the archive " +
                                          std::to_string(image.layers.size()))
        .in(path);
  }
  return std::unique_ptr<ImageSource>(
      std::make_unique<DockerArchive>(std::move(entries), std::move(image), *std::move(config), std::move(diff_ids)));
}

}  // namespace davit::oci
