#include "wasm/core_types.hpp"

#include "manifests/encoding.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint64_t k_pages_32 = 65'536;
constexpr std::uint64_t k_pages_64 = std::uint64_t{1} << 48;

std::string hex(std::uint8_t byte) {
  const std::byte value{byte};
  return "0x" + encode_hex(ByteView(&value, 1));
}

// The construct that an abstract heap type stands for; nothing for func.
std::optional<Construct> construct_of_abstract(std::uint8_t code) {
  switch (code) {
    case 0x6f: return Construct::externref;
    case 0x69:
    case 0x74: return Construct::exceptions;
    case 0x68:
    case 0x75: return Construct::stack_switching;
    case 0x6e:
    case 0x6d:
    case 0x6c:
    case 0x6b:
    case 0x6a:
    case 0x71:
    case 0x72:
    case 0x73: return Construct::gc_types;
    default: return std::nullopt;
  }
}

bool is_abstract_heap_type(std::uint8_t code) { return code >= 0x68 && code <= 0x75; }

}  // namespace

void TypeReader::require_type_index(Cursor& cursor, std::uint64_t index, std::uint64_t offset) const {
  const std::uint64_t known = visible_types_ != 0 ? visible_types_ : spaces_.types.size();
  if (cursor.ok() && index >= known) {
    cursor.fail_at(ErrorCode::malformed, "unknown type " + std::to_string(index) + ", the module has " + std::to_string(known), offset);
  }
  if (cursor.ok() && index < spaces_.types.size() && spaces_.types[index].form == TypeForm::component_level)
    cursor.fail_at(ErrorCode::malformed, "type " + std::to_string(index) + " is a module type", offset);
}

std::uint32_t TypeReader::read_type_index(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t index = cursor.u32();
  require_type_index(cursor, index, offset);
  return index;
}

std::uint32_t TypeReader::read_function_type_index(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t index = read_type_index(cursor);
  if (cursor.ok() && spaces_.types[index].form != TypeForm::function) {
    cursor.fail_at(ErrorCode::malformed, "type " + std::to_string(index) + " is not a function type", offset);
  }
  return index;
}

std::int64_t TypeReader::read_heap_type(Cursor& cursor) {
  const std::uint8_t first = cursor.peek();
  if (first == 0x65) {
    meet(Construct::shared_everything, cursor);
    (void)cursor.byte();
    return read_heap_type(cursor);
  }
  if (first == 0x62) {
    meet(Construct::custom_descriptors, cursor);
    (void)cursor.byte();
    return read_type_index(cursor);
  }
  if ((first & 0xc0U) == 0x40) {
    if (!is_abstract_heap_type(first)) {
      cursor.malformed("malformed heap type " + hex(first));
      return -1;
    }
    if (const auto construct = construct_of_abstract(first)) meet(*construct, cursor);
    (void)cursor.byte();
    return -std::int64_t{first};
  }
  const std::uint64_t offset = cursor.offset();
  const std::int64_t index = cursor.s33();
  if (cursor.ok() && index < 0) cursor.fail_at(ErrorCode::malformed, "malformed heap type", offset);
  require_type_index(cursor, static_cast<std::uint64_t>(index), offset);
  meet(Construct::typed_references, cursor);
  return index;
}

ValueType TypeReader::read_value_type(Cursor& cursor, bool packed_allowed) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t code = cursor.byte();
  if (!cursor.ok()) return {};
  if (code >= 0x7c && code <= 0x7f) return {code};
  if (code == 0x7b) {
    spaces_.constructs.add(Construct::simd, offset);
    return {code};
  }
  if (packed_allowed && (code == 0x78 || code == 0x77)) return {code};
  if (is_abstract_heap_type(code)) {
    spaces_.constructs.add(construct_of_abstract(code).value_or(Construct::reference_types), offset);
    spaces_.constructs.add(Construct::reference_types, offset);
    return {code};
  }
  if (code == 0x63 || code == 0x64) {
    spaces_.constructs.add(Construct::typed_references, offset);
    ValueType type{.code = code, .is_shared = cursor.peek() == 0x65};
    type.heap = read_heap_type(cursor);
    return type;
  }
  if (code == 0x65) {
    spaces_.constructs.add(Construct::shared_everything, offset);
    const std::uint8_t inner = cursor.byte();
    if (cursor.ok() && !is_abstract_heap_type(inner)) cursor.fail_at(ErrorCode::malformed, "malformed shared type " + hex(inner), offset);
    return {.code = 0x63, .heap = -std::int64_t{inner}, .is_shared = true};
  }
  cursor.fail_at(ErrorCode::malformed, "malformed value type " + hex(code), offset);
  return {};
}

