// Definitions of the type section: value types, functions, resources (component-model Binary.md, "Type Definitions").

#include "manifests/encoding.hpp"
#include "wasm/component_types.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint32_t k_max_flags = 32;                            // Binary.md: flags types hold at most 32 labels
constexpr std::uint32_t k_max_fixed_list = std::uint32_t{1} << 30U;  // elements

std::string hex(std::uint8_t byte) {
  const std::byte value{byte};
  return "0x" + encode_hex(ByteView(&value, 1));
}

bool is_primitive(std::uint8_t code) { return (code >= 0x73 && code <= 0x7f) || code == 0x64; }

}  // namespace

void ComponentTypeReader::read_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (!cursor.ok()) return;
  const TypeId type = read_definition(cursor, form, offset);
  append(cursor, Sort::type, type);
}

// A label in kebab case, unlike those before it even if case is left out of account.
void ComponentTypeReader::read_label(Cursor& cursor, std::vector<Label>& labels, std::set<std::string, std::less<>>& keys,
                                     std::string_view what) {
  const std::uint64_t offset = cursor.offset();
  const std::string_view name = cursor.name(limits_.name_bytes);
  if (!cursor.ok()) return;
  if (name.empty()) return cursor.fail_at(ErrorCode::malformed, std::string(what) + " name cannot be empty", offset);
  if (!is_label(name))
    return cursor.fail_at(ErrorCode::malformed, std::string(what) + " name \"" + std::string(name) + "\" is not in kebab case", offset);
  if (!keys.insert(uniqueness_key(name)).second)
    return cursor.fail_at(ErrorCode::malformed, std::string(what) + " name \"" + std::string(name) + "\" conflicts with a previous name",
                          offset);
  labels.push_back({.name = std::string(name)});
}

TypeId ComponentTypeReader::read_labels(Cursor& cursor, TypeKind kind) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t count = cursor.count(limits_.fields, "labels");
  if (cursor.ok() && count == 0) cursor.malformed("a type needs at least one label");
  if (cursor.ok() && kind == TypeKind::flags && count > k_max_flags)
    cursor.fail_at(ErrorCode::malformed, "cannot have more than " + std::to_string(k_max_flags) + " flags, found " + std::to_string(count),
                   offset);
  Type type{.kind = kind};
  std::set<std::string, std::less<>> keys;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i)
    read_label(cursor, type.labels, keys, kind == TypeKind::flags ? "flag" : "enum tag");
  return add(cursor, std::move(type));
}

TypeId ComponentTypeReader::read_labeled_types(Cursor& cursor, TypeKind kind) {
  const std::uint32_t count = cursor.count(limits_.fields, "fields or cases");
  if (cursor.ok() && count == 0) cursor.malformed("a record or variant needs at least one entry");
  Type type{.kind = kind};
  std::set<std::string, std::less<>> keys;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    read_label(cursor, type.labels, keys, kind == TypeKind::record ? "record field" : "variant case");
    if (!cursor.ok()) break;
    if (kind == TypeKind::record) {
      type.labels.back().type = read_value_type(cursor);
      continue;
    }
    type.labels.back().type = read_optional_value_type(cursor);
    if (cursor.byte() != 0 && cursor.ok()) cursor.malformed("malformed variant case: refinement is not part of the format");
  }
  return add(cursor, std::move(type));
}

TypeId ComponentTypeReader::read_function_type(Cursor& cursor, bool is_async) {
  const std::uint32_t parameters = cursor.count(limits_.parameters, "parameters");
  Type type{.kind = TypeKind::function, .is_async = is_async};
  std::set<std::string, std::less<>> keys;
  for (std::uint32_t i = 0; cursor.ok() && i < parameters; ++i) {
    read_label(cursor, type.labels, keys, "function parameter");
    if (cursor.ok()) type.labels.back().type = read_value_type(cursor);
  }
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (form == 0) type.first = read_value_type(cursor);
  else if (cursor.ok() && (form != 1 || cursor.byte() != 0)) cursor.fail_at(ErrorCode::malformed, "malformed function result", offset);
  if (cursor.ok() && type.first != k_no_type && types_.at(type.first).has_borrow)
    cursor.fail_at(ErrorCode::malformed, "function result cannot contain a `borrow` type", offset);
  return add(cursor, std::move(type));
}

TypeId ComponentTypeReader::read_resource_type(Cursor& cursor, std::uint64_t offset) {
  const std::uint8_t representation = cursor.byte();
  if (cursor.ok() && representation != 0x7f && representation != 0x7e)
    cursor.fail_at(ErrorCode::malformed, "malformed resource representation " + hex(representation), offset);
  const std::uint8_t destructor = cursor.byte();
  if (cursor.ok() && destructor > 1) cursor.fail_at(ErrorCode::malformed, "malformed resource destructor", offset);
  if (cursor.ok() && scope().kind != ScopeKind::component)
    cursor.fail_at(ErrorCode::malformed, "resources can only be defined within a concrete component", offset);
  if (destructor == 1) {
    const std::uint32_t function = read_reference(cursor, Sort::core_function);
    if (cursor.ok() && function != types_.core.intern_function({representation}, {}))
      cursor.fail_at(ErrorCode::malformed, "wrong signature for a destructor: " + types_.core.describe(function), offset);
  }
  if (!cursor.ok()) return 0;
  const TypeId type = types_.add_resource();
  scope().defined.emplace(types_.at(type).resource, representation);
  return type;
}

