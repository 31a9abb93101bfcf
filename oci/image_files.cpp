#include "oci/image_files.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_whiteout = ".wh.";
constexpr std::string_view k_opaque = ".wh..wh..opq";
constexpr std::string_view k_reserved = ".wh..wh.";
constexpr int k_max_links = 40;  // Linux's bound
constexpr std::size_t k_head_bytes = 8;

std::string_view base_of(std::string_view name) { return name.substr(name.find_last_of('/') + 1); }
std::string folder_of(std::string_view name) {
  const std::size_t slash = name.find_last_of('/');
  return std::string(slash == std::string_view::npos ? "" : name.substr(0, slash));
}
std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

FileKind kind_of(std::string_view head) {
  if (head.starts_with(std::string_view("\0asm", 4)) && head.size() == k_head_bytes) return FileKind::wasm;
  if (head.starts_with("\x7f"
                       "ELF"))
    return FileKind::native;
  return head.starts_with("#!") ? FileKind::script : FileKind::other;
}

Result<FileKind> sniff(Source& data) {
  std::array<std::byte, k_head_bytes> head{};
  std::size_t have = 0;
  while (have < head.size()) {
    TRY_ASSIGN(const std::size_t count, data.read(std::span(head).subspan(have)));
    if (count == 0) break;
    have += count;
  }
  return kind_of(as_text(ByteView(head).first(have)));
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0 && path.substr(0, slash) != ".") parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

ArchiveLimits archive_limits(const ImageLimits& limits, std::size_t entries_left) {
  return {.entries = entries_left, .total_bytes = limits.layer_bytes, .ratio = limits.ratio};
}

}  // namespace

// What one layer says, in its order, before it is laid over the lower ones.
class ImageFiles::LayerScan {
 public:
  LayerScan(std::size_t layer, const ImageLimits& limits) : layer_(layer), limits_(limits) {}

  Result<void> read(Source& stream, std::size_t entries_left) {
    return walk_archive(stream, archive_limits(limits_, entries_left),
                        [this](const ArchiveEntry& entry, Source& data) { return visit(entry, data); });
  }
  [[nodiscard]] std::size_t count() const { return count_; }

  Result<void> lay_over(ImageFiles& files) const {
    for (const std::string& folder : opaque_) files.remove_children(folder);
    for (const std::string& name : removed_) files.remove_tree(name);
    for (const auto& [name, file] : added_) {
      if (file.type != EntryType::hard_link) {
        files.put(name, file);
        continue;
      }
      const auto target = files.files_.find(file.link);
      if (target == files.files_.end() || target->second.type == EntryType::folder) {
        return fail(ErrorCode::malformed,
                    "\"" + printable(name) + "\" is a hard link to \"" + printable(file.link) + "\", which is not there");
      }
      ImageFile copy = target->second;
      files.put(name, std::move(copy));
    }
    return {};
  }

 private:
  Result<bool> visit(const ArchiveEntry& entry, Source& data) {
    ++count_;
    const std::string_view base = base_of(entry.name);
    if (base.starts_with(k_whiteout)) {
      TRY(note_whiteout(entry.name, base));
      return true;
    }
    ImageFile file{.type = entry.type, .layer = layer_, .entry = entry.name, .size = entry.size};
    if (entry.type == EntryType::file) {
      TRY_ASSIGN(file.kind, sniff(data));
    } else if (entry.type == EntryType::symbolic_link) {
      file.link = entry.link_target;
    } else if (entry.type == EntryType::hard_link) {
      std::string_view target = entry.link_target;
      while (target.starts_with('/')) target.remove_prefix(1);
      const auto clean = clean_entry_name(target);
      if (!clean)
        return fail(ErrorCode::malformed,
                    "\"" + printable(entry.name) + "\" is a hard link to \"" + printable(entry.link_target) + "\", which leaves the image");
      file.link = *clean;
    }
    added_.emplace_back(entry.name, std::move(file));
    return true;
  }

