// Componentizers break the circle between a module and the functions lowered with its memory by a pair of tiny modules.
// The first ("shim") exports a table and, for each slot of it, a function that calls through that slot. The second
// ("filler") imports the table and the real functions, and one element segment puts them in. A slot whose calling function
// nobody uses is never read, so the function in it can go, and with it what it was lowered from.
//
// Only pairs of exactly this shape are recognized; anything else is left alone.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"
#include "wasm/limits.hpp"
#include "wasm/rewrite/module_edges.hpp"

namespace davit::wasm {

struct SlotCallers {
  std::string table_export{};
  std::map<std::string, std::uint32_t, std::less<>> slots{};  ///< exported function → the slot that it calls
};

struct SlotFiller {
  ModuleImport table{};
  std::vector<std::pair<std::uint32_t, ModuleImport>> slots{};  ///< slot and the import put there
};

/// Nothing when the module is not a shim.
std::optional<SlotCallers> read_slot_callers(ByteView module, const Limits& limits);
/// Nothing when the module is not a filler.
std::optional<SlotFiller> read_slot_filler(ByteView module, const Limits& limits);
/// A filler that fills only the slots named.
Bytes keep_slots(ByteView filler, const std::set<std::uint32_t>& kept, const Limits& limits);

}  // namespace davit::wasm
