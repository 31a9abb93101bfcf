#include "wasm/component_types.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "wasm/component_observer.hpp"

namespace davit::wasm {
namespace {

std::string hex(std::uint8_t byte) {
  const std::byte value{byte};
  return "0x" + encode_hex(ByteView(&value, 1));
}

bool is_primitive(std::uint8_t code) { return (code >= 0x73 && code <= 0x7f) || code == 0x64; }

}  // namespace

std::string ComponentTypeReader::place() const {
  std::string text;
  for (const ComponentScope* scope : scopes_) {
    if (scope->place.empty()) continue;
    if (!text.empty()) text += ", ";
    text += scope->place;
  }
  return text;
}

void ComponentTypeReader::refuse_if(Cursor& cursor, const Mismatch& bad, std::uint64_t offset) const {
  if (types_.failure()) cursor.fail_at(ErrorCode::limit, *types_.failure(), offset);
  if (bad && cursor.ok()) cursor.fail_at(ErrorCode::malformed, *bad, offset);
}

TypeId ComponentTypeReader::add(Cursor& cursor, Type type) {
  if (!cursor.ok()) return 0;
  const TypeId id = types_.add(std::move(type));
  if (types_.failure()) cursor.fail(ErrorCode::limit, *types_.failure());
  return id;
}

void ComponentTypeReader::append(Cursor& cursor, Sort sort, std::uint32_t what) {
  if (!cursor.ok()) return;
  std::vector<std::uint32_t>& space = scope().space(sort);
  if (space.size() >= limits_.component_items) {
    return cursor.fail(ErrorCode::limit,
                       "more than " + std::to_string(limits_.component_items) + " items of sort " + std::string(to_text(sort)));
  }
  space.push_back(what);
  if (sort == Sort::value) scope().is_value_used.push_back(false);
  if (observer_ != nullptr) observer_->define_index(sort);
}

void ComponentTypeReader::report_use(const Cursor& cursor, Sort sort, std::uint32_t index, std::uint64_t offset, std::uint32_t scopes_out,
                                     bool is_signed) {
  if (observer_ != nullptr && cursor.ok()) observer_->use_index({sort, index, scopes_out, offset, cursor.offset() - offset, is_signed});
}

std::uint32_t ComponentTypeReader::read_index(Cursor& cursor, Sort sort) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t index = cursor.u32();
  const std::size_t known = scope().space(sort).size();
  if (cursor.ok() && index >= known) {
    cursor.fail_at(
        ErrorCode::malformed,
        "unknown " + std::string(to_text(sort)) + " " + std::to_string(index) + ", " + std::to_string(known) + " are defined so far",
        offset);
  }
  report_use(cursor, sort, index, offset);
  return index;
}

std::uint32_t ComponentTypeReader::read_reference(Cursor& cursor, Sort sort) {
  if (sort == Sort::value) return read_value(cursor);
  const std::uint32_t index = read_index(cursor, sort);
  return cursor.ok() ? scope().space(sort)[index] : 0;
}

TypeId ComponentTypeReader::read_value(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t index = read_index(cursor, Sort::value);
  if (!cursor.ok()) return 0;
  if (scope().is_value_used[index])
    cursor.fail_at(ErrorCode::malformed, "value " + std::to_string(index) + " is used more than once", offset);
  scope().is_value_used[index] = true;
  return scope().space(Sort::value)[index];
}

TypeId ComponentTypeReader::read_type_of(Cursor& cursor, TypeKind kind) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t index = read_index(cursor, Sort::type);
  if (!cursor.ok()) return 0;
  const TypeId type = scope().space(Sort::type)[index];
  if (types_.at(type).kind != kind) {
    const std::string name(to_text(kind));
    const bool vowel = name[0] == 'i' || name[0] == 'o';
    cursor.fail_at(ErrorCode::malformed, "type " + std::to_string(index) + " is not a" + (vowel ? "n " : " ") + name + " type", offset);
  }
  return type;
}

// `00 name`, the older `01 name`, or `02 name vec(attribute)` with implements, version suffix and external id.
NameView ComponentTypeReader::read_name(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (cursor.ok() && form > 2) cursor.fail_at(ErrorCode::malformed, "malformed name prefix " + hex(form), offset);
  NameView name{.text = cursor.name(limits_.name_bytes)};
  if (form != 2) return name;
  const std::uint32_t attributes = cursor.count(3, "name attributes");
  for (std::uint32_t i = 0; cursor.ok() && i < attributes; ++i) {
    const std::uint8_t code = cursor.byte();
    if (code > 2) cursor.fail_at(ErrorCode::malformed, "malformed name attribute " + hex(code), offset);
    std::optional<std::string_view>& attribute = code == 0 ? name.implements : code == 1 ? name.version_suffix : name.external_id;
    if (cursor.ok() && attribute) cursor.fail_at(ErrorCode::malformed, "a name attribute is given twice", offset);
    attribute = cursor.name(limits_.name_bytes);
  }
  return name;
}

