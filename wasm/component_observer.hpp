// What a component reader tells while it reads: every section, entry, index and scope in file order. A rewriter learns
// from it where each entry lies and which bytes of it are indices, without a second reader of its own.
#pragma once

#include <cstdint>

#include "wasm/component_types.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {

/// One index as it stands in the file.
struct IndexUse {
  Sort sort = Sort::type;
  std::uint32_t index = 0;
  std::uint32_t scopes_out = 0;  ///< 0 = the innermost scope; more only for outer aliases
  std::uint64_t offset = 0;      ///< of its LEB, from the start of the outermost file
  std::uint64_t size_bytes = 0;  ///< of its LEB, which may be padded
  bool is_signed = false;        ///< an s33 (value types) instead of a u32
};

/// Calls come in file order. Core types' references to each other (inside recursion groups and module types) are not
/// reported; a rewriter that moves core types has to read those itself.
class ComponentObserver {
 public:
  virtual ~ComponentObserver() = default;
  /// A section of the innermost component, before anything of its content.
  virtual void begin_section(const SectionView& section) = 0;
  /// One entry of a section that is a vector; also the whole payload of a start section.
  virtual void begin_entry(std::uint64_t offset) = 0;
  virtual void end_entry(std::uint64_t offset) = 0;
  virtual void use_index(const IndexUse& use) = 0;
  virtual void define_index(Sort sort) = 0;
  /// A component (the outermost too), or the body of a component or instance type.
  virtual void enter_scope(bool is_component) = 0;
  virtual void leave_scope() = 0;
};

}  // namespace davit::wasm