ValueType TypeReader::read_reference_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  if (cursor.peek() == 0x70) return {cursor.byte()};
  const ValueType type = read_value_type(cursor);
  const bool reference = is_abstract_heap_type(type.code) || (type.code >= 0x63 && type.code <= 0x65);
  if (cursor.ok() && !reference) cursor.fail_at(ErrorCode::malformed, "malformed reference type " + hex(type.code), offset);
  return type;
}

CoreField TypeReader::read_field(Cursor& cursor) {
  const ValueType type = read_value_type(cursor, true);
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t mutability = cursor.byte();
  if (cursor.ok() && mutability > 1) cursor.fail_at(ErrorCode::malformed, "malformed mutability " + hex(mutability), offset);
  return {.type = resolve(type), .is_mutable = mutability == 1};
}

CoreValueType TypeReader::resolve(const ValueType& type) const {
  if (type.code >= 0x77) return {.code = type.code};
  CoreValueType resolved{.code = type.code, .is_shared = type.is_shared, .heap = type.heap};
  if (is_abstract_heap_type(type.code)) {
    resolved.code = 0x63;
    resolved.heap = -std::int64_t{type.code};
  }
  if (resolved.heap < 0) return resolved;
  const auto index = static_cast<std::uint64_t>(resolved.heap);
  if (visible_types_ != 0 && index >= group_start_) resolved.heap = k_inside_group + static_cast<std::int64_t>(index - group_start_);
  else resolved.heap = index < spaces_.types.size() ? spaces_.types[index].id : 0;
  return resolved;
}

CoreTypeId TypeReader::link(std::uint32_t index) const {
  if (visible_types_ != 0 && index >= group_start_) return 0x80000000U | static_cast<std::uint32_t>(index - group_start_);
  return index < spaces_.types.size() ? spaces_.types[index].id : k_no_core_type;
}

void TypeReader::read_function_type(Cursor& cursor, TypeEntry& entry, CoreType& type) {
  entry.parameters = cursor.count(limits_.parameters, "parameters");
  for (std::uint32_t i = 0; cursor.ok() && i < entry.parameters; ++i) type.fields.push_back({.type = resolve(read_value_type(cursor))});
  entry.results = cursor.count(limits_.parameters, "results");
  if (entry.results > 1) meet(Construct::multi_value, cursor);
  for (std::uint32_t i = 0; cursor.ok() && i < entry.results; ++i) type.results.push_back(resolve(read_value_type(cursor)));
}

void TypeReader::read_composite_type(Cursor& cursor, TypeEntry& entry, CoreType& type) {
  if (cursor.peek() == 0x65) {
    meet(Construct::shared_everything, cursor);
    (void)cursor.byte();
    type.is_shared = true;
  }
  for (const std::uint8_t prefix : {std::uint8_t{0x4c}, std::uint8_t{0x4d}}) {
    if (cursor.peek() != prefix) continue;
    meet(Construct::custom_descriptors, cursor);
    (void)cursor.byte();
    (prefix == 0x4c ? type.describes : type.descriptor) = link(read_type_index(cursor));
  }
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  switch (form) {
    case 0x60: read_function_type(cursor, entry, type); break;
    case 0x5f: {
      spaces_.constructs.add(Construct::gc_types, offset);
      entry.form = TypeForm::structure;
      const std::uint32_t fields = cursor.count(limits_.fields, "fields");
      for (std::uint32_t i = 0; cursor.ok() && i < fields; ++i) type.fields.push_back(read_field(cursor));
      break;
    }
    case 0x5e:
      spaces_.constructs.add(Construct::gc_types, offset);
      entry.form = TypeForm::array;
      type.fields.push_back(read_field(cursor));
      break;
    case 0x5d: {
      spaces_.constructs.add(Construct::stack_switching, offset);
      entry.form = TypeForm::continuation;
      const std::int64_t function = read_heap_type(cursor);
      if (cursor.ok() && function < 0) cursor.fail_at(ErrorCode::malformed, "a continuation of an abstract type", offset);
      if (cursor.ok()) type.continues = link(static_cast<std::uint32_t>(function));
      break;
    }
    default: cursor.fail_at(ErrorCode::malformed, "malformed type form " + hex(form), offset);
  }
  type.form = entry.form;
}

