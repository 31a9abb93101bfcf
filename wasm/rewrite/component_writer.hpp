// Writes a component again without the entries that nobody needs, with other bytes for its modules. What stays keeps its
// place; indices are counted anew, also in the names section and in outer aliases of nested components.
#pragma once

#include <vector>

#include "wasm/rewrite/component_tree.hpp"
#include "wasm/rewrite/liveness.hpp"

namespace davit::wasm {

/// @param live     what stays; every index that a kept entry holds must be of a kept entry
/// @param modules  bytes of every nested module by ModuleId; those that go are not looked at
Bytes write_component(const ComponentTree& tree, const Liveness& live, const std::vector<ByteView>& modules);

}  // namespace davit::wasm
