// Reads one core module section by section (WebAssembly core 3.0 §5.5) and fills a summary. Structure, indices and
// counts are checked; operand types of instructions are not.
#pragma once

#include "wasm/core_types.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {

struct ModuleReading {
  ModuleVisitor* visitor = nullptr;  ///< told of every entry and reference
  CoreTypeStore* store = nullptr;    ///< where types are interned, when modules are to be compared
  CoreModuleType* shape = nullptr;   ///< takes the imports and exports with their types
};

/// Everything of a summary that comes from one module. Sections carry absolute offsets.
/// @param base  absolute offset of the module inside the outermost file
/// @param reading  who is told what, besides the summary
/// Errors: malformed (offset set), limit
Result<BinarySummary> read_module(ByteView module, std::uint64_t base, const Limits& limits, ReadDepth depth,
                                  const ModuleReading& reading = {});

/// The item that the last import description added.
CoreEntity last_of(const ModuleSpaces& spaces, std::string_view kind);

/// Reads one import description (kind byte and type) into the spaces.
/// @return the kind's name
std::string_view read_import_description(Cursor& cursor, TypeReader& types, ModuleSpaces& spaces);

}  // namespace davit::wasm
