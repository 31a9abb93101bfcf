#include "wasm/component/instance_reader.hpp"

#include <algorithm>

namespace davit::wasm {
namespace {

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

const CoreExport* find_export(const CoreModuleType& instance, std::string_view name) {
  const auto found =
      std::ranges::lower_bound(instance.exports, name, {}, [](const CoreExport& item) { return std::string_view(item.name); });
  return found != instance.exports.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

void InstanceReader::read_core(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (cursor.ok() && form > 1) return cursor.fail_at(ErrorCode::malformed, "malformed core instance", offset);
  if (form == 0) instantiate_core(cursor, offset);
  else collect_core(cursor, offset);
}

// The exports of an instance are sorted by name, so that aliases find them; modules that are instantiated often share one.
std::uint32_t InstanceReader::instance_of(std::uint32_t module) {
  const auto [place, is_new] = instances_.try_emplace(module, 0);
  if (!is_new) return place->second;
  std::vector<CoreModuleType>& shapes = types_.types().core_shapes;
  CoreModuleType instance{.exports = shapes[module].exports};
  std::ranges::sort(instance.exports, {}, &CoreExport::name);
  shapes.push_back(std::move(instance));
  place->second = static_cast<std::uint32_t>(shapes.size() - 1);
  return place->second;
}

Mismatch InstanceReader::link(const CoreModuleType& module, const std::map<std::string, std::uint32_t, std::less<>>& arguments) {
  TypeStore& types = types_.types();
  if (!types.spend(module.imports.size())) return std::nullopt;
  for (const CoreImport& import : module.imports) {
    const auto argument = arguments.find(import.module);
    if (argument == arguments.end()) return "missing module instantiation argument named " + quoted(import.module);
    const CoreExport* given = find_export(types.core_shapes[argument->second], import.name);
    if (given == nullptr)
      return "module instantiation argument " + quoted(import.module) + " does not export an item named " + quoted(import.name);
    if (const Mismatch why = types.core.mismatch(given->entity, import.entity))
      return "type mismatch for export " + quoted(import.name) + " of module instantiation argument " + quoted(import.module) + ": " + *why;
  }
  return std::nullopt;
}

void InstanceReader::instantiate_core(Cursor& cursor, std::uint64_t offset) {
  const std::uint32_t module = types_.read_reference(cursor, Sort::core_module);
  const std::uint32_t count = cursor.count(limits_.component_items, "arguments");
  std::map<std::string, std::uint32_t, std::less<>> arguments;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::string_view name = cursor.name(limits_.name_bytes);
    if (read_core_sort(cursor) != Sort::core_instance && cursor.ok())
      return cursor.fail_at(ErrorCode::malformed, "a core instantiation takes instances only", offset);
    const std::uint32_t instance = types_.read_reference(cursor, Sort::core_instance);
    if (cursor.ok() && !arguments.emplace(name, instance).second)
      return cursor.fail_at(ErrorCode::malformed, "duplicate module instantiation argument named " + quoted(name), offset);
  }
  if (!cursor.ok()) return;
  types_.refuse_if(cursor, link(types_.types().core_shapes[module], arguments), offset);
  types_.append(cursor, Sort::core_instance, instance_of(module));
}

void InstanceReader::collect_core(Cursor& cursor, std::uint64_t offset) {
  const std::uint32_t count = cursor.count(limits_.component_items, "exports");
  TypeStore& types = types_.types();
  CoreModuleType instance;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::string_view name = cursor.name(limits_.name_bytes);
    const Sort sort = read_core_sort(cursor);
    if (cursor.ok() && sort > Sort::core_tag)
      return cursor.fail_at(ErrorCode::malformed, "a core instance cannot export a " + std::string(to_text(sort)), offset);
    const std::uint32_t what = types_.read_reference(cursor, sort);
    if (!cursor.ok()) return;
    if (sort == Sort::core_function) instance.exports.push_back({std::string(name), {.kind = CoreEntity::Kind::function, .type = what}});
    else instance.exports.push_back({std::string(name), types.core_entities[what]});
  }
  if (!cursor.ok()) return;
  types_.refuse_if(cursor, find_duplicate(instance), offset);
  std::ranges::sort(instance.exports, {}, &CoreExport::name);
  types.core_shapes.push_back(std::move(instance));
  types_.append(cursor, Sort::core_instance, static_cast<std::uint32_t>(types.core_shapes.size() - 1));
}

Item InstanceReader::read_item(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const Sort sort = read_sort(cursor);
  if (cursor.ok() && sort < Sort::function && sort != Sort::core_module)
    cursor.fail_at(ErrorCode::malformed, "a component cannot pass on a " + std::string(to_text(sort)), offset);
  const std::uint32_t what = types_.read_reference(cursor, sort);
  return {.sort = sort, .type = what, .referenced = what};
}

void InstanceReader::read(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (cursor.ok() && form > 1) return cursor.fail_at(ErrorCode::malformed, "malformed instance", offset);
  if (form == 0) instantiate(cursor, offset);
  else collect(cursor, offset);
}

void InstanceReader::instantiate(Cursor& cursor, std::uint64_t offset) {
  const TypeId component = types_.read_reference(cursor, Sort::component);
  const std::uint32_t count = cursor.count(limits_.component_items, "arguments");
  ItemList arguments;
  std::set<std::string_view> names;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::string_view name = cursor.name(limits_.name_bytes);
    Item item = read_item(cursor);
    if (cursor.ok() && !names.insert(name).second)
      return cursor.fail_at(ErrorCode::malformed, "instantiation argument " + quoted(name) + " conflicts with a previous one", offset);
    item.name = name;
    arguments.items.push_back(std::move(item));
  }
  if (!cursor.ok()) return;
  arguments.sort_names();
  TypeStore& types = types_.types();
  const Signature signature = types.signature(component);
  if (!types.spend(signature.imports.items.size() + signature.exports.items.size() + signature.defined.size())) {
    return types_.refuse_if(cursor, std::nullopt, offset);
  }
  Remapping map;
  types_.refuse_if(cursor, Matcher(types).open(arguments, signature.imports, signature.imported, "import", map), offset);
  if (!cursor.ok()) return;
  // Every instance brings resources of its own, which from now on are this component's.
  for (const ResourcePlace& place : signature.defined) {
    const ResourceId fresh = types.fresh_resource();
    map.resources.insert_or_assign(place.resource, fresh);
    types_.scope().defined.emplace(fresh, 0);
  }
  Signature instance{.exports = signature.exports};
  for (Item& item : instance.exports.items) types.remap(item, map);
  const TypeId type = types.add_signature(TypeKind::instance, std::move(instance));
  types_.refuse_if(cursor, std::nullopt, offset);
  types_.append(cursor, Sort::instance, type);
}

void InstanceReader::collect(Cursor& cursor, std::uint64_t offset) {
  const std::uint32_t count = cursor.count(limits_.component_items, "exports");
  TypeStore& types = types_.types();
  Signature instance;
  NamesTaken names;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const NameView name = types_.read_name(cursor);
    Item item = read_item(cursor);
    if (!cursor.ok()) return;
    if (item.sort == Sort::value && types.at(item.type).has_borrow)
      return cursor.fail_at(ErrorCode::malformed, "an exported value cannot contain a `borrow` type", offset);
    types_.refuse_if(cursor, check_name(types, names, instance.exports, name, item), offset);
    item.name = name.text;
    item.implements = name.implements.value_or("");
    instance.exports.items.push_back(std::move(item));
  }
  if (!cursor.ok()) return;
  const TypeId type = types.add_signature(TypeKind::instance, std::move(instance));
  types_.refuse_if(cursor, std::nullopt, offset);
  types_.append(cursor, Sort::instance, type);
}

}  // namespace davit::wasm
