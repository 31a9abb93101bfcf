#include "wasm/rewrite/slot_table.hpp"

#include "wasm/append.hpp"
#include "wasm/cursor.hpp"
#include "wasm/section_id.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {
namespace {

// Kinds and opcodes on the wire: never change.
constexpr std::uint8_t k_function_kind = 0;
constexpr std::uint8_t k_table_kind = 1;
constexpr std::uint8_t k_end = 0x0b;
constexpr std::uint8_t k_call_indirect = 0x11;
constexpr std::uint8_t k_local_get = 0x20;
constexpr std::uint8_t k_i32_const = 0x41;

using SectionMap = std::map<std::uint8_t, SectionView>;

/// The known sections, or nothing when there is one that `allowed` does not list.
std::optional<SectionMap> sections_of(ByteView module, const std::set<std::uint8_t>& allowed, const Limits& limits) {
  auto walker = SectionWalker::open(module, limits);
  if (!walker || walker->kind() != Kind::module) return std::nullopt;
  SectionMap out;
  while (true) {
    auto section = walker->next();
    if (!section) return std::nullopt;
    if (!*section) return out;
    if ((*section)->is_custom()) continue;
    if (!allowed.contains((*section)->id)) return std::nullopt;
    out.emplace((*section)->id, **section);
  }
}

/// Body of a function that passes its arguments on to one slot of table 0; nothing when it is anything else.
std::optional<std::uint32_t> called_slot(ByteView body) {
  Cursor cursor(body);
  if (cursor.u32() != 0) return std::nullopt;  // locals
  while (cursor.ok() && cursor.peek() == k_local_get) {
    (void)cursor.byte();
    (void)cursor.u32();
  }
  if (cursor.byte() != k_i32_const) return std::nullopt;
  const std::int32_t slot = cursor.s32();
  if (cursor.byte() != k_call_indirect) return std::nullopt;
  (void)cursor.u32();
  const std::uint32_t table = cursor.u32();
  const bool ends = cursor.byte() == k_end && cursor.at_end();
  if (!cursor.ok() || !ends || table != 0 || slot < 0) return std::nullopt;
  return static_cast<std::uint32_t>(slot);
}

std::optional<std::vector<std::uint32_t>> called_slots(const SectionView& code, const Limits& limits) {
  Cursor cursor(code.payload);
  std::vector<std::uint32_t> out;
  const std::uint32_t count = cursor.count(limits.functions, "bodies");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::optional<std::uint32_t> slot = called_slot(cursor.take(cursor.u32()));
    if (!slot) return std::nullopt;
    out.push_back(*slot);
  }
  if (!cursor.ok()) return std::nullopt;
  return out;
}

/// Imports of a filler: functions in order, and exactly one table.
struct FillerImports {
  std::vector<ModuleImport> functions{};
  std::vector<ByteView> encoded{};  ///< each function's import
  ByteView encoded_table{};
  std::optional<ModuleImport> table{};
};

std::optional<FillerImports> filler_imports(const SectionView& section, const Limits& limits) {
  Cursor cursor(section.payload);
  FillerImports out;
  const std::uint32_t count = cursor.count(limits.imports, "imports");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const auto begin = static_cast<std::size_t>(cursor.offset());
    ModuleImport name{std::string(cursor.name(limits.name_bytes)), {}};
    name.field = cursor.name(limits.name_bytes);
    const std::uint8_t kind = cursor.byte();
    const auto encoded = [&] { return section.payload.subspan(begin, static_cast<std::size_t>(cursor.offset()) - begin); };
    if (kind == k_function_kind) {
      (void)cursor.u32();
      if (!cursor.ok()) return std::nullopt;
      out.functions.push_back(std::move(name));
      out.encoded.push_back(encoded());
    } else if (kind == k_table_kind && !out.table) {
      if (cursor.byte() != 0x70 || cursor.peek() > 1) return std::nullopt;
      const bool has_maximum = cursor.byte() == 1;
      (void)cursor.u32();
      if (has_maximum) (void)cursor.u32();
      if (!cursor.ok()) return std::nullopt;
      out.table = std::move(name);
      out.encoded_table = encoded();
    } else {
      return std::nullopt;
    }
  }
  if (!cursor.ok() || !cursor.at_end() || !out.table) return std::nullopt;
  return out;
}

/// Active segments of table 0 at constant places: slot and function index.
std::optional<std::vector<std::pair<std::uint32_t, std::uint32_t>>> filled_slots(const SectionView& section, const Limits& limits) {
  Cursor cursor(section.payload);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
  std::set<std::uint32_t> met;
  const std::uint32_t segments = cursor.count(limits.element_segments, "segments");
  for (std::uint32_t i = 0; cursor.ok() && i < segments; ++i) {
    if (cursor.u32() != 0 || cursor.byte() != k_i32_const) return std::nullopt;
    const std::int32_t first = cursor.s32();
    if (cursor.byte() != k_end || first < 0) return std::nullopt;
    const std::uint32_t count = cursor.count(limits.element_items, "items");
    for (std::uint32_t k = 0; cursor.ok() && k < count; ++k) {
      const std::uint32_t slot = static_cast<std::uint32_t>(first) + k;
      if (!met.insert(slot).second) return std::nullopt;
      out.emplace_back(slot, cursor.u32());
    }
  }
  if (!cursor.ok() || !cursor.at_end()) return std::nullopt;
  return out;
}

