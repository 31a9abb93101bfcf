#include "wasm/component_types.hpp"

#include "manifests/encoding.hpp"
#include "wasm/component_observer.hpp"
#include "wasm/module_reader.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint32_t k_max_flags = 32;  // component-model Binary.md: flags types hold at most 32 labels

std::string hex(std::uint8_t byte) {
  const std::byte value{byte};
  return "0x" + encode_hex(ByteView(&value, 1));
}

bool is_primitive(std::uint8_t code) { return (code >= 0x73 && code <= 0x7f) || code == 0x64; }

}  // namespace

std::string_view to_text(Sort sort) {
  switch (sort) {
    case Sort::core_function: return "core func";
    case Sort::core_table: return "core table";
    case Sort::core_memory: return "core memory";
    case Sort::core_global: return "core global";
    case Sort::core_tag: return "core tag";
    case Sort::core_type: return "core type";
    case Sort::core_module: return "module";
    case Sort::core_instance: return "core instance";
    case Sort::function: return "func";
    case Sort::value: return "value";
    case Sort::type: return "type";
    case Sort::component: return "component";
    case Sort::instance: return "instance";
  }
  return "";
}

int ComponentTypeReader::add(ComponentTypeInfo info) {
  infos_.push_back(std::move(info));
  return static_cast<int>(infos_.size() - 1);
}

void ComponentTypeReader::append(Cursor& cursor, Sort sort, int type) {
  std::uint32_t& count = scope().counts[static_cast<std::size_t>(sort)];
  if (++count > limits_.component_items) {
    return cursor.fail(ErrorCode::limit,
                       "more than " + std::to_string(limits_.component_items) + " items of sort " + std::string(to_text(sort)));
  }
  if (sort == Sort::type) scope().types.push_back(type);
  if (observer_ != nullptr) observer_->define_index(sort);
  if (sort == Sort::core_type && scope().core.types.size() < count) scope().core.types.push_back({.form = TypeForm::component_level});
}

void ComponentTypeReader::report_use(const Cursor& cursor, Sort sort, std::uint32_t index, std::uint64_t offset, std::uint32_t scopes_out,
                                     bool is_signed) {
  if (observer_ != nullptr && cursor.ok()) observer_->use_index({sort, index, scopes_out, offset, cursor.offset() - offset, is_signed});
}

std::uint32_t ComponentTypeReader::read_index(Cursor& cursor, Sort sort) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t index = cursor.u32();
  const std::uint32_t known = scope().counts[static_cast<std::size_t>(sort)];
  if (cursor.ok() && index >= known) {
    cursor.fail_at(
        ErrorCode::malformed,
        "unknown " + std::string(to_text(sort)) + " " + std::to_string(index) + ", " + std::to_string(known) + " are defined so far",
        offset);
  }
  report_use(cursor, sort, index, offset);
  return index;
}

Sort ComponentTypeReader::read_core_sort(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t code = cursor.byte(); code) {
    case 0x00: return Sort::core_function;
    case 0x01: return Sort::core_table;
    case 0x02: return Sort::core_memory;
    case 0x03: return Sort::core_global;
    case 0x04: return Sort::core_tag;
    case 0x10: return Sort::core_type;
    case 0x11: return Sort::core_module;
    case 0x12: return Sort::core_instance;
    default: cursor.fail_at(ErrorCode::malformed, "malformed core sort " + hex(code), offset); return Sort::core_function;
  }
}

Sort ComponentTypeReader::read_sort(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t code = cursor.byte(); code) {
    case 0x00: return read_core_sort(cursor);
    case 0x01: return Sort::function;
    case 0x02: return Sort::value;
    case 0x03: return Sort::type;
    case 0x04: return Sort::component;
    case 0x05: return Sort::instance;
    default: cursor.fail_at(ErrorCode::malformed, "malformed sort " + hex(code), offset); return Sort::function;
  }
}

// `00 name`, the older `01 name`, or `02 name vec(attribute)` with implements, version suffix and external id.
std::string_view ComponentTypeReader::read_name(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (cursor.ok() && form > 2) cursor.fail_at(ErrorCode::malformed, "malformed name prefix " + hex(form), offset);
  const std::string_view name = cursor.name(limits_.name_bytes);
  if (form != 2) return name;
  const std::uint32_t attributes = cursor.count(3, "name attributes");
  for (std::uint32_t i = 0; cursor.ok() && i < attributes; ++i) {
    if (cursor.byte() > 2) cursor.fail_at(ErrorCode::malformed, "malformed name attribute", offset);
    (void)cursor.name(limits_.name_bytes);
  }
  return name;
}

