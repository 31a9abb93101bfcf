// The sorts of things that a component can number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace davit::wasm {

class Cursor;

/// Every sort of index, core ones first. The order is ours, not the wire's.
enum class Sort : std::uint8_t {
  core_function,
  core_table,
  core_memory,
  core_global,
  core_tag,
  core_type,
  core_module,
  core_instance,
  function,
  value,
  type,
  component,
  instance
};
inline constexpr std::size_t k_sort_count = 13;

/// `func`, `instance`, `module`, …
std::string_view to_text(Sort sort);

/// A sort as imports, exports and arguments write it (component-model Binary.md, `sort`). A code that is none fails the cursor.
Sort read_sort(Cursor& cursor);
/// The same where only core things can stand.
Sort read_core_sort(Cursor& cursor);

}  // namespace davit::wasm
