#include "wasm/module_reader.hpp"

#include <algorithm>
#include <array>

#include "wasm/instructions.hpp"
#include "wasm/metadata.hpp"
#include "wasm/section_id.hpp"

namespace davit::wasm {
namespace {

CoreValueType address_of(const CoreEntity& holder) { return {.code = holder.is_wide ? std::uint8_t{0x7e} : std::uint8_t{0x7f}}; }

class ModuleReader {
 public:
  ModuleReader(const Limits& limits, ReadDepth depth, BinarySummary& summary, const ModuleReading& reading)
      : limits_(limits), depth_(depth), summary_(summary), shape_(reading.shape), types_(spaces_, limits_) {
    spaces_.visitor = reading.visitor;
    spaces_.store = reading.store != nullptr ? reading.store : &own_store_;
  }

  Result<void> read(const SectionView& section);
  Result<void> finish(std::uint64_t end);
  [[nodiscard]] const ConstructSet& constructs() const { return spaces_.constructs; }

 private:
  void read_known(Cursor& cursor, const SectionView& section);
  void read_types(Cursor& cursor);
  void read_imports(Cursor& cursor);
  void read_one_import(Cursor& cursor, std::string_view module, std::string_view name);
  void read_compact_group(Cursor& cursor, std::string_view module);
  void read_functions(Cursor& cursor);
  void read_tables(Cursor& cursor);
  void read_globals(Cursor& cursor);
  void read_exports(Cursor& cursor);
  void read_start(Cursor& cursor);
  void read_elements(Cursor& cursor);
  void read_element(Cursor& cursor);
  void read_element_items(Cursor& cursor, bool expressions, const CoreValueType& type);
  void read_code(Cursor& cursor);
  void read_data(Cursor& cursor);
  void read_data_segment(Cursor& cursor);
  void require(Cursor& cursor, std::uint64_t index, std::uint64_t count, std::string_view what, std::uint64_t offset) const;
  void note_entry(Part part, std::uint64_t start, const Cursor& cursor) {
    if (spaces_.visitor != nullptr && cursor.ok()) spaces_.visitor->entry(part, start, cursor.offset() - start);
  }
  void refer(Part part, std::uint32_t index, const Cursor& cursor) {
    if (spaces_.visitor != nullptr && cursor.ok()) spaces_.visitor->refer(part, index);
  }
  void note_name(const Cursor& cursor, std::string_view name) {
    if (name.find('\0') != std::string_view::npos) spaces_.constructs.add(Construct::nul_in_name, cursor.offset());
  }

  const Limits& limits_;
  ReadDepth depth_;
  BinarySummary& summary_;
  CoreModuleType* shape_;
  CoreTypeStore own_store_{};
  ModuleSpaces spaces_{};
  TypeReader types_;
  std::uint32_t bodies_expected_ = 0;
  std::uint32_t bodies_ = 0;
  std::uint32_t data_segments_ = 0;
};

void ModuleReader::require(Cursor& cursor, std::uint64_t index, std::uint64_t count, std::string_view what, std::uint64_t offset) const {
  if (!cursor.ok() || index < count) return;
  cursor.fail_at(ErrorCode::malformed,
                 "unknown " + std::string(what) + " " + std::to_string(index) + ", the module has " + std::to_string(count), offset);
}

Result<void> ModuleReader::read(const SectionView& section) {
  if (section.is_custom()) {
    read_metadata(section, summary_, limits_);
    return {};
  }
  Cursor cursor(section.payload, section.payload_offset);
  read_known(cursor, section);
  return cursor.status();
}

void ModuleReader::read_known(Cursor& cursor, const SectionView& section) {
  switch (section.id) {
    case module_section::k_type: read_types(cursor); break;
    case module_section::k_import: read_imports(cursor); break;
    case module_section::k_function: read_functions(cursor); break;
    case module_section::k_table: read_tables(cursor); break;
    case module_section::k_memory: {
      const std::uint32_t count = cursor.count(limits_.memories, "memories");
      for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
        const std::uint64_t start = cursor.offset();
        types_.read_memory_type(cursor);
        note_entry(Part::memory, start, cursor);
      }
      break;
    }
    case module_section::k_tag: {
      const std::uint32_t count = cursor.count(limits_.tags, "tags");
      for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
        const std::uint64_t start = cursor.offset();
        types_.read_tag_type(cursor);
        note_entry(Part::tag, start, cursor);
      }
      break;
    }
    case module_section::k_global: read_globals(cursor); break;
    case module_section::k_export: read_exports(cursor); break;
    case module_section::k_start: read_start(cursor); break;
    case module_section::k_element: read_elements(cursor); break;
    case module_section::k_data_count: spaces_.data_count = cursor.count(limits_.data_segments, "data segments"); break;
    case module_section::k_code: summary_.code_bytes += section.payload.size(); return read_code(cursor);
    case module_section::k_data: summary_.data_bytes += section.payload.size(); return read_data(cursor);
    default: CHECK(false);
  }
  cursor.expect_end(std::string(section.name) + " section");
}