TypeId ComponentTypeReader::read_value_type(Cursor& cursor) {
  const std::uint8_t first = cursor.peek();
  if ((first & 0xc0U) == 0x40) {
    if (!is_primitive(first)) {
      cursor.malformed("malformed component value type " + hex(first));
      return 0;
    }
    return types_.primitive(cursor.byte());
  }
  const std::uint64_t offset = cursor.offset();
  const std::int64_t index = cursor.s33();
  const std::vector<std::uint32_t>& known = scope().space(Sort::type);
  if (cursor.ok() && (index < 0 || index >= static_cast<std::int64_t>(known.size()))) {
    cursor.fail_at(ErrorCode::malformed,
                   "unknown type " + std::to_string(index) + ", " + std::to_string(known.size()) + " are defined so far", offset);
  }
  report_use(cursor, Sort::type, static_cast<std::uint32_t>(index), offset, 0, true);
  if (!cursor.ok()) return 0;
  const TypeId type = known[static_cast<std::size_t>(index)];
  if (types_.at(type).kind >= TypeKind::function)
    cursor.fail_at(ErrorCode::malformed, "type " + std::to_string(index) + " is not a defined type", offset);
  return type;
}

TypeId ComponentTypeReader::read_optional_value_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t present = cursor.byte();
  if (cursor.ok() && present > 1) cursor.fail_at(ErrorCode::malformed, "malformed optional type " + hex(present), offset);
  return present == 1 ? read_value_type(cursor) : k_no_type;
}

void ComponentTypeReader::declare(Cursor& cursor, const NameView& name, Item item, bool is_import, std::uint64_t offset) {
  if (!cursor.ok()) return;
  settle_item(types_, scope(), item, is_import);
  refuse_if(cursor, declare_item(types_, scope(), name, item, is_import), offset);
  append(cursor, item.sort, item.type);
  if (item.sort == Sort::value && !is_import && cursor.ok()) scope().is_value_used.back() = true;
}

Item ComponentTypeReader::read_extern_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t kind = cursor.byte(); kind) {
    case 0x00: {
      if (cursor.byte() != 0x11 && cursor.ok()) cursor.fail_at(ErrorCode::malformed, "malformed module description", offset);
      const std::uint32_t type = read_reference(cursor, Sort::core_type);
      if (cursor.ok() && (type & k_module_type) == 0) cursor.fail_at(ErrorCode::malformed, "core type is not a module type", offset);
      return {.sort = Sort::core_module, .type = type & ~k_module_type};
    }
    case 0x01: return {.sort = Sort::function, .type = read_type_of(cursor, TypeKind::function)};
    case 0x02: return {.sort = Sort::value, .type = read_value_type(cursor)};
    case 0x03: {
      const std::uint8_t bound = cursor.byte();
      if (cursor.ok() && bound > 1) cursor.fail_at(ErrorCode::malformed, "malformed type bound " + hex(bound), offset);
      if (bound == 0) {
        const TypeId type = read_reference(cursor, Sort::type);
        return {.sort = Sort::type, .type = cursor.ok() ? types_.add_alias(type) : 0, .referenced = type};
      }
      const TypeId resource = cursor.ok() ? types_.add_resource() : 0;
      return {.sort = Sort::type, .type = resource, .referenced = resource};
    }
    case 0x04: return {.sort = Sort::component, .type = read_type_of(cursor, TypeKind::component)};
    case 0x05: return {.sort = Sort::instance, .type = read_type_of(cursor, TypeKind::instance)};
    default: cursor.fail_at(ErrorCode::malformed, "malformed external type " + hex(kind), offset); return {};
  }
}

// `sort 00 instance name`, `sort 01 core-instance name`, `sort 02 scopes-out index`.
void ComponentTypeReader::read_alias(Cursor& cursor, bool declaration) {
  const std::uint64_t offset = cursor.offset();
  const Sort sort = read_sort(cursor);
  const std::uint8_t target = cursor.byte();
  if (!cursor.ok()) return;
  if (target > 2) return cursor.fail_at(ErrorCode::malformed, "malformed alias target " + hex(target), offset);
  const bool may_be_declared =
      target == 0 ? sort == Sort::type || sort == Sort::instance : target == 2 && (sort == Sort::type || sort == Sort::core_type);
  if (declaration && !may_be_declared)
    return cursor.fail_at(ErrorCode::malformed,
                          "an alias in a type may only refer to types or instances, not to a " + std::string(to_text(sort)), offset);
  if (target == 2) return read_outer_alias(cursor, sort, offset);
  const std::uint32_t instance = read_reference(cursor, target == 0 ? Sort::instance : Sort::core_instance);
  const std::string_view name = cursor.name(limits_.name_bytes);
  if (!cursor.ok()) return;
  if (target == 0) append_export(cursor, sort, instance, name, offset);
  else append_core_export(cursor, sort, instance, name, offset);
}

