// The graph of one module: what keeps what in the file. The root keeps exports, the start function, imported things
// and everything that is neither code nor data; a table keeps what its active segments name, function by function only
// as far as somebody calls through the table with that function's type, or may take anything out of it.
#pragma once

#include <array>
#include <vector>

#include "wasm/size/profile.hpp"
#include "wasm/size/reference_collector.hpp"

namespace davit::wasm {

/// Where the things of each index space stand among the items; imported ones come first in each space.
struct ItemMap {
  std::array<std::uint32_t, k_part_count> first{};     ///< item of index 0
  std::array<std::uint32_t, k_part_count> imported{};  ///< how many of a space are imported
  std::array<std::uint32_t, k_part_count> count{};     ///< imported ones included
  std::vector<std::uint32_t> import_items{};           ///< item of each import, in file order
  [[nodiscard]] std::uint32_t item(Part part, std::uint32_t index) const { return first[static_cast<std::size_t>(part)] + index; }
};

/// Fills `retained` of the items.
/// @param module  the module's bytes; the collector's offsets count from `base`
/// @return bytes of functions and segments that nothing reaches
std::uint64_t measure_retained(ByteView module, std::uint64_t base, const ReferenceCollector& collected, const ItemMap& map,
                               std::vector<SizeItem>& items);

}  // namespace davit::wasm