void ModuleReader::read_types(Cursor& cursor) {
  const std::uint32_t groups = cursor.count(limits_.types, "types");
  for (std::uint32_t i = 0; cursor.ok() && i < groups; ++i) {
    const std::uint64_t start = cursor.offset();
    types_.read_recursion_group(cursor);
    note_entry(Part::type, start, cursor);
  }
}

void ModuleReader::read_one_import(Cursor& cursor, std::string_view module, std::string_view name) {
  note_name(cursor, module);
  note_name(cursor, name);
  const std::string_view kind = read_import_description(cursor, types_, spaces_);
  if (!cursor.ok()) return;
  if (shape_ != nullptr) shape_->imports.push_back({std::string(module), std::string(name), last_of(spaces_, kind)});
  summary_.imports.push_back({.module = std::string(module), .name = std::string(name), .kind = std::string(kind)});
  if (summary_.imports.size() > limits_.imports) cursor.fail(ErrorCode::limit, "more than " + std::to_string(limits_.imports) + " imports");
}

// `7f vec(name description)` shares the module; `7e description vec(name)` shares the description as well.
void ModuleReader::read_compact_group(Cursor& cursor, std::string_view module) {
  spaces_.constructs.add(Construct::compact_imports, cursor.offset());
  if (cursor.byte() == 0x7f) {
    const std::uint32_t count = cursor.count(limits_.imports, "imports");
    for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
      const std::uint64_t start = cursor.offset();
      read_one_import(cursor, module, cursor.name(limits_.name_bytes));
      note_entry(Part::import, start, cursor);
    }
    return;
  }
  // The description comes before the count, which may be 0: it is read once for its length and taken back.
  const Cursor description = cursor;
  const std::size_t functions = spaces_.functions.size();
  const std::size_t tables = spaces_.tables.size();
  const std::size_t memories = spaces_.memories.size();
  const std::size_t globals = spaces_.globals.size();
  const std::size_t tags = spaces_.tags.size();
  const std::uint32_t imported_functions = spaces_.imported_functions;
  (void)read_import_description(cursor, types_, spaces_);
  spaces_.functions.resize(functions);
  spaces_.tables.resize(tables);
  spaces_.memories.resize(memories);
  spaces_.globals.resize(globals);
  spaces_.tags.resize(tags);
  spaces_.imported_functions = imported_functions;
  const std::uint32_t count = cursor.count(limits_.imports, "imports");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t start = cursor.offset();
    const std::string_view name = cursor.name(limits_.name_bytes);
    Cursor again = description;
    if (cursor.ok()) read_one_import(again, module, name);
    cursor.adopt(again);
    note_entry(Part::import, start, cursor);
  }
}

void ModuleReader::read_imports(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.imports, "imports");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t start = cursor.offset();
    const std::string_view module = cursor.name(limits_.name_bytes);
    const std::string_view name = cursor.name(limits_.name_bytes);
    const bool compact = name.empty() && (cursor.peek() == 0x7f || cursor.peek() == 0x7e);
    if (compact) {
      read_compact_group(cursor, module);
    } else {
      read_one_import(cursor, module, name);
      note_entry(Part::import, start, cursor);
    }
  }
}