void ComponentTypeReader::read_value_type(Cursor& cursor) {
  const std::uint8_t first = cursor.peek();
  if ((first & 0xc0U) == 0x40) {
    if (!is_primitive(first)) return cursor.malformed("malformed component value type " + hex(first));
    (void)cursor.byte();
    return;
  }
  const std::uint64_t offset = cursor.offset();
  const std::int64_t index = cursor.s33();
  const auto known = static_cast<std::int64_t>(scope().counts[static_cast<std::size_t>(Sort::type)]);
  if (cursor.ok() && (index < 0 || index >= known)) {
    cursor.fail_at(ErrorCode::malformed, "unknown type " + std::to_string(index) + ", " + std::to_string(known) + " are defined so far",
                   offset);
  }
  report_use(cursor, Sort::type, static_cast<std::uint32_t>(index), offset, 0, true);
}

void ComponentTypeReader::read_optional_value_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t present = cursor.byte();
  if (cursor.ok() && present > 1) return cursor.fail_at(ErrorCode::malformed, "malformed optional type " + hex(present), offset);
  if (present == 1) read_value_type(cursor);
}

void ComponentTypeReader::read_labels(Cursor& cursor, std::uint32_t limit) {
  const std::uint32_t count = cursor.count(limit, "labels");
  if (cursor.ok() && count == 0) cursor.malformed("a type needs at least one label");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) (void)cursor.name(limits_.name_bytes);
}

void ComponentTypeReader::read_labeled_types(Cursor& cursor, bool optional_types) {
  const std::uint32_t count = cursor.count(limits_.fields, "fields or cases");
  if (cursor.ok() && count == 0) cursor.malformed("a record or variant needs at least one entry");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    (void)cursor.name(limits_.name_bytes);
    if (!optional_types) {
      read_value_type(cursor);
      continue;
    }
    read_optional_value_type(cursor);
    if (cursor.byte() != 0 && cursor.ok()) cursor.malformed("malformed variant case: refinement is not part of the format");
  }
}

void ComponentTypeReader::read_function_type(Cursor& cursor) {
  const std::uint32_t parameters = cursor.count(limits_.parameters, "parameters");
  for (std::uint32_t i = 0; cursor.ok() && i < parameters; ++i) {
    (void)cursor.name(limits_.name_bytes);
    read_value_type(cursor);
  }
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (form == 0) return read_value_type(cursor);
  if (cursor.ok() && (form != 1 || cursor.byte() != 0)) cursor.fail_at(ErrorCode::malformed, "malformed function result", offset);
}

int ComponentTypeReader::read_definition(Cursor& cursor, std::uint8_t form, std::uint64_t offset) {
  switch (form) {
    case 0x72: read_labeled_types(cursor, false); return -1;
    case 0x71: read_labeled_types(cursor, true); return -1;
    case 0x70:
    case 0x6b: read_value_type(cursor); return -1;
    case 0x67:
      read_value_type(cursor);
      (void)cursor.u32();
      return -1;
    case 0x6f: {
      const std::uint32_t count = cursor.count(limits_.fields, "tuple members");
      if (cursor.ok() && count == 0) cursor.malformed("a tuple needs at least one type");
      for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) read_value_type(cursor);
      return -1;
    }
    case 0x6e: read_labels(cursor, k_max_flags); return -1;
    case 0x6d: read_labels(cursor, limits_.fields); return -1;
    case 0x6a:
      read_optional_value_type(cursor);
      read_optional_value_type(cursor);
      return -1;
    case 0x69:
    case 0x68: (void)read_index(cursor, Sort::type); return -1;
    case 0x66:
    case 0x65: read_optional_value_type(cursor); return -1;
    case 0x63:
      read_value_type(cursor);
      read_value_type(cursor);
      return -1;
    case 0x40:
    case 0x43: read_function_type(cursor); return add({.form = ComponentForm::function});
    case 0x41: return read_scope_type(cursor, true);
    case 0x42: return read_scope_type(cursor, false);
    case 0x3f: {
      const std::uint8_t representation = cursor.byte();
      if (cursor.ok() && representation != 0x7f && representation != 0x7e)
        cursor.fail_at(ErrorCode::malformed, "malformed resource representation", offset);
      const std::uint8_t destructor = cursor.byte();
      if (cursor.ok() && destructor > 1) cursor.fail_at(ErrorCode::malformed, "malformed resource destructor", offset);
      if (destructor == 1) (void)read_index(cursor, Sort::core_function);
      return add({.form = ComponentForm::resource});
    }
    default:
      if (!is_primitive(form)) cursor.fail_at(ErrorCode::malformed, "unknown component type " + hex(form), offset);
      return -1;
  }
}

