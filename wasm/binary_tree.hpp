// A wasm file as a tree of binaries: the file itself and every module and component nested in it, each with what its
// custom sections say. Only frames are read; what the known sections hold is another reader's business.
#pragma once

#include <vector>

#include "wasm/summary.hpp"

namespace davit::wasm {

/// One module or component. It views the file and must not outlive it.
struct BinaryView {
  Kind kind = Kind::module;
  std::size_t parent = 0;   ///< index in the tree; the first binary is its own
  std::uint32_t depth = 0;  ///< 0 for the file itself
  std::uint64_t offset = 0;
  ByteView bytes{};
  std::string name{};
  std::vector<ProducerField> producers{};
  std::map<std::string, std::string> metadata{};  ///< authors, description, …
  std::vector<SectionView> customs{};             ///< in file order
  std::vector<SectionView> data_sections{};       ///< data sections of a module

  /// Content of the first custom section with this name.
  [[nodiscard]] std::optional<ByteView> custom(std::string_view section) const;
};

/// All binaries of a file, the outermost first, each before those nested in it.
/// Errors: malformed (offset set), limit (depth, count), unsupported
Result<std::vector<BinaryView>> read_binary_tree(ByteView file, const Limits& limits);

}  // namespace davit::wasm