void TypeReader::read_sub_type(Cursor& cursor) {
  TypeEntry entry;
  CoreType type;
  if (cursor.peek() == 0x50 || cursor.peek() == 0x4f) {
    meet(Construct::gc_types, cursor);
    type.is_final = cursor.byte() == 0x4f;
    const std::uint32_t parents = cursor.count(1, "supertypes");
    const std::uint64_t offset = cursor.offset();
    const std::uint32_t parent = parents == 1 ? read_type_index(cursor) : 0;
    if (cursor.ok() && parents == 1 && parent >= spaces_.types.size())
      cursor.fail_at(ErrorCode::malformed, "supertype " + std::to_string(parent) + " is not defined before its subtype", offset);
    if (cursor.ok() && parents == 1) type.parent = link(parent);
  }
  read_composite_type(cursor, entry, type);
  if (!cursor.ok()) return;
  spaces_.types.push_back(entry);
  group_.push_back(std::move(type));
}

void TypeReader::read_recursion_group(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  std::uint32_t members = 1;
  if (cursor.peek() == 0x4e) {
    meet(Construct::gc_types, cursor);
    (void)cursor.byte();
    members = cursor.count(limits_.types, "types in a recursion group");
  }
  if (cursor.ok() && spaces_.types.size() + members > limits_.types) {
    cursor.fail(ErrorCode::limit, "more than " + std::to_string(limits_.types) + " types");
  }
  group_start_ = spaces_.types.size();
  visible_types_ = group_start_ + members;
  group_.clear();
  for (std::uint32_t i = 0; cursor.ok() && i < members; ++i) read_sub_type(cursor);
  visible_types_ = 0;
  if (!cursor.ok() || members == 0) return;
  const CoreTypeId base = spaces_.store->intern(std::move(group_));
  for (std::uint32_t i = 0; i < members; ++i) spaces_.types[group_start_ + i].id = base + i;
  check_group(cursor, base, offset);
}

// What can only be told once the whole group is known: subtypes have the shape of their parents (§3.2.8).
void TypeReader::check_group(Cursor& cursor, CoreTypeId base, std::uint64_t offset) const {
  for (std::uint64_t i = group_start_; cursor.ok() && i < spaces_.types.size(); ++i) {
    const CoreType& type = spaces_.store->at(base + static_cast<CoreTypeId>(i - group_start_));
    if (type.parent != k_no_core_type && !spaces_.store->extends(type, spaces_.store->at(type.parent)))
      cursor.fail_at(ErrorCode::malformed, "sub type " + std::to_string(i) + " does not match its supertype", offset);
    if (type.continues != k_no_core_type && spaces_.store->at(type.continues).form != TypeForm::function)
      cursor.fail_at(ErrorCode::malformed, "type " + std::to_string(i) + " continues a type that is not a function", offset);
    std::uint32_t depth = 0;
    for (CoreTypeId at = type.parent; at != k_no_core_type && depth <= limits_.subtype_depth; ++depth) at = spaces_.store->at(at).parent;
    if (depth > limits_.subtype_depth)
      cursor.fail_at(ErrorCode::limit, "subtypes deeper than " + std::to_string(limits_.subtype_depth), offset);
  }
}

