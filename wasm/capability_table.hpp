// The table of known imports. Rows are data: pattern of the module (or interface), pattern of the function, and the
// capabilities they stand for. A `*` at the end of a pattern matches any rest. The first row that matches counts.
#pragma once

#include <span>
#include <string_view>

namespace davit::wasm {

struct CapabilityRow {
  std::string_view module;
  std::string_view function;
  /// Blank-separated `class.part` words; empty for calls that reach nothing outside.
  std::string_view reaches;
};

/// Imports of core modules.
std::span<const CapabilityRow> core_rows();
/// Imports and members of instances of components, and the same names as core import modules; versions are cut off.
std::span<const CapabilityRow> interface_rows();
/// Exports through which a host calls in.
std::span<const CapabilityRow> export_rows();

}  // namespace davit::wasm
