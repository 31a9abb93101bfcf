// Walks instructions with all their immediates (WebAssembly core 3.0 §5.4, legacy exception handling, threads, relaxed
// SIMD, wide arithmetic, stack switching, shared-everything and custom-descriptor drafts). Nesting, labels and indices
// are checked; operand types are in constant expressions only.
#pragma once

#include "wasm/core_types.hpp"

namespace davit::wasm {

/// A constant expression up to and with its `end`.
/// Its operands are checked, as it must give one value of the expected type.
void read_constant_expression(Cursor& cursor, ModuleSpaces& spaces, const CoreValueType& expected, const Limits& limits);

/// One function body without its size: locals, instructions, the last `end`.
/// @param type  index of the function's type
void read_function_body(Cursor& cursor, ModuleSpaces& spaces, std::uint32_t type, const Limits& limits);

}  // namespace davit::wasm