void append_signed_leb(Bytes& out, std::uint32_t value) {
  while (value >= 0x40) {
    out.push_back(std::byte{static_cast<std::uint8_t>(0x80U | (value & 0x7fU))});
    value >>= 7U;
  }
  out.push_back(std::byte{static_cast<std::uint8_t>(value)});
}

// Slots in a row share a segment. Function k of the result is the k-th kept slot's.
void append_segments(Bytes& out, const std::vector<std::uint32_t>& slots) {
  Bytes entries;
  std::uint32_t segments = 0;
  for (std::size_t i = 0; i < slots.size();) {
    std::size_t end = i + 1;
    while (end < slots.size() && slots[end] == slots[end - 1] + 1) ++end;
    ++segments;
    entries.push_back(std::byte{0});
    entries.push_back(std::byte{k_i32_const});
    append_signed_leb(entries, slots[i]);
    entries.push_back(std::byte{k_end});
    append_leb(entries, end - i);
    for (; i < end; ++i) append_leb(entries, i);
  }
  if (segments != 0) append_vector_section(out, module_section::k_element, segments, entries);
}

}  // namespace

std::optional<SlotCallers> read_slot_callers(ByteView module, const Limits& limits) {
  const auto sections = sections_of(
      module,
      {module_section::k_type, module_section::k_function, module_section::k_table, module_section::k_export, module_section::k_code},
      limits);
  if (!sections || sections->size() != 5) return std::nullopt;
  Cursor tables(sections->at(module_section::k_table).payload);
  if (tables.u32() != 1 || tables.peek() != 0x70) return std::nullopt;
  const auto slots = called_slots(sections->at(module_section::k_code), limits);
  if (!slots) return std::nullopt;
  SlotCallers out;
  bool has_table = false;
  Cursor cursor(sections->at(module_section::k_export).payload);
  const std::uint32_t count = cursor.count(limits.exports, "exports");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    std::string name(cursor.name(limits.name_bytes));
    const std::uint8_t kind = cursor.byte();
    const std::uint32_t index = cursor.u32();
    if (kind == k_function_kind && index < slots->size()) {
      out.slots.emplace(std::move(name), (*slots)[index]);
    } else if (kind == k_table_kind && !has_table) {
      out.table_export = std::move(name);
      has_table = true;
    } else {
      return std::nullopt;
    }
  }
  if (!cursor.ok() || !has_table) return std::nullopt;
  return out;
}

std::optional<SlotFiller> read_slot_filler(ByteView module, const Limits& limits) {
  const auto sections = sections_of(module, {module_section::k_type, module_section::k_import, module_section::k_element}, limits);
  if (!sections || sections->size() != 3) return std::nullopt;
  auto imports = filler_imports(sections->at(module_section::k_import), limits);
  const auto filled = filled_slots(sections->at(module_section::k_element), limits);
  if (!imports || !filled) return std::nullopt;
  SlotFiller out{.table = std::move(*imports->table)};
  for (const auto& [slot, function] : *filled) {
    if (function >= imports->functions.size()) return std::nullopt;
    out.slots.emplace_back(slot, imports->functions[function]);
  }
  // An import that fills no slot would be lost by keep_slots, and one that fills two be named twice.
  if (out.slots.size() != imports->functions.size()) return std::nullopt;
  std::set<std::uint32_t> functions;
  for (const auto& [slot, function] : *filled) functions.insert(function);
  if (functions.size() != filled->size()) return std::nullopt;
  return out;
}

Bytes keep_slots(ByteView filler, const std::set<std::uint32_t>& kept, const Limits& limits) {
  const auto sections = sections_of(filler, {module_section::k_type, module_section::k_import, module_section::k_element}, limits);
  CHECK(sections && read_slot_filler(filler, limits));
  const auto imports = filler_imports(sections->at(module_section::k_import), limits);
  const auto filled = filled_slots(sections->at(module_section::k_element), limits);
  std::map<std::uint32_t, std::uint32_t> by_slot(filled->begin(), filled->end());
  std::erase_if(by_slot, [&](const auto& item) { return !kept.contains(item.first); });
  std::vector<std::uint32_t> slots;
  Bytes entries;
  for (const auto& [slot, function] : by_slot) {
    slots.push_back(slot);
    append_bytes(entries, imports->encoded[function]);
  }
  append_bytes(entries, imports->encoded_table);
  Bytes out;
  append_bytes(out, filler.first(k_preamble_bytes));
  append_bytes(out, sections->at(module_section::k_type).whole);
  append_vector_section(out, module_section::k_import, static_cast<std::uint32_t>(slots.size() + 1), entries);
  append_segments(out, slots);
  // Custom sections other than names and hints by function index still hold; producers are what there is in practice.
  auto walker = SectionWalker::open(filler, limits);
  while (walker) {
    const auto section = walker->next();
    if (!section || !*section) break;
    if ((*section)->is_custom() && (*section)->name == "producers") append_bytes(out, (*section)->whole);
  }
  return out;
}

}  // namespace davit::wasm