void ComponentTypeReader::read_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint8_t form = cursor.byte();
  if (!cursor.ok()) return;
  const int type = read_definition(cursor, form, offset);
  if (cursor.ok()) append(cursor, Sort::type, type);
}

int ComponentTypeReader::read_scope_type(Cursor& cursor, bool component) {
  if (++depth_ > limits_.depth) {
    cursor.fail(ErrorCode::limit, "types nested deeper than " + std::to_string(limits_.depth));
    return -1;
  }
  ComponentTypeInfo info{.form = component ? ComponentForm::component : ComponentForm::instance};
  ComponentScope inner;
  scopes_.push_back(&inner);
  if (observer_ != nullptr) observer_->enter_scope(false);
  const std::uint32_t count = cursor.count(limits_.component_items, "declarations");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) read_declaration(cursor, component, info);
  scopes_.pop_back();
  if (observer_ != nullptr) observer_->leave_scope();
  --depth_;
  return add(std::move(info));
}

void ComponentTypeReader::read_declaration(Cursor& cursor, bool component, ComponentTypeInfo& info) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t kind = cursor.byte(); kind) {
    case 0x00: return read_core_type(cursor);
    case 0x01: return read_type(cursor);
    case 0x02: return read_alias(cursor, true);
    case 0x03:
    case 0x04: {
      if (kind == 0x03 && !component) return cursor.fail_at(ErrorCode::malformed, "import in an instance type", offset);
      const std::string_view name = read_name(cursor);
      const ExternType described = read_extern_type(cursor);
      if (!cursor.ok()) return;
      if (kind == 0x04) info.exports.push_back({std::string(name), described.sort, described.type});
      return append(cursor, described.sort, described.type);
    }
    default: return cursor.fail_at(ErrorCode::malformed, "malformed declaration " + hex(kind), offset);
  }
}

ExternType ComponentTypeReader::read_extern_type(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t kind = cursor.byte(); kind) {
    case 0x00:
      if (cursor.byte() != 0x11 && cursor.ok()) cursor.fail_at(ErrorCode::malformed, "malformed module description", offset);
      (void)read_index(cursor, Sort::core_type);
      return {Sort::core_module};
    case 0x01: return {Sort::function, type_at(read_index(cursor, Sort::type))};
    case 0x02:
      if (cursor.byte() == 0) (void)read_index(cursor, Sort::value);
      else read_value_type(cursor);
      return {Sort::value};
    case 0x03: {
      const std::uint8_t bound = cursor.byte();
      if (bound == 0) return {Sort::type, type_at(read_index(cursor, Sort::type))};
      if (cursor.ok() && bound != 1) cursor.fail_at(ErrorCode::malformed, "malformed type bound " + hex(bound), offset);
      return {Sort::type, cursor.ok() ? add({.form = ComponentForm::resource}) : -1};
    }
    case 0x04: return {Sort::component, type_at(read_index(cursor, Sort::type))};
    case 0x05: return {Sort::instance, type_at(read_index(cursor, Sort::type))};
    default: cursor.fail_at(ErrorCode::malformed, "malformed external type " + hex(kind), offset); return {};
  }
}

