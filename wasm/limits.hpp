// Every bound that the wasm room puts on outside data. The numbers are those of wasmparser 0.257 and of the
// WebAssembly JavaScript API (§ "Implementation-defined limits"); where the two differ the larger one stands here,
// so that davit refuses nothing that a widely used engine accepts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace davit::wasm {

struct Limits {
  std::uint64_t file_bytes = std::uint64_t{1} << 30;  ///< one module or component, nested ones included
  std::uint32_t depth = 64;                           ///< components in components, types in types
  std::uint32_t sections = 100'000;                   ///< per module or component; custom ones included
  std::uint32_t nested = 10'000;                      ///< modules and components in one file
  std::uint32_t name_bytes = 100'000;                 ///< one import, export or section name
  std::uint32_t types = 1'000'000;
  std::uint32_t subtype_depth = 63;  ///< core types under a parent, under a parent, …
  std::uint32_t functions = 1'000'000;
  std::uint32_t imports = 1'000'000;
  std::uint32_t exports = 1'000'000;
  std::uint32_t globals = 1'000'000;
  std::uint32_t tags = 1'000'000;
  std::uint32_t tables = 100'000;
  std::uint32_t memories = 100;
  std::uint32_t element_segments = 100'000;
  std::uint32_t element_items = 10'000'000;
  std::uint32_t data_segments = 100'000;
  std::uint32_t parameters = 1'000;
  std::uint32_t fields = 10'000;
  std::uint32_t locals = 50'000;
  std::uint64_t body_bytes = 7'654'321;
  std::uint32_t control_depth = 100'000;      ///< nested blocks in one body
  std::uint32_t component_items = 1'000'000;  ///< entries of one component section or type
  std::uint32_t component_types = 1'000'000;  ///< in one file, with those that instantiation makes
  std::uint32_t type_size = 1'000'000;        ///< parts of one component-level type, counted as often as they are met
  std::uint32_t type_depth = 100;
  std::uint64_t component_work = 50'000'000;       ///< steps that comparing the types of one file may take
  std::size_t wit_bytes = std::size_t{64} << 20U;  ///< of types and names in the WIT text of one file
  std::uint32_t producers = 1'000;                 ///< entries of one producers field
  std::uint64_t metadata_bytes = 1 << 20;          ///< one text section such as `description`
};

}  // namespace davit::wasm
