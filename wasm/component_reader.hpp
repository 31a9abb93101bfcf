// Reads component binaries (component-model Binary.md of 2026): sections in any order, definitions in file order,
// modules and components nested in each other. Nesting is walked with an explicit stack, since its depth comes from
// the file. Every construct is read to its end; what the file may name but davit does not know is an error that says
// which byte, never skipped.
#pragma once

#include "wasm/component/type_store.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {

class ComponentObserver;

/// The resolved types of a component and its own.
struct ComponentModel {
  explicit ComponentModel(const Limits& limits) : types(limits) {}
  TypeStore types;
  TypeId type = 0;
};

/// @param observer  told of everything on the way; may be absent
/// @param model     takes the types; may be absent
/// Errors: malformed (offset set), limit, unsupported (drafts that no runtime has shipped)
Result<BinarySummary> read_component(ByteView component, const Limits& limits, ReadDepth depth, ComponentObserver* observer = nullptr,
                                     ComponentModel* model = nullptr);

}  // namespace davit::wasm