void ModuleReader::read_functions(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.functions, "functions");
  spaces_.functions.reserve(spaces_.functions.size() + std::min<std::size_t>(count, cursor.remaining()));
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t start = cursor.offset();
    spaces_.functions.push_back(types_.read_function_type_index(cursor));
    refer(Part::type, spaces_.functions.back(), cursor);
    note_entry(Part::function, start, cursor);
  }
  bodies_expected_ = count;
  summary_.function_count += count;
}

void ModuleReader::read_tables(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.tables, "tables");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t start = cursor.offset();
    const bool initialized = cursor.peek() == 0x40;
    if (initialized) {
      spaces_.constructs.add(Construct::table_initializer, cursor.offset());
      (void)cursor.byte();
      if (cursor.byte() != 0 && cursor.ok()) cursor.malformed("malformed table");
    }
    types_.read_table_type(cursor);
    if (!cursor.ok()) return;
    const CoreValueType element = spaces_.tables.back().value;
    if (initialized) read_constant_expression(cursor, spaces_, element, limits_);
    else if (element.code == 0x64) cursor.fail_at(ErrorCode::malformed, "a table of non-null references needs an initial value", start);
    note_entry(Part::table, start, cursor);
  }
}

void ModuleReader::read_globals(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.globals, "globals");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t start = cursor.offset();
    types_.read_global_type(cursor, false);
    if (!cursor.ok()) return;
    // The global itself is not visible in its own initial value.
    const CoreEntity global = spaces_.globals.back();
    spaces_.globals.pop_back();
    read_constant_expression(cursor, spaces_, global.value, limits_);
    spaces_.globals.push_back(global);
    note_entry(Part::global, start, cursor);
  }
}

void ModuleReader::read_exports(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.exports, "exports");
  std::vector<std::string_view> names;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t start = cursor.offset();
    const std::string_view name = cursor.name(limits_.name_bytes);
    note_name(cursor, name);
    const std::uint64_t offset = cursor.offset();
    const std::uint8_t kind = cursor.byte();
    const std::uint32_t index = cursor.u32();
    static constexpr std::array<std::string_view, 5> k_kinds = {"func", "table", "memory", "global", "tag"};
    const std::array<std::uint64_t, 5> counts = {spaces_.functions.size(), spaces_.tables.size(), spaces_.memories.size(),
                                                 spaces_.globals.size(), spaces_.tags.size()};
    if (cursor.ok() && kind >= k_kinds.size())
      cursor.fail_at(ErrorCode::malformed, "malformed export kind " + std::to_string(kind), offset);
    if (!cursor.ok()) return;
    require(cursor, index, counts[kind], k_kinds[kind], offset);
    if (cursor.ok() && kind == 3 && spaces_.globals[index].is_mutable) spaces_.constructs.add(Construct::mutable_global, offset);
    static constexpr std::array<Part, 5> k_parts = {Part::function, Part::table, Part::memory, Part::global, Part::tag};
    refer(k_parts[kind], index, cursor);
    note_entry(Part::exported, start, cursor);
    names.push_back(name);
    if (shape_ != nullptr && cursor.ok())
      shape_->exports.push_back({std::string(name), spaces_.entity(static_cast<CoreEntity::Kind>(kind), index)});
    summary_.exports.push_back({std::string(name), std::string(k_kinds[kind])});
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (cursor.ok() && twice != names.end()) cursor.malformed("duplicate export \"" + std::string(*twice) + "\"");
}

void ModuleReader::read_start(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t index = cursor.u32();
  require(cursor, index, spaces_.functions.size(), "func", offset);
  if (!cursor.ok()) return;
  const TypeEntry& type = spaces_.types[spaces_.functions[index]];
  if (type.parameters != 0 || type.results != 0)
    return cursor.fail_at(ErrorCode::malformed, "start function " + std::to_string(index) + " takes or gives values", offset);
  refer(Part::function, index, cursor);
  note_entry(Part::start, offset, cursor);
}

void ModuleReader::read_element_items(Cursor& cursor, bool expressions, const CoreValueType& type) {
  const std::uint32_t count = cursor.count(limits_.element_items, "elements");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    if (expressions) {
      read_constant_expression(cursor, spaces_, type, limits_);
      continue;
    }
    const std::uint64_t offset = cursor.offset();
    const std::uint32_t function = cursor.u32();
    require(cursor, function, spaces_.functions.size(), "func", offset);
    refer(Part::function, function, cursor);
  }
}

