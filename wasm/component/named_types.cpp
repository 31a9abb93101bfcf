// Signatures of imports and exports may only mention records, variants, enums, flags and resources that were imported
// or exported themselves before (component-model Explainer.md, "external visibility").

#include "wasm/component/scope.hpp"

#include <algorithm>

namespace davit::wasm {
namespace {

using Known = std::unordered_set<TypeId>;

bool is_named(const TypeStore& types, TypeId id, const Known& known) {
  if (id == k_no_type || !types.spend(1)) return true;
  const Type& type = types.at(id);
  switch (type.kind) {
    case TypeKind::record:
    case TypeKind::variant:
    case TypeKind::flags:
    case TypeKind::enumeration: return known.contains(id);
    case TypeKind::own:
    case TypeKind::borrow: return known.contains(type.first);
    default: break;
  }
  const auto label_is_named = [&](const Label& label) { return is_named(types, label.type, known); };
  return is_named(types, type.first, known) && is_named(types, type.second, known) && std::ranges::all_of(type.labels, label_is_named);
}

// The same one step further: the type itself needs no name.
bool mentions_named(const TypeStore& types, TypeId id, const Known& known) {
  if (!types.spend(1)) return true;
  const Type& type = types.at(id);
  switch (type.kind) {
    case TypeKind::resource:
    case TypeKind::component: return true;
    case TypeKind::own:
    case TypeKind::borrow: return known.contains(type.first);
    case TypeKind::instance:
      return std::ranges::all_of(types.signature(id).exports.items, [&](const Item& item) {
        return item.sort == Sort::core_module || mentions_named(types, item.type, known);
      });
    default: break;
  }
  const auto label_is_named = [&](const Label& label) { return is_named(types, label.type, known); };
  return is_named(types, type.first, known) && is_named(types, type.second, known) && std::ranges::all_of(type.labels, label_is_named);
}

}  // namespace

bool names_its_types(const TypeStore& types, ComponentScope& scope, const Item& item, std::string_view name, bool is_import) {
  NamesTaken& names = is_import ? scope.import_names : scope.export_names;
  if (item.sort == Sort::type && !name.empty() && types.at(item.type).kind == TypeKind::resource) {
    names.resources.insert_or_assign(item.type, std::string(name));
    names.resource_names.emplace(name);
  }
  if (scope.kind == ScopeKind::instance_type || !types.spend(1)) return true;
  switch (item.sort) {
    case Sort::type:
      if (!mentions_named(types, item.referenced, names.types)) return false;
      scope.export_names.types.insert(item.type);
      if (is_import) scope.import_names.types.insert(item.type);
      return true;
    case Sort::instance:
      return std::ranges::all_of(types.signature(item.type).exports.items,
                                 [&](const Item& inner) { return names_its_types(types, scope, inner, "", is_import); });
    case Sort::function: return mentions_named(types, item.type, names.types);
    case Sort::value: return is_named(types, item.type, names.types);
    default: return true;
  }
}

}  // namespace davit::wasm
