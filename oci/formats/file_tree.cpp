#include "oci/formats/file_tree.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_whiteout = ".wh.";
constexpr std::string_view k_opaque = ".wh..wh..opq";
constexpr std::string_view k_reserved = ".wh..wh.";
constexpr int k_max_links = 40;  // Linux's bound
constexpr unsigned k_permission_bits = 0777;
// What the tree and the lists made of it take beside the letters of a name, as measured.
constexpr std::uint64_t k_name_cost = 144;
constexpr std::uint64_t k_file_cost = 900;

std::string_view base_of(std::string_view name) { return name.substr(name.find_last_of('/') + 1); }
std::string folder_of(std::string_view name) {
  const std::size_t slash = name.find_last_of('/');
  return std::string(slash == std::string_view::npos ? "" : name.substr(0, slash));
}
std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
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

}  // namespace

class FileTree::Reader {
 public:
  Reader(FileTree& tree, const ImageLimits& limits, Spool& spool, const Keep& keep)
      : tree_(tree), limits_(limits), spool_(spool), keep_(keep) {}

  Result<void> read_layer(const LayerStack& stack, std::size_t layer) {
    layer_ = layer;
    opaque_now_.clear();
    hidden_now_.clear();
    const ArchiveLimits bounds{.entries = limits_.entries - entries_, .total_bytes = limits_.layer_bytes, .ratio = limits_.ratio};
    TRY(stack.walk(layer, bounds, [this](const ArchiveEntry& entry, Source& data) { return visit(entry, data); }));
    hidden_.insert(hidden_now_.begin(), hidden_now_.end());
    opaque_.insert(opaque_now_.begin(), opaque_now_.end());
    note_link_targets();
    return {};
  }

 private:
  Result<bool> visit(const ArchiveEntry& entry, Source& data) {
    ++entries_;
    const std::string_view base = base_of(entry.name);
    if (base.starts_with(k_whiteout)) {
      TRY(account(k_name_cost + entry.name.size()));
      TRY(note_whiteout(entry.name, base));
      return true;
    }
    const bool visible = is_visible(entry);
    const bool is_target = tree_.missing_targets_.contains(entry.name);
    if (!visible && !is_target) return true;
    TreeNode node{
        .type = entry.type, .mode = entry.mode & k_permission_bits, .layer = static_cast<std::uint32_t>(layer_), .size = entry.size};
    TRY(fill(entry, data, node));
    if (is_target) {
      TRY(account(2 * (k_name_cost + entry.name.size())));
      tree_.link_targets_.insert_or_assign(entry.name, node);
      found_targets_.push_back(entry.name);
    }
    if (visible) TRY(put(entry.name, node));
    return true;
  }

  Result<void> account(std::uint64_t bytes) {
    memory_ += bytes;
    if (memory_ <= limits_.memory_bytes) return {};
    return fail(ErrorCode::limit, "the layers hold more names than fit into " + std::to_string(limits_.memory_bytes) +
                                      " bytes of memory (" + std::to_string(tree_.nodes_.size()) + " names and " +
                                      std::to_string(tree_.files_.size()) + " kept files so far)")
        .hinting("an image for WebAssembly holds the program and its data; take other files out of it, or leave data files behind");
  }

  Result<std::uint32_t> keep_target(std::string target) {
    TRY(account(target.size() + sizeof(std::string)));
    tree_.targets_.push_back(std::move(target));
    return static_cast<std::uint32_t>(tree_.targets_.size() - 1);
  }

  Result<void> fill(const ArchiveEntry& entry, Source& data, TreeNode& node) {
    if (entry.type == EntryType::file) return fill_file(entry, data, node);
    if (entry.type == EntryType::symbolic_link) {
      TRY_ASSIGN(node.link, keep_target(entry.link_target));
    }
    if (entry.type != EntryType::hard_link) return {};
    std::string_view target = entry.link_target;
    while (target.starts_with('/')) target.remove_prefix(1);
    const auto clean = clean_entry_name(target);
    if (!clean) {
      return fail(ErrorCode::malformed,
                  "\"" + printable(entry.name) + "\" is a hard link to \"" + printable(entry.link_target) + "\", which leaves the image");
    }
    TRY(account(2 * k_name_cost + clean->size() + entry.name.size()));
    TRY_ASSIGN(node.link, keep_target(*clean));
    links_.emplace_back(*clean, entry.name);
    return {};
  }