TypeId ComponentTypeReader::read_map(Cursor& cursor, std::uint64_t offset) {
  Type type{.kind = TypeKind::map};
  type.first = read_value_type(cursor);
  type.second = read_value_type(cursor);
  if (!cursor.ok()) return 0;
  const Type& key = types_.at(type.first);
  const bool is_float = key.primitive == 0x75 || key.primitive == 0x76;
  if (key.kind != TypeKind::primitive || is_float || key.primitive == 0x64)
    cursor.fail_at(ErrorCode::malformed, "invalid map key type", offset);
  else if (types_.at(type.second).has_handle) cursor.fail_at(ErrorCode::malformed, "map value type cannot contain a handle", offset);
  return add(cursor, std::move(type));
}

TypeId ComponentTypeReader::read_fixed_list(Cursor& cursor, std::uint64_t offset) {
  Type type{.kind = TypeKind::fixed_list};
  type.first = read_value_type(cursor);
  type.length = cursor.u32();
  if (cursor.ok() && type.length == 0) cursor.fail_at(ErrorCode::malformed, "fixed-length lists must have more than zero elements", offset);
  if (cursor.ok() && type.length > k_max_fixed_list)
    cursor.fail_at(ErrorCode::malformed, "a fixed-length list of " + std::to_string(type.length) + " elements is over the limit", offset);
  return add(cursor, std::move(type));
}

TypeId ComponentTypeReader::read_handle_or_pipe(Cursor& cursor, std::uint8_t form, std::uint64_t offset) {
  if (form == 0x69 || form == 0x68)
    return add(cursor, {.kind = form == 0x69 ? TypeKind::own : TypeKind::borrow, .first = read_type_of(cursor, TypeKind::resource)});
  Type type{.kind = form == 0x66 ? TypeKind::stream : TypeKind::future, .first = read_optional_value_type(cursor)};
  if (!cursor.ok()) return 0;
  if (type.first != k_no_type && form == 0x66 && types_.is_primitive(type.first, 0x74))
    cursor.fail_at(ErrorCode::malformed, "`stream<char>` is not valid, use `stream<u8>` with an encoding", offset);
  else if (type.first != k_no_type && types_.at(type.first).has_borrow)
    cursor.fail_at(ErrorCode::malformed, "the payload of a stream or future cannot contain a `borrow` type", offset);
  return add(cursor, std::move(type));
}

TypeId ComponentTypeReader::read_definition_of_scope(Cursor& cursor, std::uint8_t form, std::uint64_t offset) {
  switch (form) {
    case 0x40: return read_function_type(cursor, false);
    case 0x43: return read_function_type(cursor, true);
    case 0x41: return read_scope_type(cursor, ScopeKind::component_type);
    case 0x42: return read_scope_type(cursor, ScopeKind::instance_type);
    case 0x3f: return read_resource_type(cursor, offset);
    default:
      if (is_primitive(form)) return add(cursor, types_.at(types_.primitive(form)));
      cursor.fail_at(ErrorCode::malformed, "unknown component type " + hex(form), offset);
      return 0;
  }
}

TypeId ComponentTypeReader::read_definition(Cursor& cursor, std::uint8_t form, std::uint64_t offset) {
  switch (form) {
    case 0x72: return read_labeled_types(cursor, TypeKind::record);
    case 0x71: return read_labeled_types(cursor, TypeKind::variant);
    case 0x70: return add(cursor, {.kind = TypeKind::list, .first = read_value_type(cursor)});
    case 0x6b: return add(cursor, {.kind = TypeKind::option, .first = read_value_type(cursor)});
    case 0x67: return read_fixed_list(cursor, offset);
    case 0x6f: {
      const std::uint32_t count = cursor.count(limits_.fields, "tuple members");
      if (cursor.ok() && count == 0) cursor.malformed("a tuple needs at least one type");
      Type type{.kind = TypeKind::tuple};
      for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) type.labels.push_back({.type = read_value_type(cursor)});
      return add(cursor, std::move(type));
    }
    case 0x6e: return read_labels(cursor, TypeKind::flags);
    case 0x6d: return read_labels(cursor, TypeKind::enumeration);
    case 0x6a: {
      Type type{.kind = TypeKind::result};
      type.first = read_optional_value_type(cursor);
      type.second = read_optional_value_type(cursor);
      return add(cursor, std::move(type));
    }
    case 0x69:
    case 0x68:
    case 0x66:
    case 0x65: return read_handle_or_pipe(cursor, form, offset);
    case 0x63: return read_map(cursor, offset);
    default: return read_definition_of_scope(cursor, form, offset);
  }
}

}  // namespace davit::wasm
