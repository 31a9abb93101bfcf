// Reads one core module section by section (WebAssembly core 3.0 §5.5) and fills a summary. Structure, indices and
// counts are checked; operand types of instructions are not.
#pragma once

#include "wasm/core_types.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {

/// Everything of a summary that comes from one module. Sections carry absolute offsets.
/// @param base  absolute offset of the module inside the outermost file
/// @param visitor  told of every entry and reference that is read, if any
/// Errors: malformed (offset set), limit
Result<BinarySummary> read_module(ByteView module, std::uint64_t base, const Limits& limits, ReadDepth depth,
                                  ModuleVisitor* visitor = nullptr);

/// Reads one import description (kind byte and type) into the spaces.
/// @return the kind's name
std::string_view read_import_description(Cursor& cursor, TypeReader& types, ModuleSpaces& spaces);

}  // namespace davit::wasm