void ComponentTypeReader::append_export(Cursor& cursor, Sort sort, TypeId instance, std::string_view name, std::uint64_t offset) {
  const Item* item = types_.signature(instance).exports.find(name);
  if (item == nullptr)
    return cursor.fail_at(ErrorCode::malformed, "the instance has no export named \"" + std::string(name) + "\"", offset);
  if (item->sort != sort) {
    return cursor.fail_at(ErrorCode::malformed,
                          "export \"" + std::string(name) + "\" of the instance is a " + std::string(to_text(item->sort)) + ", not a " +
                              std::string(to_text(sort)),
                          offset);
  }
  append(cursor, sort, item->type);
}

void ComponentTypeReader::append_core_export(Cursor& cursor, Sort sort, std::uint32_t instance, std::string_view name,
                                             std::uint64_t offset) {
  const std::vector<CoreExport>& exports = types_.core_shapes[instance].exports;
  // Core instances are sorted by name when they are made.
  const auto item = std::ranges::lower_bound(exports, name, {}, [](const CoreExport& entry) { return std::string_view(entry.name); });
  if (item == exports.end() || item->name != name)
    return cursor.fail_at(ErrorCode::malformed, "the core instance has no export named \"" + std::string(name) + "\"", offset);
  if (static_cast<std::size_t>(item->entity.kind) != static_cast<std::size_t>(sort)) {
    return cursor.fail_at(ErrorCode::malformed,
                          "export \"" + std::string(name) + "\" of the core instance is not a " + std::string(to_text(sort)), offset);
  }
  if (sort == Sort::core_function) return append(cursor, sort, item->entity.type);
  types_.core_entities.push_back(item->entity);
  append(cursor, sort, static_cast<std::uint32_t>(types_.core_entities.size() - 1));
}

void ComponentTypeReader::read_outer_alias(Cursor& cursor, Sort sort, std::uint64_t offset) {
  const std::uint32_t out = cursor.u32();
  const std::uint64_t index_offset = cursor.offset();
  const std::uint32_t index = cursor.u32();
  if (!cursor.ok()) return;
  if (out >= scopes_.size())
    return cursor.fail_at(ErrorCode::malformed, "alias reaches " + std::to_string(out) + " scopes out of " + std::to_string(scopes_.size()),
                          offset);
  const bool allowed = sort == Sort::core_module || sort == Sort::core_type || sort == Sort::type || sort == Sort::component;
  if (!allowed) return cursor.fail_at(ErrorCode::malformed, "outer alias to a " + std::string(to_text(sort)), offset);
  const std::size_t target = scopes_.size() - 1 - out;
  const ComponentScope& outer = *scopes_[target];
  if (index >= outer.space(sort).size())
    return cursor.fail_at(ErrorCode::malformed, "alias of an unknown " + std::string(to_text(sort)) + " " + std::to_string(index), offset);
  report_use(cursor, sort, index, index_offset, out);
  const std::uint32_t what = outer.space(sort)[index];
  // Into another component only what stands for itself may be taken.
  if (sort == Sort::type && out > 0 && scopes_[target + 1]->kind == ScopeKind::component) {
    std::unordered_set<ResourceId> free;
    types_.collect_free(what, free);
    if (!free.empty()) cursor.fail_at(ErrorCode::malformed, "cannot alias an outer type which transitively refers to resources", offset);
    refuse_if(cursor, std::nullopt, offset);
  }
  if (sort == Sort::core_type) scope().core.types.push_back(outer.core.types[index]);
  append(cursor, sort, what);
}

// The body of a component type or an instance type.
TypeId ComponentTypeReader::read_scope_type(Cursor& cursor, ScopeKind kind) {
  const std::uint64_t offset = cursor.offset();
  if (++depth_ > limits_.depth) {
    cursor.fail(ErrorCode::limit, "types nested deeper than " + std::to_string(limits_.depth));
    return 0;
  }
  ComponentScope inner{.kind = kind, .place = "type " + std::to_string(scope().space(Sort::type).size())};
  scopes_.push_back(&inner);
  if (observer_ != nullptr) observer_->enter_scope(false);
  const std::uint32_t count = cursor.count(limits_.component_items, "declarations");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) read_declaration(cursor, kind);
  if (!cursor.ok() && failed_place_.empty()) failed_place_ = place();
  scopes_.pop_back();
  if (observer_ != nullptr) observer_->leave_scope();
  --depth_;
  TypeId type = 0;
  if (cursor.ok()) refuse_if(cursor, finish_scope(types_, inner, type), offset);
  return type;
}

void ComponentTypeReader::read_declaration(Cursor& cursor, ScopeKind kind) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t form = cursor.byte(); form) {
    case 0x00: return read_core_type(cursor);
    case 0x01: return read_type(cursor);
    case 0x02: return read_alias(cursor, true);
    case 0x03:
    case 0x04: {
      if (form == 0x03 && kind == ScopeKind::instance_type)
        return cursor.fail_at(ErrorCode::malformed, "import in an instance type", offset);
      const NameView name = read_name(cursor);
      const Item described = read_extern_type(cursor);
      return declare(cursor, name, described, form == 0x03, offset);
    }
    default: return cursor.fail_at(ErrorCode::malformed, "malformed declaration " + hex(form), offset);
  }
}

}  // namespace davit::wasm
