// The files of a container image, or of any stack of archives, as the upper ones leave them: found, and where wanted
// taken out, in one pass and without unpacking anything (image-spec 1.1, layer.md).
//
// Layers are walked from the top, so that what a lower layer holds under a name that is already decided is never
// looked at. A name of a higher layer hides the lower one; `.wh.NAME` hides a lower name and all below it;
// `.wh..wh..opq` hides all that lower layers put into its folder. Both speak only of lower layers, wherever they stand
// in their own. A hard link is another name of a file of its layer or a lower one. Files that begin like wasm, and data
// files when they are asked for, are written to the spool as they come by; of all others only names are kept.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "oci/archive.hpp"
#include "oci/formats/sniff.hpp"
#include "oci/formats/spool.hpp"

namespace davit::oci {

struct ImageLimits {
  std::size_t entries = 500'000;                         ///< names in all layers together
  std::uint64_t layer_bytes = std::uint64_t{16} << 30;   ///< of one layer, unpacked
  std::uint64_t ratio = 200;                             ///< unpacked to packed, beyond the first 64 MiB; real layers stay under 20
  std::uint64_t memory_bytes = std::uint64_t{40} << 20;  ///< for names and what is known of them; they are held in memory
  std::uint64_t kept_bytes = std::uint64_t{16} << 30;    ///< in the spool
};

/// Archives that lie over each other; the last is the highest.
struct LayerStack {
  std::size_t count = 0;
  std::function<Result<void>(std::size_t layer, const ArchiveLimits& limits, const EntryVisitor& visit)> walk{};
};

struct TreeNode {
  EntryType type = EntryType::folder;
  ByteKind kind = ByteKind::other;
  bool is_twice = false;     ///< its layer holds the name several times, which different tools read differently
  bool holds_names = false;  ///< a folder with something in it
  unsigned mode = 0;
  std::uint32_t layer = 0;  ///< counted from the lowest
  std::uint32_t link = 0;   ///< place of a link's target among the targets: of a symbolic link as it stands, of a hard link clean
  std::uint64_t size = 0;
  std::optional<std::uint32_t> spooled{};  ///< its place among the spooled files
};

/// Names that no package can hold: devices, links that lead to no file, empty folders.
struct LeftBehind {
  std::size_t count = 0;
  std::string first{};  ///< in the order of names
};

class FileTree {
 public:
  /// Every regular file that is visible, as the walk comes by it: should it be kept beside the wasm files?
  using Keep = std::function<bool(const std::string& name, ByteKind kind, const ArchiveEntry& entry)>;
  /// Asked after each layer: is what was found enough, so that lower layers need not be read?
  using Enough = std::function<bool(const FileTree&)>;

  /// Errors: malformed (tar, whiteout, a link that leaves the root), limit, mismatch, and those of the stack
  static Result<FileTree> read(const LayerStack& stack, const ImageLimits& limits, Spool& spool, const Keep& keep, const Enough& enough);

  /// Follows links as if the tree were the root: nothing leads out of it. Null when nothing is there.
  [[nodiscard]] const TreeNode* find(std::string_view path) const;
  /// The same, only where no lower layer could still change the answer.
  [[nodiscard]] const TreeNode* find_settled(std::string_view path) const;
  /// Clean names of all regular files of a kind, sorted.
  [[nodiscard]] std::vector<std::string> names_of(ByteKind kind) const;
  /// Clean names of regular files and links to them whose bytes are in the spool, sorted.
  [[nodiscard]] std::vector<std::string> spooled_names() const;
  [[nodiscard]] LeftBehind left_behind() const;
  [[nodiscard]] const SpooledFile& spooled(const TreeNode& node) const { return files_.at(*node.spooled); }

 private:
  class Reader;
  [[nodiscard]] const TreeNode* look_up(std::string_view path, bool settled) const;
  [[nodiscard]] const TreeNode* resolve_hard_link(const TreeNode& link) const;
  [[nodiscard]] bool is_reachable(const std::string& name) const;
  std::unordered_map<std::string, TreeNode> nodes_{};
  std::vector<SpooledFile> files_{};
  std::vector<std::string> targets_{};                        ///< of links
  std::unordered_map<std::string, TreeNode> link_targets_{};  ///< files of lower layers that hard links name
  std::map<std::string, std::string> missing_targets_{};      ///< with a name that links to it
};

}  // namespace davit::oci
