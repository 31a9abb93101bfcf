// Whether the core modules of a component still find everything that they import: the one promise of a rewritten
// component that reading it again does not prove.
#pragma once

#include "wasm/rewrite/component_tree.hpp"
#include "wasm/rewrite/module_edges.hpp"

namespace davit::wasm {

/// @param modules  edges of the tree's modules as they are in the file
/// Errors: malformed (an import without an argument, an argument or alias without the export)
Result<void> check_links(const ComponentTree& tree, const std::vector<ModuleEdges>& modules);

}  // namespace davit::wasm
