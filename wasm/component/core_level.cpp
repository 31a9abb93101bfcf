// Core types inside a component: recursion groups as in a module, and types of whole modules.

#include "wasm/component_types.hpp"
#include "wasm/module_reader.hpp"

namespace davit::wasm {

// A non-final `sub` is written `00 50` at this level, since a plain `50` opens a module type.
void ComponentTypeReader::read_core_type(Cursor& cursor) {
  ModuleSpaces& core = scope().core;
  core.store = &types_.core;
  if (cursor.peek() == 0x50) {
    (void)cursor.byte();
    read_module_type(cursor);
    if (cursor.ok()) core.types.push_back({.form = TypeForm::component_level});
    return append(cursor, Sort::core_type, k_module_type | static_cast<std::uint32_t>(types_.core_shapes.size() - 1));
  }
  if (cursor.peek() == 0x00) (void)cursor.byte();
  const std::size_t before = core.types.size();
  TypeReader(core, limits_).read_recursion_group(cursor);
  for (std::size_t i = before; cursor.ok() && i < core.types.size(); ++i) append(cursor, Sort::core_type, core.types[i].id);
}

void ComponentTypeReader::read_module_type(Cursor& cursor) {
  ModuleSpaces spaces;
  spaces.store = &types_.core;
  TypeReader types(spaces, limits_);
  CoreModuleType shape;
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t count = cursor.count(limits_.component_items, "module type declarations");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) read_module_declaration(cursor, types, spaces, shape);
  refuse_if(cursor, find_duplicate(shape), offset);
  types_.core_shapes.push_back(std::move(shape));
}

void ComponentTypeReader::read_module_declaration(Cursor& cursor, TypeReader& types, ModuleSpaces& spaces, CoreModuleType& shape) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t kind = cursor.byte(); kind) {
    case 0x00:
    case 0x03: {
      const std::string_view module = kind == 0x00 ? cursor.name(limits_.name_bytes) : std::string_view{};
      const std::string_view name = cursor.name(limits_.name_bytes);
      const std::string_view sort = read_import_description(cursor, types, spaces);
      if (!cursor.ok()) return;
      if (kind == 0x00) shape.imports.push_back({std::string(module), std::string(name), last_of(spaces, sort)});
      else shape.exports.push_back({std::string(name), last_of(spaces, sort)});
      return;
    }
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
      if (entry.form == TypeForm::component_level)
        return cursor.fail_at(ErrorCode::malformed, "alias of a module type in a module type", offset);
      spaces.types.push_back(entry);
      return;
    }
    default: return cursor.fail_at(ErrorCode::malformed, "malformed module type declaration " + std::to_string(kind), offset);
  }
}

}  // namespace davit::wasm