CoreEntity TypeReader::read_limits(Cursor& cursor, bool memory) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t flags = cursor.byte();
  const bool has_maximum = (flags & 1U) != 0;
  CoreEntity entity{.kind = memory ? CoreEntity::Kind::memory : CoreEntity::Kind::table};
  entity.is_shared = (flags & 2U) != 0;
  entity.is_wide = (flags & 4U) != 0;
  const bool wide = entity.is_wide;
  const bool paged = (flags & 8U) != 0;
  if (cursor.ok() && (flags & (memory ? 0xf0U : 0xf8U)) != 0)
    cursor.fail_at(ErrorCode::malformed, "malformed limits flags " + hex(flags), offset);
  if (cursor.ok() && entity.is_shared && !has_maximum)
    cursor.fail_at(ErrorCode::malformed, "a shared memory or table needs a maximum", offset);
  if (entity.is_shared) spaces_.constructs.add(memory ? Construct::atomics : Construct::shared_everything, offset);
  if (wide) spaces_.constructs.add(memory ? Construct::memory64 : Construct::table64, offset);
  if (paged) spaces_.constructs.add(Construct::custom_page_size, offset);
  entity.minimum = wide ? cursor.u64() : cursor.u32();
  if (has_maximum) entity.maximum = wide ? cursor.u64() : cursor.u32();
  if (paged) entity.page_bits = cursor.u32();
  const std::uint64_t largest = entity.maximum.value_or(entity.minimum);
  if (!cursor.ok()) return entity;
  if (entity.page_bits != 16 && entity.page_bits != 0) {
    cursor.fail_at(ErrorCode::malformed, "page size of 2^" + std::to_string(entity.page_bits) + " bytes is not allowed", offset);
  } else if (largest < entity.minimum) {
    cursor.fail_at(ErrorCode::malformed, "maximum " + std::to_string(largest) + " is below the minimum " + std::to_string(entity.minimum),
                   offset);
  } else if (memory && entity.page_bits == 16 && largest > (wide ? k_pages_64 : k_pages_32)) {
    cursor.fail_at(ErrorCode::malformed, "memory of " + std::to_string(largest) + " pages is larger than its address space", offset);
  }
  return entity;
}

CoreEntity ModuleSpaces::entity(CoreEntity::Kind kind, std::uint32_t index) const {
  switch (kind) {
    case CoreEntity::Kind::function: return {.kind = kind, .type = types[functions[index]].id};
    case CoreEntity::Kind::table: return tables[index];
    case CoreEntity::Kind::memory: return memories[index];
    case CoreEntity::Kind::global: return globals[index];
    case CoreEntity::Kind::tag: return tags[index];
  }
  return {};
}

void TypeReader::read_table_type(Cursor& cursor) {
  const ValueType element = read_reference_type(cursor);
  CoreEntity table = read_limits(cursor, false);
  if (!cursor.ok()) return;
  table.value = resolve(element);
  spaces_.tables.push_back(table);
  if (spaces_.tables.size() > 1) meet(Construct::multi_table, cursor);
  if (spaces_.tables.size() > limits_.tables) cursor.fail(ErrorCode::limit, "more than " + std::to_string(limits_.tables) + " tables");
}

void TypeReader::read_memory_type(Cursor& cursor) {
  const CoreEntity memory = read_limits(cursor, true);
  if (!cursor.ok()) return;
  spaces_.memories.push_back(memory);
  if (spaces_.memories.size() > 1) meet(Construct::multi_memory, cursor);
  if (spaces_.memories.size() > limits_.memories)
    cursor.fail(ErrorCode::limit, "more than " + std::to_string(limits_.memories) + " memories");
}

void TypeReader::read_global_type(Cursor& cursor, bool at_edge) {
  const ValueType type = read_value_type(cursor);
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t flags = cursor.byte();
  if (cursor.ok() && flags > 3) cursor.fail_at(ErrorCode::malformed, "malformed mutability " + hex(flags), offset);
  if ((flags & 2U) != 0) spaces_.constructs.add(Construct::shared_everything, offset);
  if (at_edge && (flags & 1U) != 0) spaces_.constructs.add(Construct::mutable_global, offset);
  spaces_.globals.push_back(
      {.kind = CoreEntity::Kind::global, .value = resolve(type), .is_mutable = (flags & 1U) != 0, .is_shared = (flags & 2U) != 0});
  if (cursor.ok() && spaces_.globals.size() > limits_.globals)
    cursor.fail(ErrorCode::limit, "more than " + std::to_string(limits_.globals) + " globals");
}

void TypeReader::read_tag_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t attribute = cursor.byte();
  if (cursor.ok() && attribute != 0) cursor.fail_at(ErrorCode::malformed, "malformed tag attribute " + hex(attribute), offset);
  spaces_.constructs.add(Construct::legacy_exceptions, offset);
  const std::uint32_t type = read_function_type_index(cursor);
  if (!cursor.ok()) return;
  spaces_.tags.push_back({.kind = CoreEntity::Kind::tag, .type = spaces_.types[type].id});
  if (spaces_.tags.size() > limits_.tags) cursor.fail(ErrorCode::limit, "more than " + std::to_string(limits_.tags) + " tags");
}

}  // namespace davit::wasm