  Result<void> note_whiteout(const std::string& name, std::string_view base) {
    if (base == k_opaque) {
      opaque_.push_back(folder_of(name));
      return {};
    }
    if (base.starts_with(k_reserved)) return {};  // bookkeeping of aufs
    const std::string_view hidden = base.substr(k_whiteout.size());
    if (hidden.empty() || hidden == "." || hidden == "..")
      return fail(ErrorCode::malformed, "whiteout \"" + printable(name) + "\" names nothing");
    removed_.push_back(join(folder_of(name), hidden));
    return {};
  }

  std::size_t layer_;
  const ImageLimits& limits_;
  std::size_t count_ = 0;
  std::vector<std::pair<std::string, ImageFile>> added_{};
  std::vector<std::string> removed_{};
  std::vector<std::string> opaque_{};
};

void ImageFiles::remove_children(const std::string& folder) {
  if (folder.empty()) {
    files_.clear();
    return;
  }
  const std::string first = folder + "/";
  const std::string after = folder + "0";  // '0' is the character after '/'
  files_.erase(files_.lower_bound(first), files_.lower_bound(after));
}

void ImageFiles::remove_tree(const std::string& name) {
  files_.erase(name);
  remove_children(name);
}

void ImageFiles::put(const std::string& name, ImageFile file) {
  // A folder over a folder keeps what is in it; anything else replaces the whole tree. Folders need no entry of their
  // own, so both looks go by names and not by what is listed.
  const auto found = files_.find(name);
  if (file.type != EntryType::folder) {
    remove_tree(name);
  } else if (found != files_.end() && found->second.type != EntryType::folder) {
    files_.erase(found);
  }
  for (std::string parent = folder_of(name); !parent.empty(); parent = folder_of(parent)) {
    const auto above = files_.find(parent);
    if (above != files_.end() && above->second.type != EntryType::folder && above->second.type != EntryType::symbolic_link)
      files_.erase(above);
  }
  files_.insert_or_assign(name, std::move(file));
}

Result<ImageFiles> ImageFiles::scan(ImageSource& image, const ImageLimits& limits) {
  ImageFiles files;
  std::size_t entries_left = limits.entries;
  for (std::size_t i = 0; i < image.layer_count(); ++i) {
    LayerScan layer(i, limits);
    TRY(image.read_layer(i, [&](Source& stream) { return layer.read(stream, entries_left); }));
    entries_left -= std::min(entries_left, layer.count());
    TRY(layer.lay_over(files));
  }
  return files;
}

const ImageFile* ImageFiles::find(std::string_view path) const {
  const auto first = parts_of(path);
  std::deque<std::string> left(first.begin(), first.end());
  std::string here;
  int hops = 0;
  while (!left.empty()) {
    const std::string part = std::move(left.front());
    left.pop_front();
    if (part == "..") {
      here = folder_of(here);
      continue;
    }
    const std::string next = join(here, part);
    const auto found = files_.find(next);
    if (found == files_.end() || found->second.type != EntryType::symbolic_link) {
      here = next;
      continue;
    }
    if (++hops > k_max_links) return nullptr;
    if (found->second.link.starts_with('/')) here.clear();
    const auto more = parts_of(found->second.link);
    left.insert(left.begin(), more.begin(), more.end());
  }
  const auto found = files_.find(here);
  return found == files_.end() ? nullptr : &found->second;
}

std::vector<std::string> ImageFiles::wasm_files() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : files_) {
    if (file.type == EntryType::file && file.kind == FileKind::wasm) names.push_back(name);
  }
  return names;
}

Result<void> extract_file(ImageSource& image, const ImageFile& file, const ImageLimits& limits, Sink& sink) {
  CHECK(file.type == EntryType::file);
  bool found = false;
  const EntryVisitor visit = [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
    // A name that a layer holds twice means different things to different tools, so it is refused.
    if (entry.name != file.entry || entry.type != EntryType::file) return true;
    if (found) return fail(ErrorCode::malformed, "\"" + printable(entry.name) + "\" is in its layer twice");
    found = true;
    TRY(copy_stream(data, sink));
    return true;
  };
  TRY(image.read_layer(file.layer, [&](Source& stream) { return walk_archive(stream, archive_limits(limits, limits.entries), visit); }));
  if (found) return {};
  return fail(ErrorCode::conflict, "\"" + printable(file.entry) + "\" is no longer in its layer");
}

}  // namespace davit::oci
