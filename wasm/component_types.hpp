// Reads types of the component level and resolves them as it goes (component-model Binary.md, "Type Definitions").
// Every index that a component uses passes through `read_index` (or `read_value_type` and `read_alias`), every index
// that it defines through `append`.
#pragma once

#include <string>
#include <vector>

#include "wasm/component/scope.hpp"
#include "wasm/core_types.hpp"

namespace davit::wasm {

class ComponentObserver;

/// Failures go to the cursor.
class ComponentTypeReader {
 public:
  ComponentTypeReader(const Limits& limits, TypeStore& types) : limits_(limits), types_(types) {}

  /// Told of every index and scope from now on; must outlive the reader.
  void observe(ComponentObserver* observer) { observer_ = observer; }
  /// The scopes from the outermost to the one being read.
  std::vector<ComponentScope*>& scopes() { return scopes_; }
  ComponentScope& scope() { return *scopes_.back(); }
  TypeStore& types() { return types_; }
  [[nodiscard]] const TypeStore& types() const { return types_; }
  /// `component 0, type 3`: where the first failure was, if inside the body of a type.
  [[nodiscard]] const std::string& failed_place() const { return failed_place_; }
  [[nodiscard]] std::string place() const;

  void read_type(Cursor& cursor);
  void read_core_type(Cursor& cursor);
  void read_alias(Cursor& cursor, bool declaration);
  /// An import or export description. The item has no name yet and is not settled.
  Item read_extern_type(Cursor& cursor);
  /// The views live as long as the input.
  NameView read_name(Cursor& cursor);
  TypeId read_value_type(Cursor& cursor);
  TypeId read_optional_value_type(Cursor& cursor);
  std::uint32_t read_index(Cursor& cursor, Sort sort);
  /// What `read_index` read refers to; 0 after a failure.
  std::uint32_t read_reference(Cursor& cursor, Sort sort);
  /// An index of a type of one kind.
  TypeId read_type_of(Cursor& cursor, TypeKind kind);
  /// A value, which may be used once.
  TypeId read_value(Cursor& cursor);
  /// Appends one index of this sort to the scope.
  void append(Cursor& cursor, Sort sort, std::uint32_t what);
  /// Settles, names and appends an import or export.
  void declare(Cursor& cursor, const NameView& name, Item item, bool is_import, std::uint64_t offset);
  void refuse_if(Cursor& cursor, const Mismatch& bad, std::uint64_t offset) const;
  /// A function's core type, as the one that a scope holds for it.
  [[nodiscard]] const CoreType& core_function(std::uint32_t type) const { return types_.core.at(type); }

 private:
  TypeId read_definition(Cursor& cursor, std::uint8_t form, std::uint64_t offset);
  TypeId read_definition_of_scope(Cursor& cursor, std::uint8_t form, std::uint64_t offset);
  TypeId read_handle_or_pipe(Cursor& cursor, std::uint8_t form, std::uint64_t offset);
  TypeId read_map(Cursor& cursor, std::uint64_t offset);
  TypeId read_fixed_list(Cursor& cursor, std::uint64_t offset);
  void report_use(const Cursor& cursor, Sort sort, std::uint32_t index, std::uint64_t offset, std::uint32_t scopes_out = 0,
                  bool is_signed = false);
  TypeId read_labeled_types(Cursor& cursor, TypeKind kind);
  TypeId read_labels(Cursor& cursor, TypeKind kind);
  void read_label(Cursor& cursor, std::vector<Label>& labels, std::set<std::string, std::less<>>& keys, std::string_view what);
  TypeId read_function_type(Cursor& cursor, bool is_async);
  TypeId read_resource_type(Cursor& cursor, std::uint64_t offset);
  TypeId read_scope_type(Cursor& cursor, ScopeKind kind);
  void read_declaration(Cursor& cursor, ScopeKind kind);
  void read_outer_alias(Cursor& cursor, Sort sort, std::uint64_t offset);
  void append_core_export(Cursor& cursor, Sort sort, std::uint32_t instance, std::string_view name, std::uint64_t offset);
  void append_export(Cursor& cursor, Sort sort, TypeId instance, std::string_view name, std::uint64_t offset);
  void read_module_type(Cursor& cursor);
  void read_module_declaration(Cursor& cursor, TypeReader& types, ModuleSpaces& spaces, CoreModuleType& shape);
  TypeId add(Cursor& cursor, Type type);

  const Limits& limits_;
  TypeStore& types_;
  std::vector<ComponentScope*> scopes_{};
  std::string failed_place_{};
  std::uint32_t depth_ = 0;
  ComponentObserver* observer_ = nullptr;
};

}  // namespace davit::wasm
