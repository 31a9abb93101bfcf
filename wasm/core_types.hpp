// Types of core modules: value types, heap types, limits, and the type section with its recursion groups.
// WebAssembly core 3.0 §5.3. One-byte types are negative s33 in their shortest form; type indices are s33 ≥ 0 and
// may be padded, hence the two ways of reading below.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "wasm/constructs.hpp"
#include "wasm/core_type_store.hpp"
#include "wasm/cursor.hpp"
#include "wasm/limits.hpp"
#include "wasm/module_visitor.hpp"

namespace davit::wasm {

struct TypeEntry {
  TypeForm form = TypeForm::function;
  CoreTypeId id = k_no_core_type;  ///< of the same type in the store
  std::uint32_t parameters = 0;    ///< of a function
  std::uint32_t results = 0;
};

/// A value type as far as a structural reader needs it.
struct ValueType {
  std::uint8_t code = 0;   ///< first byte
  std::int64_t heap = -1;  ///< type index of a `(ref $t)`, else minus the code of the heap type
  bool is_shared = false;
  [[nodiscard]] bool is_function_reference() const { return code == 0x70; }
};

/// The index spaces of one module, filled in section order.
struct ModuleSpaces {
  std::vector<TypeEntry> types{};
  std::uint32_t imported_functions = 0;
  std::vector<std::uint32_t> functions{};  ///< type of each function, imported ones first
  std::vector<CoreEntity> tables{};
  std::vector<CoreEntity> memories{};
  std::vector<CoreEntity> globals{};
  std::vector<CoreEntity> tags{};
  std::uint32_t element_segments = 0;
  std::optional<std::uint32_t> data_count{};
  ConstructSet constructs{};
  ModuleVisitor* visitor = nullptr;  ///< told of entries and references, if any
  CoreTypeStore* store = nullptr;    ///< where types are interned; set before any type is read
  /// The full type of an item, which must exist.
  [[nodiscard]] CoreEntity entity(CoreEntity::Kind kind, std::uint32_t index) const;
};

/// Reads types against the spaces of one module. Failures go to the cursor.
class TypeReader {
 public:
  TypeReader(ModuleSpaces& spaces, const Limits& limits) : spaces_(spaces), limits_(limits) {}

  /// One entry of the type section: a recursion group or a single type.
  void read_recursion_group(Cursor& cursor);
  ValueType read_value_type(Cursor& cursor, bool packed_allowed = false);
  ValueType read_reference_type(Cursor& cursor);
  std::int64_t read_heap_type(Cursor& cursor);
  std::uint32_t read_type_index(Cursor& cursor);
  std::uint32_t read_function_type_index(Cursor& cursor);
  /// Appends to the table or memory space.
  void read_table_type(Cursor& cursor);
  void read_memory_type(Cursor& cursor);
  void read_global_type(Cursor& cursor, bool at_edge);
  void read_tag_type(Cursor& cursor);
  void require_type_index(Cursor& cursor, std::uint64_t index, std::uint64_t offset) const;
  /// The same type without the numbers of this module.
  [[nodiscard]] CoreValueType resolve(const ValueType& type) const;

 private:
  void read_sub_type(Cursor& cursor);
  void read_composite_type(Cursor& cursor, TypeEntry& entry, CoreType& type);
  void read_function_type(Cursor& cursor, TypeEntry& entry, CoreType& type);
  CoreField read_field(Cursor& cursor);
  [[nodiscard]] CoreTypeId link(std::uint32_t index) const;
  void check_group(Cursor& cursor, CoreTypeId base, std::uint64_t offset) const;
  CoreEntity read_limits(Cursor& cursor, bool memory);
  void meet(Construct construct, const Cursor& cursor) { spaces_.constructs.add(construct, cursor.offset()); }

  ModuleSpaces& spaces_;
  const Limits& limits_;
  std::uint64_t visible_types_ = 0;  ///< end of the recursion group being read; 0 outside the type section
  std::uint64_t group_start_ = 0;    ///< first index of that group
  std::vector<CoreType> group_{};
};

}  // namespace davit::wasm
