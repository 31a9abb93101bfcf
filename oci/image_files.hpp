// The files of a container image as its layers leave them, found without unpacking anything (image-spec 1.1, layer.md).
//
// Layers are walked from the lowest. A name of a higher layer replaces the lower one; `.wh.NAME` removes a lower name
// and all below it; `.wh..wh..opq` removes all that lower layers put into its folder. Both speak only of lower layers,
// wherever they stand in their own. A hard link is another name of a file of its layer or a lower one. Only names,
// kinds and the first bytes of files are kept, so the cost is the number of names.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oci/archive.hpp"
#include "oci/image_source.hpp"

namespace davit::oci {

struct ImageLimits {
  std::size_t entries = 500'000;                        ///< names in all layers together
  std::uint64_t layer_bytes = std::uint64_t{16} << 30;  ///< of one layer, unpacked
  std::uint64_t ratio = 200;                            ///< unpacked to packed, beyond the first 64 MiB; real layers stay under 20
};

enum class FileKind { wasm, native, script, other };

struct ImageFile {
  EntryType type = EntryType::file;
  FileKind kind = FileKind::other;
  std::size_t layer = 0;
  std::string entry{};  ///< name of its data in that layer
  std::string link{};   ///< target of a symbolic link
  std::uint64_t size = 0;
};

class ImageFiles {
 public:
  /// Errors: malformed (tar, whiteout, hard link), limit, mismatch, and those of the source
  static Result<ImageFiles> scan(ImageSource& image, const ImageLimits& limits);

  /// Follows symbolic links as if the image were the root: nothing leads out of it. Null when nothing is there.
  [[nodiscard]] const ImageFile* find(std::string_view path) const;
  /// Clean names of all regular files that begin like wasm, sorted.
  [[nodiscard]] std::vector<std::string> wasm_files() const;

 private:
  class LayerScan;
  void remove_tree(const std::string& name);
  void remove_children(const std::string& folder);
  void put(const std::string& name, ImageFile file);
  std::map<std::string, ImageFile> files_{};
};

/// Streams a regular file out of its layer. The sink is complete only when this succeeds: the digest of the layer is
/// checked after the last byte.
Result<void> extract_file(ImageSource& image, const ImageFile& file, const ImageLimits& limits, Sink& sink);

}  // namespace davit::oci
