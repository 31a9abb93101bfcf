// Where active data segments go.
#pragma once

#include <cstdint>
#include <optional>

#include "manifests/bytes.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

/// Offset in the file of the first active data segment placed by a constant at or above 2 GiB, if there is one.
std::optional<std::uint64_t> find_high_data(ByteView module, const Limits& limits);

}  // namespace davit::wasm
