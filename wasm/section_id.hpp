// The ids of sections, which mean one thing in a module and another in a component. On the wire: never change.
#pragma once

#include <cstdint>

namespace davit::wasm {

/// WebAssembly core 3.0 §5.5.2.
namespace module_section {
enum Id : std::uint8_t {
  k_custom,
  k_type,
  k_import,
  k_function,
  k_table,
  k_memory,
  k_global,
  k_export,
  k_start,
  k_element,
  k_code,
  k_data,
  k_data_count,
  k_tag
};
}  // namespace module_section

/// component-model Binary.md, "Component Definitions".
namespace component_section {
enum Id : std::uint8_t {
  k_custom,
  k_core_module,
  k_core_instance,
  k_core_type,
  k_component,
  k_instance,
  k_alias,
  k_type,
  k_canon,
  k_start,
  k_import,
  k_export
};
}  // namespace component_section

}  // namespace davit::wasm