// Bit 0 passive or declarative, bit 1 explicit table or (with bit 0) declarative, bit 2 expressions (§5.5.12).
void ModuleReader::read_element(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t flags = cursor.u32();
  if (cursor.ok() && flags > 7)
    return cursor.fail_at(ErrorCode::malformed, "malformed element segment kind " + std::to_string(flags), offset);
  const bool active = (flags & 1U) == 0;
  std::optional<CoreValueType> held;
  const bool expressions = (flags & 4U) != 0;
  if ((flags & 3U) == 3) spaces_.constructs.add(Construct::declarative_elements, offset);
  if ((flags & 3U) == 1) spaces_.constructs.add(Construct::bulk_memory, offset);
  if (active) {
    const std::uint64_t table_offset = cursor.offset();
    const std::uint32_t table = (flags & 2U) != 0 ? cursor.u32() : 0;
    require(cursor, table, spaces_.tables.size(), "table", table_offset);
    refer(Part::table, table, cursor);
    if (!cursor.ok()) return;
    read_constant_expression(cursor, spaces_, address_of(spaces_.tables[table]), limits_);
    held = spaces_.tables[table].value;
  }
  CoreValueType element{.code = expressions ? std::uint8_t{0x63} : std::uint8_t{0x64}, .heap = -0x70};
  if ((flags & 3U) != 0) {
    const std::uint64_t kind_offset = cursor.offset();
    if (expressions) {
      const ValueType type = types_.read_reference_type(cursor);
      element = types_.resolve(type);
      if (flags == 7 || !type.is_function_reference()) spaces_.constructs.add(Construct::expression_elements, kind_offset);
    } else if (cursor.byte() != 0 && cursor.ok()) {
      cursor.fail_at(ErrorCode::malformed, "malformed element kind", kind_offset);
    }
  }
  if (cursor.ok() && held && !spaces_.store->is_subtype(element, *held))
    return cursor.fail_at(ErrorCode::malformed, "type mismatch: elements " + to_text(element) + " in a table of " + to_text(*held), offset);
  read_element_items(cursor, expressions, element);
  note_entry(Part::element, offset, cursor);
}

void ModuleReader::read_elements(Cursor& cursor) {
  spaces_.element_segments = cursor.count(limits_.element_segments, "element segments");
  for (std::uint32_t i = 0; cursor.ok() && i < spaces_.element_segments; ++i) read_element(cursor);
}

void ModuleReader::read_code(Cursor& cursor) {
  bodies_ = cursor.count(limits_.functions, "function bodies");
  if (cursor.ok() && bodies_ != bodies_expected_) {
    cursor.malformed("function and code section have inconsistent lengths: " + std::to_string(bodies_expected_) + " functions, " +
                     std::to_string(bodies_) + " bodies");
  }
  if (depth_ == ReadDepth::structure) return;
  for (std::uint32_t i = 0; cursor.ok() && i < bodies_; ++i) {
    const std::uint64_t offset = cursor.offset();
    const std::uint32_t size = cursor.u32();
    if (cursor.ok() && size > limits_.body_bytes && size <= cursor.remaining()) {
      cursor.fail_at(ErrorCode::limit,
                     "function body of " + std::to_string(size) + " bytes is over the limit of " + std::to_string(limits_.body_bytes),
                     offset);
    }
    const std::uint64_t start = cursor.offset();
    Cursor body(cursor.take(size), start);
    if (!cursor.ok()) return;
    read_function_body(body, spaces_, spaces_.functions[spaces_.imported_functions + i], limits_);
    cursor.adopt(body);
    note_entry(Part::body, offset, cursor);
  }
  cursor.expect_end("code section");
}

void ModuleReader::read_data_segment(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  const std::uint32_t flags = cursor.u32();
  if (cursor.ok() && flags > 2) return cursor.fail_at(ErrorCode::malformed, "malformed data segment kind " + std::to_string(flags), offset);
  if (flags == 1) spaces_.constructs.add(Construct::bulk_memory, offset);
  if (flags != 1) {
    const std::uint32_t memory = flags == 2 ? cursor.u32() : 0;
    if (memory != 0) spaces_.constructs.add(Construct::custom_data_memory, offset);
    require(cursor, memory, spaces_.memories.size(), "memory", offset);
    refer(Part::memory, memory, cursor);
    if (!cursor.ok()) return;
    read_constant_expression(cursor, spaces_, address_of(spaces_.memories[memory]), limits_);
  }
  cursor.skip(cursor.u32());
  note_entry(Part::data, offset, cursor);
}