  Result<void> fill_file(const ArchiveEntry& entry, Source& data, TreeNode& node) {
    TRY_ASSIGN(Bytes head, read_head(data, k_sniff_bytes));
    node.kind = sniff(head);
    if (node.kind != ByteKind::wasm && !keep_(entry.name, node.kind, entry)) return {};
    kept_bytes_ += entry.size;
    if (kept_bytes_ > limits_.kept_bytes)
      return fail(ErrorCode::limit, "files to keep are over the limit of " + std::to_string(limits_.kept_bytes) + " bytes");
    TRY(account(k_file_cost + 3 * entry.name.size()));
    const auto whole = make_prefixed_source(std::move(head), data);
    TRY_ASSIGN(SpooledFile file, spool_.append(*whole));
    if (file.size < entry.size)
      return fail(ErrorCode::malformed, "\"" + printable(entry.name) + "\" ends after " + std::to_string(file.size) + " of " +
                                            std::to_string(entry.size) + " bytes");
    node.size = file.size;
    node.spooled = static_cast<std::uint32_t>(tree_.files_.size());
    tree_.files_.push_back(std::move(file));
    return {};
  }

  // Only what higher layers decided hides a name; the same layer may say it again.
  [[nodiscard]] bool is_visible(const ArchiveEntry& entry) const {
    for (std::string above = folder_of(entry.name);; above = folder_of(above)) {
      if (opaque_.contains(above)) return false;
      if (above.empty()) break;
      if (hidden_.contains(above)) return false;
      const auto found = tree_.nodes_.find(above);
      if (found != tree_.nodes_.end() && found->second.layer > layer_ && found->second.type != EntryType::folder) return false;
    }
    if (hidden_.contains(entry.name)) return false;
    const auto found = tree_.nodes_.find(entry.name);
    return found == tree_.nodes_.end() || found->second.layer <= layer_;
  }

  Result<void> put(const std::string& name, TreeNode node) {
    const auto [place, is_new] = tree_.nodes_.try_emplace(name);
    if (is_new) {
      TRY(account(k_name_cost + name.size()));
    } else {
      node.holds_names = place->second.holds_names;
      const bool both_files = place->second.type == EntryType::file && node.type == EntryType::file;
      node.is_twice = place->second.is_twice || both_files;
    }
    place->second = node;
    // Folders need no entry of their own. One that stood as something else in this layer gives way.
    for (std::string above = folder_of(name); !above.empty(); above = folder_of(above)) {
      const auto [folder, absent] = tree_.nodes_.try_emplace(above);
      folder->second.holds_names = true;
      if (absent) {
        folder->second.layer = static_cast<std::uint32_t>(layer_);
        TRY(account(k_name_cost + above.size()));
      } else if (folder->second.type == EntryType::folder) {
        break;
      } else if (folder->second.type != EntryType::symbolic_link) {
        folder->second = TreeNode{.holds_names = true, .layer = static_cast<std::uint32_t>(layer_)};
      }
    }
    return {};
  }

  Result<void> note_whiteout(const std::string& name, std::string_view base) {
    if (base == k_opaque) {
      opaque_now_.insert(folder_of(name));
      return {};
    }
    if (base.starts_with(k_reserved)) return {};  // bookkeeping of aufs
    const std::string_view hidden = base.substr(k_whiteout.size());
    if (hidden.empty() || hidden == "." || hidden == "..")
      return fail(ErrorCode::malformed, "whiteout \"" + printable(name) + "\" names nothing");
    hidden_now_.insert(join(folder_of(name), hidden));
    return {};
  }

  // A target that this layer holds is settled; others are looked for below, even where the name itself is hidden.
  void note_link_targets() {
    for (const std::string& name : found_targets_) tree_.missing_targets_.erase(name);
    found_targets_.clear();
    for (auto& [target, name] : links_) {
      const auto here = tree_.nodes_.find(target);
      const bool settled = here != tree_.nodes_.end() && here->second.layer == layer_ && here->second.type != EntryType::folder;
      if (!settled && !tree_.link_targets_.contains(target)) tree_.missing_targets_.emplace(std::move(target), std::move(name));
    }
    links_.clear();
  }

