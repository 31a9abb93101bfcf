// Which shims and fillers (slot_table.hpp) of a component belong together, where nothing else can reach their table.
#pragma once

#include <map>
#include <vector>

#include "wasm/rewrite/component_tree.hpp"
#include "wasm/rewrite/slot_table.hpp"

namespace davit::wasm {

struct SlotLink {
  SlotCallers callers{};
  SlotFiller filler{};
  ModuleId filler_module = 0;
  EntryId filler_instance = 0;  ///< the entry that instantiates the filler
};

/// Who refers to an index, by (scope, sort, index).
class UserMap {
 public:
  explicit UserMap(const ComponentTree& tree);
  [[nodiscard]] const std::vector<EntryId>& users(ScopeId scope, Sort sort, std::uint32_t index) const;
  /// Of the first index that an entry defines.
  [[nodiscard]] const std::vector<EntryId>& users(const EntryView& entry) const;

 private:
  std::map<std::tuple<ScopeId, Sort, std::uint32_t>, std::vector<EntryId>> users_{};
};

/// By the shim's module.
std::map<ModuleId, SlotLink> find_slot_links(const ComponentTree& tree, const UserMap& users, const Limits& limits);

}  // namespace davit::wasm
