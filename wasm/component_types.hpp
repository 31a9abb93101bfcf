// Types of the component level and the index spaces in which they live (component-model Binary.md, "Type Definitions").
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "wasm/core_types.hpp"

namespace davit::wasm {

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

enum class ComponentForm : std::uint8_t { other, function, resource, component, instance };

/// An export of an instance type or component type.
struct TypeMember {
  std::string name;
  Sort sort;
  int type;  ///< as ComponentScope::types
};

struct ComponentTypeInfo {
  ComponentForm form = ComponentForm::other;
  std::vector<TypeMember> exports{};
};

/// One scope: a component, or the body of a component or instance type.
struct ComponentScope {
  std::array<std::uint32_t, k_sort_count> counts{};
  std::vector<int> types{};  ///< index into the table of infos, -1 when nothing is known of the type
  ModuleSpaces core{};       ///< core types
};

/// An external description: its sort and, where it names one, the type.
struct ExternType {
  Sort sort = Sort::function;
  int type = -1;
};

class ComponentObserver;

/// Reads component-level types. Failures go to the cursor.
class ComponentTypeReader {
 public:
  explicit ComponentTypeReader(const Limits& limits) : limits_(limits) {}

  /// Told of every index and scope from now on; must outlive the reader.
  void observe(ComponentObserver* observer) { observer_ = observer; }
  /// The scopes from the outermost to the one being read.
  std::vector<ComponentScope*>& scopes() { return scopes_; }
  ComponentScope& scope() { return *scopes_.back(); }
  [[nodiscard]] const ComponentTypeInfo* info(int type) const { return type < 0 ? nullptr : &infos_[static_cast<std::size_t>(type)]; }

  void read_type(Cursor& cursor);
  void read_core_type(Cursor& cursor);
  void read_alias(Cursor& cursor, bool declaration);
  ExternType read_extern_type(Cursor& cursor);
  /// Name with attributes; the view lives as long as the input.
  std::string_view read_name(Cursor& cursor);
  Sort read_sort(Cursor& cursor);
  Sort read_core_sort(Cursor& cursor);
  void read_value_type(Cursor& cursor);
  void read_optional_value_type(Cursor& cursor);
  std::uint32_t read_index(Cursor& cursor, Sort sort);
  /// Appends one index of this sort to the scope.
  void append(Cursor& cursor, Sort sort, int type = -1);
  /// What a type index of the current scope refers to.
  int type_at(std::uint32_t index) { return index < scope().types.size() ? scope().types[index] : -1; }

 private:
  int read_definition(Cursor& cursor, std::uint8_t form, std::uint64_t offset);
  void report_use(const Cursor& cursor, Sort sort, std::uint32_t index, std::uint64_t offset, std::uint32_t scopes_out = 0,
                  bool is_signed = false);
  void read_labeled_types(Cursor& cursor, bool optional_types);
  void read_labels(Cursor& cursor, std::uint32_t limit);
  void read_function_type(Cursor& cursor);
  int read_scope_type(Cursor& cursor, bool component);
  void read_declaration(Cursor& cursor, bool component, ComponentTypeInfo& info);
  void read_module_type(Cursor& cursor);
  void read_module_declaration(Cursor& cursor, TypeReader& types, ModuleSpaces& spaces);
  int add(ComponentTypeInfo info);

  const Limits& limits_;
  std::deque<ComponentTypeInfo> infos_{};
  std::vector<ComponentScope*> scopes_{};
  std::uint32_t depth_ = 0;
  CoreTypeStore store_{};
  ComponentObserver* observer_ = nullptr;
};

}  // namespace davit::wasm
