#include "wasm/component/type_store.hpp"

#include <algorithm>
#include <numeric>

namespace davit::wasm {
namespace {

constexpr std::uint8_t k_first_primitive = 0x73;  // string; the last is 0x7f, bool
constexpr std::uint8_t k_string = 0x73;
constexpr std::uint8_t k_error_context = 0x64;

}  // namespace

void ItemList::sort_names() {
  by_name.resize(items.size());
  std::iota(by_name.begin(), by_name.end(), 0U);
  std::ranges::sort(by_name, {}, [&](std::uint32_t i) -> const std::string& { return items[i].name; });
}

const Item* ItemList::find(std::string_view name) const {
  const auto place = std::ranges::lower_bound(by_name, name, {}, [&](std::uint32_t i) { return std::string_view(items[i].name); });
  return place != by_name.end() && items[*place].name == name ? &items[*place] : nullptr;
}

TypeStore::TypeStore(const Limits& limits) : limits_(limits), budget_(limits.component_work) {
  for (unsigned code = k_first_primitive; code <= 0x7f; ++code)
    (void)add({.primitive = static_cast<std::uint8_t>(code), .has_pointer = code == k_string});
  (void)add({.primitive = k_error_context, .has_handle = true});
  signatures_.emplace_back();
}

TypeId TypeStore::primitive(std::uint8_t code) const {
  return code == k_error_context ? TypeId{0x7f - k_first_primitive + 1} : TypeId{code} - k_first_primitive;
}

void TypeStore::fail(std::string why) const {
  if (!failure_) failure_ = std::move(why);
}

bool TypeStore::spend(std::uint64_t steps) const {
  if (budget_ < steps) {
    budget_ = 0;
    fail("types take more than " + std::to_string(limits_.component_work) + " steps to compare");
    return false;
  }
  budget_ -= steps;
  return true;
}

void TypeStore::measure(Type& type, TypeId part) {
  if (part == k_no_type) return;
  const Type& inner = types_[part];
  type.size = std::min(type.size + inner.size, limits_.type_size + 1);
  type.depth = std::max(type.depth, inner.depth + 1);
  type.has_resource |= inner.has_resource;
  if (inner.kind >= TypeKind::function) return;
  type.has_borrow |= inner.has_borrow;
  type.has_handle |= inner.has_handle;
  type.has_pointer |= inner.has_pointer;
}

void TypeStore::measure(Type& type, const ItemList& items) {
  for (const Item& item : items.items) {
    if (item.sort != Sort::core_module) measure(type, item.type);
    else type.size = std::min(type.size + 1, limits_.type_size + 1);
  }
}

TypeId TypeStore::add(Type type) {
  if (type.kind != TypeKind::primitive) {
    type.size = 1;
    type.depth = 1;
    type.has_resource = type.kind == TypeKind::resource;
    type.has_handle =
        type.kind == TypeKind::own || type.kind == TypeKind::borrow || type.kind == TypeKind::stream || type.kind == TypeKind::future;
    type.has_pointer = type.kind == TypeKind::list || type.kind == TypeKind::map;
    type.has_borrow = type.kind == TypeKind::borrow;
    measure(type, type.first);
    measure(type, type.second);
    for (const Label& label : type.labels) measure(type, label.type);
    if (type.kind == TypeKind::instance || type.kind == TypeKind::component) {
      measure(type, signatures_[type.signature].imports);
      measure(type, signatures_[type.signature].exports);
    }
    // A handle to a stream's or future's content is the other side's; what it carries is not in memory here.
    if (type.kind == TypeKind::stream || type.kind == TypeKind::future) type.has_pointer = false;
  }
  if (type.size > limits_.type_size) fail("effective type size exceeds the limit of " + std::to_string(limits_.type_size));
  if (type.depth > limits_.type_depth) fail("types nested deeper than " + std::to_string(limits_.type_depth));
  if (types_.size() >= limits_.component_types) {
    fail("more than " + std::to_string(limits_.component_types) + " types");
    return 0;
  }
  types_.push_back(std::move(type));
  return static_cast<TypeId>(types_.size() - 1);
}

TypeId TypeStore::add_signature(TypeKind kind, Signature signature) {
  signature.imports.sort_names();
  signature.exports.sort_names();
  signatures_.push_back(std::move(signature));
  return add({.kind = kind, .signature = static_cast<std::uint32_t>(signatures_.size() - 1)});
}

TypeId TypeStore::add_resource() { return add({.kind = TypeKind::resource, .resource = fresh_resource()}); }

TypeId TypeStore::add_alias(TypeId of) {
  Type copy = types_[of];
  copy.alias_of = of;
  return add(std::move(copy));
}

TypeId TypeStore::resolve(TypeId id) const {
  while (types_[id].alias_of != k_no_type) id = types_[id].alias_of;
  return id;
}

TypeId TypeStore::remap(TypeId id, Remapping& map) {
  if (id == k_no_type || failure_) return id;
  if (!map.renames_types && !types_[id].has_resource) return id;
  if (const auto known = map.types.find(id); known != map.types.end()) return known->second;
  if (!spend(1)) return id;
  if (types_[id].kind == TypeKind::instance || types_[id].kind == TypeKind::component) return remap_signature(id, map);
  Type copy = types_[id];
  bool changed = false;
  const auto replace = [&](TypeId& part) {
    const TypeId now = remap(part, map);
    changed |= now != part;
    part = now;
  };
  if (copy.kind == TypeKind::resource) {
    if (const auto to = map.resources.find(copy.resource); to != map.resources.end()) {
      changed = true;
      copy.resource = to->second;
    }
  } else {
    replace(copy.first);
    replace(copy.second);
    for (Label& label : copy.labels) replace(label.type);
  }
  if (copy.alias_of != k_no_type && changed) copy.alias_of = remap(copy.alias_of, map);
  const TypeId result = changed ? add(std::move(copy)) : id;
  map.types.emplace(id, result);
  return result;
}

TypeId TypeStore::remap_signature(TypeId id, Remapping& map) {
  Signature copy = signature(id);
  bool changed = false;
  for (ItemList* list : {&copy.imports, &copy.exports}) {
    for (Item& item : list->items) {
      const std::uint32_t before = item.type;
      remap(item, map);
      changed |= item.type != before;
    }
  }
  TypeId result = id;
  if (changed) {
    signatures_.push_back(std::move(copy));
    Type type{.kind = types_[id].kind, .alias_of = types_[id].alias_of, .signature = static_cast<std::uint32_t>(signatures_.size() - 1)};
    if (type.alias_of != k_no_type) type.alias_of = remap(type.alias_of, map);
    result = add(std::move(type));
  }
  map.types.emplace(id, result);
  return result;
}

void TypeStore::remap(Item& item, Remapping& map) {
  if (item.sort == Sort::core_module) return;
  item.type = remap(item.type, map);
  if (item.sort == Sort::type) item.referenced = remap(item.referenced, map);
}

void TypeStore::free_of(const ItemList& items, std::unordered_set<ResourceId>& found, std::unordered_set<TypeId>& seen) const {
  for (const Item& item : items.items) {
    if (item.sort != Sort::core_module) free_of(item.type, found, seen);
  }
}

void TypeStore::free_of(TypeId id, std::unordered_set<ResourceId>& found, std::unordered_set<TypeId>& seen) const {
  if (id == k_no_type || !types_[id].has_resource || !seen.insert(id).second || !spend(1)) return;
  const Type& type = types_[id];
  if (type.kind == TypeKind::resource) {
    found.insert(type.resource);
    return;
  }
  free_of(type.first, found, seen);
  free_of(type.second, found, seen);
  for (const Label& label : type.labels) free_of(label.type, found, seen);
  if (type.kind != TypeKind::instance && type.kind != TypeKind::component) return;
  // What the signature binds itself is not free; ids are never reused, so it can be taken away again.
  std::unordered_set<ResourceId> inner;
  std::unordered_set<TypeId> inner_seen;
  free_of(signature(id).imports, inner, inner_seen);
  free_of(signature(id).exports, inner, inner_seen);
  for (const ResourcePlace& place : signature(id).imported) inner.erase(place.resource);
  for (const ResourcePlace& place : signature(id).defined) inner.erase(place.resource);
  found.insert(inner.begin(), inner.end());
}

void TypeStore::collect_free(TypeId id, std::unordered_set<ResourceId>& found) const {
  std::unordered_set<TypeId> seen;
  free_of(id, found, seen);
}

void TypeStore::collect_free(const ItemList& items, std::unordered_set<ResourceId>& found) const {
  std::unordered_set<TypeId> seen;
  free_of(items, found, seen);
}

std::vector<ResourcePlace> TypeStore::places(const ItemList& exports, const std::vector<ResourceId>& wanted) const {
  std::unordered_set<ResourceId> missing(wanted.begin(), wanted.end());
  std::unordered_set<TypeId> seen;
  std::vector<ResourcePlace> found;
  // Depth first; a frame is an item list and the next item of it.
  struct Frame {
    const ItemList* list;
    std::uint32_t next;
  };
  std::vector<Frame> frames{{&exports, 0}};
  while (!frames.empty() && !missing.empty()) {
    Frame& frame = frames.back();
    if (frame.next == frame.list->items.size()) {
      frames.pop_back();
      continue;
    }
    const Item& item = frame.list->items[frame.next++];
    if (!spend(1)) break;
    if (item.sort == Sort::type && types_[item.type].kind == TypeKind::resource && missing.erase(types_[item.type].resource) != 0) {
      ResourcePlace place{.resource = types_[item.type].resource};
      for (const Frame& step : frames) place.path.push_back(step.next - 1);
      found.push_back(std::move(place));
    }
    if (item.sort == Sort::instance && types_[item.type].has_resource && seen.insert(item.type).second)
      frames.push_back({&signature(item.type).exports, 0});
  }
  return found;
}

}  // namespace davit::wasm
