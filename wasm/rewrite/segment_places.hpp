// Where active segments go, and those of them that Binaryen 108 does not treat as the specification does: it takes places
// as signed, and drops segments that write nothing anybody reads, although instantiating them may trap.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "manifests/bytes.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

struct RiskySegment {
  std::string_view what{};   ///< `data above 2 GiB`
  std::uint64_t offset = 0;  ///< in the file
};

/// @param module  well-formed, and without constructs beyond Binaryen
/// @return the first risky segment, if there is one
std::optional<RiskySegment> find_risky_segment(ByteView module, const Limits& limits);

}  // namespace davit::wasm