  FileTree& tree_;
  const ImageLimits& limits_;
  Spool& spool_;
  const Keep& keep_;
  std::size_t layer_ = 0;
  std::size_t entries_ = 0;
  std::uint64_t memory_ = 0;
  std::uint64_t kept_bytes_ = 0;
  std::set<std::string> hidden_{}, opaque_{};                 // said by higher layers
  std::set<std::string> hidden_now_{}, opaque_now_{};         // said by this one, about lower ones
  std::vector<std::pair<std::string, std::string>> links_{};  // targets with the names that link to them
  std::vector<std::string> found_targets_{};
};

Result<FileTree> FileTree::read(const LayerStack& stack, const ImageLimits& limits, Spool& spool, const Keep& keep, const Enough& enough) {
  FileTree tree;
  Reader reader(tree, limits, spool, keep);
  for (std::size_t layer = stack.count; layer-- > 0;) {
    TRY(reader.read_layer(stack, layer));
    if (enough && tree.missing_targets_.empty() && enough(tree)) return tree;
  }
  if (tree.missing_targets_.empty()) return tree;
  const auto& [target, name] = *tree.missing_targets_.begin();
  return fail(ErrorCode::malformed, "\"" + printable(name) + "\" is a hard link to \"" + printable(target) + "\", which is not there");
}

const TreeNode* FileTree::resolve_hard_link(const TreeNode& link) const {
  const TreeNode* node = &link;
  for (int hops = 0; node->type == EntryType::hard_link; ++hops) {
    if (hops > k_max_links) return nullptr;
    const std::string& target = targets_[node->link];
    const auto beside = nodes_.find(target);
    const auto below = link_targets_.find(target);
    if (beside != nodes_.end() && beside->second.layer == node->layer && beside->second.type != EntryType::folder) node = &beside->second;
    else if (below != link_targets_.end()) node = &below->second;
    else return nullptr;
  }
  return node;
}

const TreeNode* FileTree::look_up(std::string_view path, bool settled) const {
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
    const auto found = nodes_.find(next);
    if (found == nodes_.end() && settled) return nullptr;
    if (found == nodes_.end() || found->second.type != EntryType::symbolic_link) {
      here = next;
      continue;
    }
    if (++hops > k_max_links) return nullptr;
    const std::string& target = targets_[found->second.link];
    if (target.starts_with('/')) here.clear();
    const auto more = parts_of(target);
    left.insert(left.begin(), more.begin(), more.end());
  }
  const auto found = nodes_.find(here);
  return found == nodes_.end() ? nullptr : resolve_hard_link(found->second);
}

const TreeNode* FileTree::find(std::string_view path) const { return look_up(path, false); }
const TreeNode* FileTree::find_settled(std::string_view path) const { return look_up(path, true); }

// In one layer a file may stand where another entry puts a folder; then nothing below it can be reached.
bool FileTree::is_reachable(const std::string& name) const {
  for (std::string above = folder_of(name); !above.empty(); above = folder_of(above)) {
    const auto found = nodes_.find(above);
    if (found != nodes_.end() && found->second.type != EntryType::folder && found->second.type != EntryType::symbolic_link) return false;
  }
  return true;
}

std::vector<std::string> FileTree::names_of(ByteKind kind) const {
  std::vector<std::string> names;
  for (const auto& [name, each] : nodes_) {
    const TreeNode* file = each.type == EntryType::hard_link ? resolve_hard_link(each) : &each;
    if (file != nullptr && file->type == EntryType::file && file->kind == kind && is_reachable(name)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

LeftBehind FileTree::left_behind() const {
  LeftBehind out;
  for (const auto& [name, each] : nodes_) {
    if (each.type == EntryType::folder ? each.holds_names : each.type == EntryType::file) continue;
    const TreeNode* end = each.type == EntryType::folder ? nullptr : find(name);
    if (end != nullptr && end->type == EntryType::file) continue;
    if (!is_reachable(name)) continue;
    if (out.count++ == 0 || name < out.first) out.first = name;
  }
  return out;
}

std::vector<std::string> FileTree::spooled_names() const {
  std::vector<std::string> names;
  for (const auto& [name, each] : nodes_) {
    if (each.type == EntryType::folder || !is_reachable(name)) continue;
    const TreeNode* file = each.type == EntryType::file ? &each : find(name);
    if (file != nullptr && file->type == EntryType::file && file->spooled) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace davit::oci