void ModuleReader::read_data(Cursor& cursor) {
  data_segments_ = cursor.count(limits_.data_segments, "data segments");
  summary_.data_segment_count += data_segments_;
  if (depth_ == ReadDepth::structure) return;
  for (std::uint32_t i = 0; cursor.ok() && i < data_segments_; ++i) read_data_segment(cursor);
  cursor.expect_end("data section");
}

Result<void> ModuleReader::finish(std::uint64_t end) {
  if (bodies_ != bodies_expected_) {
    return fail_at(ErrorCode::malformed,
                   "function and code section have inconsistent lengths: " + std::to_string(bodies_expected_) + " functions, " +
                       std::to_string(bodies_) + " bodies",
                   end);
  }
  if (spaces_.data_count && *spaces_.data_count != data_segments_) {
    return fail_at(ErrorCode::malformed,
                   "data count and data section have inconsistent lengths: " + std::to_string(*spaces_.data_count) + " and " +
                       std::to_string(data_segments_),
                   end);
  }
  return {};
}

// The ABI is told by the import modules: what the toolchains and runtimes agree on.
std::string module_target(const BinarySummary& summary) {
  std::string target = "core";
  for (const ImportItem& item : summary.imports) {
    if (item.module.starts_with("wasix_")) return "wasix";
    if (item.module == "wasi_snapshot_preview1" || item.module == "wasi_unstable") target = "wasip1";
    else if (item.module.starts_with("wasi:") && target == "core")
      target = item.module.find("@0.3.") != std::string::npos ? "wasip3" : "wasip2";
  }
  return target;
}

}  // namespace

CoreEntity last_of(const ModuleSpaces& spaces, std::string_view kind) {
  if (kind == "func") return spaces.entity(CoreEntity::Kind::function, static_cast<std::uint32_t>(spaces.functions.size() - 1));
  if (kind == "table") return spaces.tables.back();
  if (kind == "memory") return spaces.memories.back();
  if (kind == "global") return spaces.globals.back();
  return spaces.tags.back();
}

std::string_view read_import_description(Cursor& cursor, TypeReader& types, ModuleSpaces& spaces) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t kind = cursor.byte(); kind) {
    case 0x20: spaces.constructs.add(Construct::custom_descriptors, offset); [[fallthrough]];
    case 0: {
      const std::uint32_t type = types.read_function_type_index(cursor);
      spaces.functions.push_back(type);
      if (spaces.visitor != nullptr && cursor.ok()) spaces.visitor->refer(Part::type, type);
      ++spaces.imported_functions;
      return "func";
    }
    case 1: types.read_table_type(cursor); return "table";
    case 2: types.read_memory_type(cursor); return "memory";
    case 3: types.read_global_type(cursor, true); return "global";
    case 4: types.read_tag_type(cursor); return "tag";
    default: cursor.fail_at(ErrorCode::malformed, "malformed import kind " + std::to_string(kind), offset); return "";
  }
}

Result<BinarySummary> read_module(ByteView module, std::uint64_t base, const Limits& limits, ReadDepth depth,
                                  const ModuleReading& reading) {
  BinarySummary summary{.kind = Kind::module};
  summary.size = module.size();
  summary.code_was_read = depth == ReadDepth::code;
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(module, limits, base));
  if (walker.kind() != Kind::module) return fail_at(ErrorCode::malformed, "a component where a core module is expected", base);
  ModuleReader reader(limits, depth, summary, reading);
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) break;
    summary.sections.push_back({std::string(section->name), section->offset, section->whole.size(), section->is_custom()});
    if (section->is_custom()) summary.custom_bytes += section->whole.size();
    TRY(reader.read(*section));
  }
  TRY(reader.finish(base + module.size()));
  summary.constructs = reader.constructs();
  summary.target = module_target(summary);
  return summary;
}

}  // namespace davit::wasm
