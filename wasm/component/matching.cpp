#include "wasm/component/matching.hpp"

#include <array>
#include <map>
#include <set>

namespace davit::wasm {
namespace {

Mismatch within(Mismatch inner, const std::string& where) {
  if (!inner) return inner;
  return "type mismatch in " + where + ": " + *inner;
}

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

std::string describe(const Type& type) {
  static constexpr std::array<std::string_view, 13> k_names = {"string", "char", "f64", "f32", "u64", "s64", "u32",
                                                               "s32",    "u16",  "s16", "u8",  "s8",  "bool"};
  if (type.kind != TypeKind::primitive) return std::string(to_text(type.kind));
  return type.primitive < 0x73 ? "error-context" : std::string(k_names[type.primitive - 0x73U]);
}

}  // namespace

std::string_view to_text(TypeKind kind) {
  static constexpr std::array<std::string_view, 19> k_names = {
      "primitive", "record", "variant", "list", "fixed-length list", "tuple",    "flags",    "enum",     "option", "result", "own",
      "borrow",    "stream", "future",  "map",  "function",          "resource", "instance", "component"};
  return k_names[static_cast<std::size_t>(kind)];
}

Mismatch Matcher::optional(TypeId actual, TypeId expected, std::string_view what) {
  const std::string name(what);
  if (expected == k_no_type && actual == k_no_type) return std::nullopt;
  if (expected == k_no_type) return "expected " + name + " type to not be present";
  if (actual == k_no_type) return "expected " + name + " type, but found none";
  return within(mismatch(actual, expected), name);
}

Mismatch Matcher::labels(const Type& actual, const Type& expected) {
  const std::string kind(to_text(expected.kind));
  if (actual.labels.size() != expected.labels.size()) {
    return "expected " + std::to_string(expected.labels.size()) + " " + kind + " entries, found " + std::to_string(actual.labels.size());
  }
  for (std::size_t i = 0; i < expected.labels.size(); ++i) {
    const Label& mine = actual.labels[i];
    const Label& theirs = expected.labels[i];
    if (mine.name != theirs.name) return "expected " + kind + " entry " + quoted(theirs.name) + ", found " + quoted(mine.name);
    const std::string where = kind + (theirs.name.empty() ? " entry " + std::to_string(i) : " entry " + quoted(theirs.name));
    if (Mismatch inner = optional(mine.type, theirs.type, where)) return inner;
  }
  return std::nullopt;
}

Mismatch Matcher::function(const Type& actual, const Type& expected) {
  if (actual.is_async != expected.is_async) return expected.is_async ? "expected an async function" : "expected a sync function";
  if (actual.labels.size() != expected.labels.size())
    return "expected " + std::to_string(expected.labels.size()) + " parameters, found " + std::to_string(actual.labels.size());
  for (std::size_t i = 0; i < expected.labels.size(); ++i) {
    if (actual.labels[i].name != expected.labels[i].name)
      return "expected parameter named " + quoted(expected.labels[i].name) + ", found " + quoted(actual.labels[i].name);
    if (Mismatch inner = mismatch(actual.labels[i].type, expected.labels[i].type))
      return within(std::move(inner), "function parameter " + quoted(expected.labels[i].name));
  }
  return optional(actual.first, expected.first, "result");
}

Mismatch Matcher::mismatch(TypeId actual, TypeId expected) {
  if (actual == expected || !types_.spend(1)) return std::nullopt;
  // Nodes may move while signatures are opened below, hence the copies there.
  const Type& mine = types_.at(actual);
  const Type& theirs = types_.at(expected);
  const bool same = mine.kind == theirs.kind && (mine.kind != TypeKind::primitive || mine.primitive == theirs.primitive);
  if (!same) return "expected " + describe(theirs) + ", found " + describe(mine);
  switch (theirs.kind) {
    case TypeKind::primitive: return std::nullopt;
    case TypeKind::record:
    case TypeKind::variant:
    case TypeKind::tuple:
    case TypeKind::flags:
    case TypeKind::enumeration: return labels(mine, theirs);
    case TypeKind::fixed_list:
      if (mine.length != theirs.length)
        return "expected a list of " + std::to_string(theirs.length) + " elements, found " + std::to_string(mine.length);
      [[fallthrough]];
    case TypeKind::list:
    case TypeKind::option: return within(mismatch(mine.first, theirs.first), std::string(to_text(theirs.kind)));
    case TypeKind::stream:
    case TypeKind::future: return optional(mine.first, theirs.first, "payload");
    case TypeKind::map:
    case TypeKind::result: {
      if (Mismatch inner = optional(mine.first, theirs.first, theirs.kind == TypeKind::map ? "key" : "ok")) return inner;
      return optional(mine.second, theirs.second, theirs.kind == TypeKind::map ? "value" : "err");
    }
    case TypeKind::own:
    case TypeKind::borrow: return mismatch(mine.first, theirs.first);
    case TypeKind::resource:
      if (mine.resource != theirs.resource) return "resource types are not the same";
      return std::nullopt;
    case TypeKind::function: return function(mine, theirs);
    case TypeKind::instance: return instance(actual, expected);
    case TypeKind::component: return component(actual, expected);
  }
  return std::nullopt;
}

Mismatch Matcher::mismatch(const Item& actual, const Item& expected) {
  if (actual.sort != expected.sort)
    return "expected " + std::string(to_text(expected.sort)) + ", found " + std::string(to_text(actual.sort));
  if (expected.sort == Sort::core_module) return module_mismatch(types_.core_shapes[actual.type], types_.core_shapes[expected.type]);
  return mismatch(actual.type, expected.type);
}

Mismatch Matcher::module_mismatch(const CoreModuleType& actual, const CoreModuleType& expected) {
  using Key = std::pair<std::string_view, std::string_view>;
  if (!types_.spend(actual.imports.size() + actual.exports.size() + expected.imports.size() + expected.exports.size())) return std::nullopt;
  std::map<Key, const CoreEntity*> offered;
  for (const CoreImport& import : expected.imports) offered.emplace(Key{import.module, import.name}, &import.entity);
  for (const CoreImport& import : actual.imports) {
    const std::string name = quoted(import.module + "::" + import.name);
    const auto found = offered.find(Key{import.module, import.name});
    if (found == offered.end()) return "missing expected import " + name;
    if (Mismatch inner = types_.core.mismatch(*found->second, import.entity)) return within(std::move(inner), "import " + name);
  }
  std::map<std::string_view, const CoreEntity*> exported;
  for (const CoreExport& item : actual.exports) exported.emplace(item.name, &item.entity);
  for (const CoreExport& item : expected.exports) {
    const auto found = exported.find(item.name);
    if (found == exported.end()) return "missing expected export " + quoted(item.name);
    if (Mismatch inner = types_.core.mismatch(*found->second, item.entity)) return within(std::move(inner), "export " + quoted(item.name));
  }
  return std::nullopt;
}

Mismatch find_duplicate(const CoreModuleType& shape) {
  std::set<std::pair<std::string_view, std::string_view>> imports;
  for (const CoreImport& import : shape.imports) {
    if (!imports.emplace(import.module, import.name).second) return "duplicate import name " + quoted(import.module + ":" + import.name);
  }
  std::set<std::string_view> exports;
  for (const CoreExport& item : shape.exports) {
    if (!exports.insert(item.name).second) return "export name " + quoted(item.name) + " already defined";
  }
  return std::nullopt;
}

Mismatch Matcher::instance(TypeId actual, TypeId expected) {
  const ItemList mine = types_.signature(actual).exports;
  const ItemList theirs = types_.signature(expected).exports;
  if (!types_.spend(mine.items.size() + theirs.items.size())) return std::nullopt;
  for (const Item& wanted : theirs.items) {
    const Item* given = mine.find(wanted.name);
    if (given == nullptr) return "missing expected export " + quoted(wanted.name);
    if (Mismatch inner = mismatch(*given, wanted)) return within(std::move(inner), "instance export " + quoted(wanted.name));
  }
  return std::nullopt;
}

// What the expected component is given must be enough for the actual one; what that gives must be enough in turn.
Mismatch Matcher::component(TypeId actual, TypeId expected) {
  const Signature mine = types_.signature(actual);
  const Signature theirs = types_.signature(expected);
  if (!types_.spend(mine.imports.items.size() + mine.exports.items.size())) return std::nullopt;
  Remapping imports;
  if (Mismatch inner = open(theirs.imports, mine.imports, mine.imported, "import", imports)) return inner;
  imports.types.clear();
  imports.renames_types = false;
  ItemList exports = mine.exports;
  for (Item& item : exports.items) types_.remap(item, imports);
  Remapping ignored;
  return open(exports, theirs.exports, theirs.defined, "export", ignored);
}

void Matcher::bind(const ItemList& given, const ItemList& wanted, const ResourcePlace& place, Remapping& map) {
  const ItemList* here = &wanted;
  const ItemList* there = &given;
  for (std::size_t i = 0; i < place.path.size(); ++i) {
    const Item& mine = here->items[place.path[i]];
    const Item* other = there->find(mine.name);
    if (other == nullptr || other->sort != mine.sort) return;  // a mismatch that the comparison will tell
    if (i + 1 == place.path.size()) {
      if (other->sort == Sort::type && types_.at(other->type).kind == TypeKind::resource)
        map.resources.insert_or_assign(place.resource, types_.at(other->type).resource);
      return;
    }
    if (other->sort != Sort::instance) return;
    here = &types_.signature(mine.type).exports;
    there = &types_.signature(other->type).exports;
  }
}

void Matcher::rename(const Item& given, const Item& wanted, Remapping& map) {
  if (!types_.spend(1)) return;
  if (wanted.sort == Sort::type && given.type != wanted.type) map.types.insert_or_assign(wanted.type, given.type);
  if (wanted.sort != Sort::instance || given.type == wanted.type) return;
  const ItemList mine = types_.signature(given.type).exports;
  const ItemList theirs = types_.signature(wanted.type).exports;
  for (const Item& item : theirs.items) {
    if (const Item* other = mine.find(item.name)) rename(*other, item, map);
  }
}

Mismatch Matcher::open(const ItemList& given, const ItemList& wanted, const std::vector<ResourcePlace>& places, std::string_view what,
                       Remapping& map) {
  for (const ResourcePlace& place : places) bind(given, wanted, place, map);
  Remapping renames;
  for (const Item& item : wanted.items) {
    const Item* other = given.find(item.name);
    if (other == nullptr) return "missing " + std::string(what) + " named " + quoted(item.name);
    Item expected = item;
    Remapping once{.resources = map.resources};
    types_.remap(expected, once);
    if (Mismatch inner = mismatch(*other, expected)) return within(std::move(inner), std::string(what) + " " + quoted(item.name));
    rename(*other, item, renames);
  }
  map.types = std::move(renames.types);
  map.renames_types = !map.types.empty();
  return std::nullopt;
}

}  // namespace davit::wasm