// `sort 00 instance name`, `sort 01 core-instance name`, `sort 02 scopes-out index`.
void ComponentTypeReader::read_alias(Cursor& cursor, bool declaration) {
  const std::uint64_t offset = cursor.offset();
  const Sort sort = read_sort(cursor);
  const std::uint8_t target = cursor.byte();
  if (!cursor.ok()) return;
  if (target == 0 || (target == 1 && !declaration)) {
    (void)read_index(cursor, target == 0 ? Sort::instance : Sort::core_instance);
    (void)cursor.name(limits_.name_bytes);
    return append(cursor, sort);
  }
  if (target != 2) return cursor.fail_at(ErrorCode::malformed, "malformed alias target " + hex(target), offset);
  const std::uint32_t out = cursor.u32();
  const std::uint64_t index_offset = cursor.offset();
  const std::uint32_t index = cursor.u32();
  if (!cursor.ok()) return;
  if (out >= scopes_.size())
    return cursor.fail_at(ErrorCode::malformed, "alias reaches " + std::to_string(out) + " scopes out of " + std::to_string(scopes_.size()),
                          offset);
  const bool allowed = sort == Sort::core_module || sort == Sort::core_type || sort == Sort::type || sort == Sort::component;
  if (!allowed) return cursor.fail_at(ErrorCode::malformed, "outer alias to a " + std::string(to_text(sort)), offset);
  const ComponentScope& outer = *scopes_[scopes_.size() - 1 - out];
  if (index >= outer.counts[static_cast<std::size_t>(sort)])
    return cursor.fail_at(ErrorCode::malformed, "alias of an unknown " + std::string(to_text(sort)) + " " + std::to_string(index), offset);
  report_use(cursor, sort, index, index_offset, out);
  if (sort == Sort::core_type) scope().core.types.push_back(outer.core.types[index]);
  append(cursor, sort, sort == Sort::type ? outer.types[index] : -1);
}

// A non-final `sub` is written `00 50` at this level, since a plain `50` opens a module type.
void ComponentTypeReader::read_core_type(Cursor& cursor) {
  if (cursor.peek() == 0x50) {
    (void)cursor.byte();
    read_module_type(cursor);
    return append(cursor, Sort::core_type);
  }
  if (cursor.peek() == 0x00) (void)cursor.byte();
  ModuleSpaces& core = scope().core;
  core.store = &store_;
  const std::size_t before = core.types.size();
  TypeReader(core, limits_).read_recursion_group(cursor);
  scope().counts[static_cast<std::size_t>(Sort::core_type)] = static_cast<std::uint32_t>(core.types.size());
  for (std::size_t i = before; observer_ != nullptr && i < core.types.size(); ++i) observer_->define_index(Sort::core_type);
}

void ComponentTypeReader::read_module_type(Cursor& cursor) {
  ModuleSpaces spaces;
  spaces.store = &store_;
  TypeReader types(spaces, limits_);
  const std::uint32_t count = cursor.count(limits_.component_items, "module type declarations");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) read_module_declaration(cursor, types, spaces);
}

void ComponentTypeReader::read_module_declaration(Cursor& cursor, TypeReader& types, ModuleSpaces& spaces) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t kind = cursor.byte(); kind) {
    case 0x00: (void)cursor.name(limits_.name_bytes); [[fallthrough]];
    case 0x03:
      (void)cursor.name(limits_.name_bytes);
      (void)read_import_description(cursor, types, spaces);
      return;
    case 0x01: return types.read_recursion_group(cursor);
    case 0x02: {
      const std::uint8_t sort = cursor.byte();
      const std::uint8_t target = cursor.byte();
      if (cursor.ok() && (sort != 0x10 || target != 0x01))
        return cursor.fail_at(ErrorCode::malformed, "malformed alias in a module type", offset);
      const std::uint32_t out = cursor.u32();
      const std::uint32_t index = cursor.u32();
      if (!cursor.ok()) return;
      if (out > scopes_.size())
        return cursor.fail_at(ErrorCode::malformed, "alias reaches too many scopes out: " + std::to_string(out), offset);
      const std::vector<TypeEntry>& from = out == 0 ? spaces.types : scopes_[scopes_.size() - out]->core.types;
      if (index >= from.size())
        return cursor.fail_at(ErrorCode::malformed, "alias of an unknown core type " + std::to_string(index), offset);
      const TypeEntry entry = from[index];
      spaces.types.push_back(entry);
      return;
    }
    default: return cursor.fail_at(ErrorCode::malformed, "malformed module type declaration " + hex(kind), offset);
  }
}

}  // namespace davit::wasm
