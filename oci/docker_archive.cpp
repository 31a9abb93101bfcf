// The file format of `docker save` (moby, image/spec): a tar with `manifest.json`, which lists images as
// {Config, RepoTags, Layers} by the names of other entries. Layers are tars, sometimes gzip; older writers store a
// layer that two images share once and link to it. The file is not indexed, so each part is found by walking; the data
// of skipped entries is not read.
#include <algorithm>
#include <map>

#include "manifests/encoding.hpp"
#include "oci/archive.hpp"
#include "oci/image_source.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_index_name = "manifest.json";
constexpr std::size_t k_max_index_bytes = std::size_t{4} << 20;
constexpr std::size_t k_max_images = 1000;
constexpr int k_max_links = 8;

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
    for (std::size_t i = 0; i < count && head_.size() < 4; ++i) head_.push_back(out[i]);
    return count;
  }
  Digest finish() { return hasher_.finish(); }
  [[nodiscard]] bool is_compressed() const {
    const std::string_view head = as_text(head_);
    return head.starts_with("\x1f\x8b") || head.starts_with("\x28\xb5\x2f\xfd");
  }

 private:
  Source& inner_;
  Hasher hasher_;
  Bytes head_;
};

Result<void> drain(Source& source) {
  Bytes rest(k_copy_buffer_bytes);
  for (;;) {
    TRY_ASSIGN(const std::size_t count, source.read(rest));
    if (count == 0) return {};
  }
}

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

// Finds one entry, through links, and hands its data to `use`.
Result<void> with_entry(const std::string& path, const std::string& name,
                        const std::function<Result<void>(const ArchiveEntry&, Source&)>& use) {
  const auto clean = clean_entry_name(name);
  std::string wanted = clean.value_or("");
  for (int hop = 0; clean && hop < k_max_links; ++hop) {
    bool found = false;
    std::optional<std::string> next;
    const EntryVisitor visit = [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
      if (entry.name != wanted) return true;
      found = true;
      if (entry.type == EntryType::file) {
        TRY(use(entry, data));
      } else if (entry.type == EntryType::symbolic_link || entry.type == EntryType::hard_link) {
        next = follow(entry).value_or("");
      }
      return false;
    };
    TRY(walk_archive_file(path, ArchiveLimits{}, visit));
    if (!found) break;
    if (!next) return {};
    wanted = *next;
  }
  return fail(ErrorCode::malformed, "the archive has no entry \"" + printable(name) + "\"").in(path);
}

Result<Bytes> read_entry(const std::string& path, const std::string& name, std::uint64_t limit) {
  std::optional<Bytes> out;
  TRY(with_entry(path, name, [&](const ArchiveEntry&, Source& data) -> Result<void> {
    TRY_ASSIGN(out, read_all(data, limit));
    return {};
  }));
  if (!out) return fail(ErrorCode::malformed, "\"" + printable(name) + "\" in the archive is not a file").in(path);
  return *std::move(out);
}

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

Result<std::vector<ArchivedImage>> read_images(const std::string& path) {
  TRY_ASSIGN(const Bytes text, read_entry(path, std::string(k_index_name), k_max_index_bytes));
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

Result<ArchivedImage> choose_image(const std::string& path, const std::optional<std::string>& name) {
  TRY_ASSIGN(auto images, read_images(path));
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
  DockerArchive(std::string path, ArchivedImage image, Json config, std::vector<std::string> diff_ids)
      : path_(std::move(path)), image_(std::move(image)), config_(std::move(config)), diff_ids_(std::move(diff_ids)) {}
  [[nodiscard]] const Json& config() const override { return config_; }
  [[nodiscard]] const Annotations& annotations() const override { return none_; }
  [[nodiscard]] std::size_t layer_count() const override { return image_.layers.size(); }
  Result<void> read_layer(std::size_t index, const LayerReader& read) override {
    return with_entry(path_, image_.layers.at(index), [&](const ArchiveEntry& entry, Source& data) -> Result<void> {
      HashingSource hashing(data);
      if (auto done = read(hashing); !done) return std::move(done).error().during("reading layer " + printable(entry.name));
      TRY(drain(hashing));
      return check(entry, hashing, diff_ids_.at(index));
    });
  }

 private:
  // The configuration names layers by the digest of their plain tar; newer writers name entries by their own digest.
  static Result<void> check(const ArchiveEntry& entry, HashingSource& source, const std::string& diff_id) {
    constexpr std::string_view k_blobs = "blobs/sha256/";
    const Digest found = source.finish();
    const bool by_name = entry.name.starts_with(k_blobs);
    const std::string expected = by_name ? "sha256:" + entry.name.substr(k_blobs.size()) : diff_id;
    if (found.text() == expected || (!by_name && source.is_compressed())) return {};
    return fail(ErrorCode::mismatch,
                "layer \"" + printable(entry.name) + "\" has the digest " + found.text() + ", expected " + printable(expected));
  }

  std::string path_;
  ArchivedImage image_;
  Json config_;
  std::vector<std::string> diff_ids_;
  Annotations none_{};
};

}  // namespace

Result<std::unique_ptr<ImageSource>> open_docker_archive(const std::string& path, const std::optional<std::string>& name) {
  TRY_ASSIGN(ArchivedImage image, choose_image(path, name));
  TRY_ASSIGN(const Bytes text, read_entry(path, image.config, k_max_image_config_bytes));
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
  return std::unique_ptr<ImageSource>(std::make_unique<DockerArchive>(path, std::move(image), *std::move(config), std::move(diff_ids)));
}

}  // namespace davit::oci
