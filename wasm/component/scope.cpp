#include "wasm/component/scope.hpp"

#include <algorithm>

namespace davit::wasm {
namespace {

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

const Type* function_of(const TypeStore& types, const Item& item) { return item.sort == Sort::function ? &types.at(item.type) : nullptr; }

// `own R`, or the ok of `result<own R, E>`.
TypeId constructed(const TypeStore& types, TypeId result) {
  if (result == k_no_type) return k_no_type;
  const Type* type = &types.at(result);
  if (type->kind == TypeKind::result && type->first != k_no_type) type = &types.at(type->first);
  return type->kind == TypeKind::own ? type->first : k_no_type;
}

Mismatch check_resource(const NamesTaken& names, TypeId resource, std::string_view expected) {
  const auto known = names.resources.find(resource);
  if (known == names.resources.end()) return "the function's resource has no name in this context";
  if (known->second != expected) return "the function does not match the expected resource name " + quoted(known->second);
  return std::nullopt;
}

Mismatch check_method(const TypeStore& types, const NamesTaken& names, const ExternNameView& name, const Type& function) {
  if (name.kind == NameKind::static_function) {
    if (names.resource_names.contains(name.resource)) return std::nullopt;
    return "the static function's resource " + quoted(name.resource) + " is not known in this context";
  }
  if (name.kind == NameKind::constructor) {
    if (function.is_async) return "a constructor cannot be async";
    const TypeId resource = constructed(types, function.first);
    if (resource == k_no_type) return "a constructor returns `(own $T)` or `(result (own $T))`";
    return check_resource(names, resource, name.resource);
  }
  if (function.labels.empty()) return "a method has at least one argument";
  if (function.labels[0].name != "self") return "a method has a first argument called `self`";
  const Type& self = types.at(function.labels[0].type);
  if (self.kind != TypeKind::borrow) return "a method takes a first argument of `(borrow $T)`";
  return check_resource(names, self.first, name.resource);
}

TypeId property_of(const TypeStore& types, TypeId result) {
  return types.at(result).kind == TypeKind::result ? types.at(result).first : result;
}

Mismatch check_accessor(const TypeStore& types, const ItemList& before, const ExternNameView& name, const Type& function) {
  const std::size_t own = function.labels.size() - (name.kind == NameKind::method ? 1 : 0);
  if (function.is_async) return "a getter or setter cannot be async";
  if (name.accessor == Accessor::get) {
    if (own != 0) return "a getter takes no parameters";
    if (function.first == k_no_type || property_of(types, function.first) == k_no_type) return "a getter returns a value";
    return std::nullopt;
  }
  if (own != 1) return "a setter takes exactly one parameter";
  const bool is_silent =
      function.first == k_no_type || (types.at(function.first).kind == TypeKind::result && types.at(function.first).first == k_no_type);
  if (!is_silent) return "a setter returns nothing or a result without a value";
  std::string getter = name.kind == NameKind::method ? "[method][get]" : name.kind == NameKind::static_function ? "[static][get]" : "[get]";
  if (!name.resource.empty()) getter += std::string(name.resource) + ".";
  getter += name.label;
  const auto found = std::ranges::find(before.items, getter, &Item::name);
  if (found == before.items.end()) return "a setter needs a preceding " + quoted(getter);
  const Type& partner = types.at(found->type);
  if (types.resolve(property_of(types, partner.first)) != types.resolve(function.labels.back().type))
    return "the parameter of a setter is what " + quoted(getter) + " returns";
  return std::nullopt;
}

Mismatch check_interface_version(std::string_view version, const std::optional<std::string_view>& suffix) {
  if (version.empty()) {
    if (suffix) return "a version suffix requires the name to have a version";
    return std::nullopt;
  }
  const std::string full = std::string(version) + std::string(suffix.value_or(""));
  if (!is_version(full)) return "invalid interface version " + quoted(full);
  if (suffix && canonical_version(full) != version) return quoted(version) + " is not the canonical version of " + quoted(full);
  return std::nullopt;
}

Mismatch check_attributes(const NameView& name, const ExternNameView& parsed, const Item& item) {
  if (name.version_suffix) {
    if (item.sort != Sort::instance) return "only instances can have a version suffix";
    if (name.version_suffix->empty()) return "a version suffix cannot be empty";
    if (!name.implements && parsed.kind != NameKind::interface) return "a version suffix needs the name of an interface";
  }
  if (!name.implements) return std::nullopt;
  if (parsed.kind != NameKind::label || parsed.accessor != Accessor::none)
    return "name " + quoted(name.text) + " is not valid with `implements`";
  if (item.sort != Sort::instance) return "only instances can have an `implements`";
  const std::optional<ExternNameView> interface = parse_extern_name(*name.implements);
  if (!interface) return explain_bad_name(*name.implements);
  if (interface->kind != NameKind::interface) return "name " + quoted(*name.implements) + " must be an interface";
  return check_interface_version(interface->version, name.version_suffix);
}

}  // namespace

Mismatch check_name(const TypeStore& types, NamesTaken& names, const ItemList& before, const NameView& name, const Item& item) {
  const std::optional<ExternNameView> parsed = parse_extern_name(name.text);
  if (!parsed) return explain_bad_name(name.text);
  if (Mismatch bad = check_attributes(name, *parsed, item)) return bad;
  if (parsed->kind == NameKind::interface) {
    if (Mismatch bad = check_interface_version(parsed->version, name.implements ? std::nullopt : name.version_suffix)) return bad;
  }
  const bool of_resource =
      parsed->kind == NameKind::constructor || parsed->kind == NameKind::method || parsed->kind == NameKind::static_function;
  const Type* function = function_of(types, item);
  if ((of_resource || parsed->accessor != Accessor::none) && function == nullptr)
    return "name " + quoted(name.text) + " is for a func only";
  if (of_resource) {
    if (Mismatch bad = check_method(types, names, *parsed, *function)) return "name " + quoted(name.text) + " is not valid: " + *bad;
  }
  if (!names.keys.insert(uniqueness_key(name.text)).second) return quoted(name.text) + " conflicts with a previous name";
  if (parsed->accessor != Accessor::none) {
    if (Mismatch bad = check_accessor(types, before, *parsed, *function)) return "name " + quoted(name.text) + " is not valid: " + *bad;
  }
  return std::nullopt;
}

void settle_item(TypeStore& types, ComponentScope& scope, Item& item, bool is_import) {
  const auto index = static_cast<std::uint32_t>(is_import ? scope.imports.items.size() : scope.exports.items.size());
  if (item.sort == Sort::type && item.type == item.referenced && types.at(item.type).kind == TypeKind::resource) {
    // Said to be some resource: the place where it comes into being.
    const ResourceId resource = types.at(item.type).resource;
    if (is_import) scope.imported.push_back({resource, {index}});
    else scope.defined.emplace(resource, 0);
  }
  if (item.sort != Sort::instance || types.signature(item.type).defined.empty()) return;
  const Signature before = types.signature(item.type);
  Remapping map;
  for (const ResourcePlace& place : before.defined) {
    const ResourceId fresh = types.fresh_resource();
    map.resources.emplace(place.resource, fresh);
    if (!is_import) {
      scope.defined.emplace(fresh, 0);
      continue;
    }
    ResourcePlace moved{.resource = fresh, .path = {index}};
    moved.path.insert(moved.path.end(), place.path.begin(), place.path.end());
    scope.imported.push_back(std::move(moved));
  }
  Signature settled{.exports = before.exports};
  for (Item& exported : settled.exports.items) types.remap(exported, map);
  item.type = types.add_signature(TypeKind::instance, std::move(settled));
}

Mismatch declare_item(TypeStore& types, ComponentScope& scope, const NameView& name, Item item, bool is_import) {
  const std::string_view way = is_import ? "import" : "export";
  ItemList& list = is_import ? scope.imports : scope.exports;
  NamesTaken& names = is_import ? scope.import_names : scope.export_names;
  if (item.sort == Sort::value && !is_import && types.at(item.type).has_borrow) return "an exported value cannot contain a `borrow` type";
  if (!names_its_types(types, scope, item, name.text, is_import))
    return std::string(to_text(item.sort)) + " not valid to be used as " + std::string(way) + ": it mentions a type without a name";
  if (Mismatch bad = check_name(types, names, list, name, item)) return std::string(way) + " " + *bad;
  item.name = name.text;
  item.implements = name.implements.value_or("");
  item.external_id = name.external_id.value_or("");
  list.items.push_back(std::move(item));
  return std::nullopt;
}

// Concrete resources may leave a component only where they are exported themselves, and never through its imports.
Mismatch finish_scope(TypeStore& types, ComponentScope& scope, TypeId& type) {
  Signature signature{.imports = std::move(scope.imports), .exports = std::move(scope.exports), .imported = std::move(scope.imported)};
  std::vector<ResourceId> leaving;
  if (scope.kind == ScopeKind::instance_type) {
    for (const auto& [resource, representation] : scope.defined) leaving.push_back(resource);
  } else if (!scope.defined.empty()) {
    std::unordered_set<ResourceId> free;
    types.collect_free(signature.imports, free);
    if (std::ranges::any_of(scope.defined, [&](const auto& entry) { return free.contains(entry.first); }))
      return "a local resource type is found in imports";
    free.clear();
    types.collect_free(signature.exports, free);
    for (const auto& [resource, representation] : scope.defined) {
      if (free.contains(resource)) leaving.push_back(resource);
    }
  }
  signature.defined = types.places(signature.exports, leaving);
  if (signature.defined.size() < leaving.size()) return "a local resource type is found in an export but not exported itself";
  for (std::size_t i = 0; i < scope.is_value_used.size(); ++i) {
    if (!scope.is_value_used[i] && scope.kind == ScopeKind::component) return "value " + std::to_string(i) + " is never used";
  }
  type = types.add_signature(scope.kind == ScopeKind::instance_type ? TypeKind::instance : TypeKind::component, std::move(signature));
  return std::nullopt;
}

}  // namespace davit::wasm
