// One scope of a component: a component itself, or the body of a component type or instance type. It holds the index
// spaces, and what may be imported and exported under which names.
#pragma once

#include <array>
#include <map>
#include <set>

#include "wasm/component/matching.hpp"
#include "wasm/component/names.hpp"
#include "wasm/core_types.hpp"

namespace davit::wasm {

enum class ScopeKind : std::uint8_t { component, component_type, instance_type };

/// A name with its attributes (Binary.md, "nameattributes"); it views the input.
struct NameView {
  std::string_view text{};
  std::optional<std::string_view> implements{};
  std::optional<std::string_view> version_suffix{};
  std::optional<std::string_view> external_id{};
};

/// Names of one direction.
struct NamesTaken {
  std::set<std::string, std::less<>> keys{};
  std::map<TypeId, std::string> resources{};
  std::set<std::string, std::less<>> resource_names{};
  std::unordered_set<TypeId> types{};  ///< types that may stand in a signature, since they have a name
};

/// In `spaces` stand: TypeIds of functions, values, types, components and instances; numbers of core modules and core
/// instances in TypeStore::core_shapes; CoreTypeIds of core functions; numbers in TypeStore::core_entities of tables,
/// memories, globals and tags. Of a core type its CoreTypeId, or k_module_type plus the number of its shape.
struct ComponentScope {
  ScopeKind kind = ScopeKind::component;
  std::string place{};  ///< `component 2` or `type 5`, for messages; empty for the outermost
  std::array<std::vector<std::uint32_t>, k_sort_count> spaces{};
  std::vector<bool> is_value_used{};
  ModuleSpaces core{};
  ItemList imports{};
  ItemList exports{};
  NamesTaken import_names{};
  NamesTaken export_names{};
  std::vector<ResourcePlace> imported{};
  std::map<ResourceId, std::uint8_t> defined{};  ///< with the representation of those that are defined here, else 0
  std::uint8_t context_type = 0;                 ///< of context.get and context.set, once one was met

  [[nodiscard]] std::vector<std::uint32_t>& space(Sort sort) { return spaces[static_cast<std::size_t>(sort)]; }
  [[nodiscard]] const std::vector<std::uint32_t>& space(Sort sort) const { return spaces[static_cast<std::size_t>(sort)]; }
};
inline constexpr std::uint32_t k_module_type = 0x80000000U;

/// The item of an import or export as it is to be numbered: instances with resources of their own get fresh ones.
void settle_item(TypeStore& types, ComponentScope& scope, Item& item, bool is_import);

/// Enters a settled item under its name.
/// @return why it may not stand there, if so
Mismatch declare_item(TypeStore& types, ComponentScope& scope, const NameView& name, Item item, bool is_import);

/// The checks of a name alone and against those before it (`names`), as in a bag of exports.
Mismatch check_name(const TypeStore& types, NamesTaken& names, const ItemList& before, const NameView& name, const Item& item);

/// Registers the types of an item, which may only mention types that have a name.
bool names_its_types(const TypeStore& types, ComponentScope& scope, const Item& item, std::string_view name, bool is_import);

/// The type of a whole scope at its end.
/// @param type  set on success
Mismatch finish_scope(TypeStore& types, ComponentScope& scope, TypeId& type);

}  // namespace davit::wasm
