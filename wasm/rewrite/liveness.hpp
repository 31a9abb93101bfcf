// What of a component can be noticed from outside, and so what may go. Marking starts at the exports and at whatever acts
// when it is instantiated, and follows indices, names of core exports, and arguments whose import somebody still has.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "wasm/rewrite/component_tree.hpp"
#include "wasm/rewrite/module_edges.hpp"
#include "wasm/rewrite/slot_table.hpp"

namespace davit::wasm {

struct LivenessOptions {
  bool keep_imports = false;  ///< of the outermost component
};

struct Liveness {
  std::vector<bool> entries{};                 ///< by EntryId
  std::vector<std::vector<bool>> arguments{};  ///< by EntryId, then as EntryView::arguments
  std::vector<NameSet> exports{};              ///< by ModuleId: the names that are used
  std::vector<bool> is_open{};                 ///< by ModuleId: it leaves the component's sight, all of its exports are used
  /// By ModuleId of a filler (slot_table.hpp): the slots that are called. Other modules have no entry.
  std::map<ModuleId, std::set<std::uint32_t>> slots{};
};

/// @param modules  the edges of every nested module as they are now, by ModuleId
/// @param limits   for reading shims and fillers again
Liveness find_live(const ComponentTree& tree, const std::vector<ModuleEdges>& modules, const LivenessOptions& options,
                   const Limits& limits);

}  // namespace davit::wasm
