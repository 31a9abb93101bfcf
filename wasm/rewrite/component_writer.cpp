#include "wasm/rewrite/component_writer.hpp"

#include <algorithm>

#include "wasm/append.hpp"
#include "wasm/section_id.hpp"

namespace davit::wasm {
namespace {

using IndexMap = std::array<std::vector<std::uint32_t>, k_sort_count>;

// Sorts as they stand in names sections and arguments. On the wire: never change.
void append_sort(Bytes& out, Sort sort) {
  const auto put = [&](std::uint8_t byte) { out.push_back(std::byte{byte}); };
  const auto core = [&](std::uint8_t byte) {
    put(0x00);
    put(byte);
  };
  switch (sort) {
    case Sort::core_function: return core(0x00);
    case Sort::core_table: return core(0x01);
    case Sort::core_memory: return core(0x02);
    case Sort::core_global: return core(0x03);
    case Sort::core_tag: return core(0x04);
    case Sort::core_type: return core(0x10);
    case Sort::core_module: return core(0x11);
    case Sort::core_instance: return core(0x12);
    case Sort::function: return put(0x01);
    case Sort::value: return put(0x02);
    case Sort::type: return put(0x03);
    case Sort::component: return put(0x04);
    case Sort::instance: return put(0x05);
  }
}

void append_core_sort(Bytes& out, Sort sort) {
  Bytes both;
  append_sort(both, sort);
  out.push_back(both.back());
}

void append_s33(Bytes& out, std::uint32_t value) {
  for (; value >= 0x40; value >>= 7U) out.push_back(std::byte{static_cast<std::uint8_t>(0x80U | (value & 0x7fU))});
  out.push_back(std::byte{static_cast<std::uint8_t>(value)});
}

class Writer {
 public:
  Writer(const ComponentTree& tree, const Liveness& live, const std::vector<ByteView>& modules);
  /// Depth is bounded by the reader's limit.
  Bytes write(ScopeId scope) const;

 private:
  [[nodiscard]] std::uint32_t renumbered(ScopeId scope, Sort sort, std::uint32_t index) const {
    const std::uint32_t out = indices_[scope][static_cast<std::size_t>(sort)][index];
    CHECK(out != k_nowhere);
    return out;
  }
  void append_section_of(Bytes& out, std::uint8_t id, const std::vector<EntryId>& entries) const;
  void append_entry(Bytes& out, const EntryView& entry, EntryId id) const;
  void append_arguments(Bytes& out, const EntryView& entry, EntryId id) const;
  [[nodiscard]] Bytes renamed(const EntryView& section) const;
  [[nodiscard]] bool append_names(Bytes& out, Cursor& cursor, ScopeId scope) const;

  const ComponentTree& tree_;
  const Liveness& live_;
  const std::vector<ByteView>& modules_;
  std::vector<IndexMap> indices_{};  ///< by scope; k_nowhere for what goes
  std::vector<bool> moved_{};        ///< by scope: whether any index changed
};

Writer::Writer(const ComponentTree& tree, const Liveness& live, const std::vector<ByteView>& modules)
    : tree_(tree), live_(live), modules_(modules) {
  indices_.resize(tree.scopes.size());
  moved_.resize(tree.scopes.size());
  for (ScopeId scope = 0; scope < tree.scopes.size(); ++scope) {
    for (std::size_t sort = 0; sort < k_sort_count; ++sort) {
      std::uint32_t next = 0;
      for (const EntryId definer : tree.scopes[scope].definers[sort]) {
        indices_[scope][sort].push_back(live.entries[definer] ? next++ : k_nowhere);
        if (!live.entries[definer]) moved_[scope] = true;
      }
    }
  }
}

void Writer::append_arguments(Bytes& out, const EntryView& entry, EntryId id) const {
  const std::vector<bool>& kept = live_.arguments[id];
  out.push_back(std::byte{static_cast<std::uint8_t>(entry.form == EntryForm::core_bundle ? 1 : 0)});
  if (entry.form == EntryForm::core_instantiate) append_leb(out, renumbered(entry.scope, Sort::core_module, entry.subject));
  if (entry.form == EntryForm::instantiate) append_leb(out, renumbered(entry.scope, Sort::component, entry.subject));
  append_leb(out, static_cast<std::uint64_t>(std::ranges::count(kept, true)));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    const ArgumentView& argument = entry.arguments[i];
    append_name(out, argument.name);
    if (entry.form == EntryForm::instantiate) append_sort(out, argument.sort);
    else append_core_sort(out, argument.sort);
    append_leb(out, renumbered(entry.scope, argument.sort, argument.index));
  }
}

void Writer::append_entry(Bytes& out, const EntryView& entry, EntryId id) const {
  const std::vector<bool>& kept = live_.arguments[id];
  if (std::ranges::count(kept, false) != 0) return append_arguments(out, entry, id);
  std::uint64_t done = entry.offset;
  const auto copy_to = [&](std::uint64_t offset) {
    append_bytes(out, tree_.file.subspan(static_cast<std::size_t>(done), static_cast<std::size_t>(offset - done)));
  };
  for (const SlotView& slot : entry.slots) {
    const std::uint32_t index = renumbered(slot.scope, slot.use.sort, slot.use.index);
    if (index == slot.use.index) continue;
    copy_to(slot.use.offset);
    if (slot.use.is_signed) append_s33(out, index);
    else append_leb(out, index);
    done = slot.use.offset + slot.use.size_bytes;
  }
  copy_to(entry.offset + entry.bytes.size());
}

// One subsection of names: sort, then pairs of index and name. Whether it was well-formed.
bool Writer::append_names(Bytes& out, Cursor& cursor, ScopeId scope) const {
  static constexpr std::array k_sorts = {Sort::core_function, Sort::core_table,  Sort::core_memory,   Sort::core_global, Sort::core_tag,
                                         Sort::core_type,     Sort::core_module, Sort::core_instance, Sort::function,    Sort::value,
                                         Sort::type,          Sort::component,   Sort::instance};
  const std::uint8_t first = cursor.byte();
  const std::uint8_t second = first == 0 ? cursor.byte() : std::uint8_t{0};
  const auto sort = std::ranges::find_if(k_sorts, [&](Sort candidate) {
    Bytes code;
    append_sort(code, candidate);
    return code[0] == std::byte{first} && (first != 0 || code[1] == std::byte{second});
  });
  if (!cursor.ok() || sort == k_sorts.end()) return false;
  const std::vector<std::uint32_t>& numbers = indices_[scope][static_cast<std::size_t>(*sort)];
  Bytes pairs;
  std::uint32_t left = 0;
  const std::uint32_t count = cursor.u32();
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint32_t index = cursor.u32();
    const std::string_view name = cursor.name(UINT32_MAX);
    if (!cursor.ok() || index >= numbers.size() || numbers[index] == k_nowhere) continue;
    append_leb(pairs, numbers[index]);
    append_name(pairs, name);
    ++left;
  }
  if (!cursor.ok() || !cursor.at_end()) return false;
  append_sort(out, *sort);
  append_leb(out, left);
  append_bytes(out, pairs);
  return true;
}

// `component-name` with its indices counted anew; empty when it was damaged, for then nobody can say what it names.
Bytes Writer::renamed(const EntryView& section) const {
  Cursor cursor(section.bytes);
  Bytes out;
  append_name(out, cursor.name(UINT32_MAX));
  while (cursor.ok() && !cursor.at_end()) {
    const std::uint8_t id = cursor.byte();
    const ByteView content = cursor.take(cursor.u32());
    if (!cursor.ok()) return {};
    if (id != 1) {
      append_section(out, id, content);
      continue;
    }
    Cursor inner(content);
    Bytes names;
    if (!append_names(names, inner, section.scope)) return {};
    append_section(out, id, names);
  }
  return cursor.ok() ? out : Bytes{};
}

void Writer::append_section_of(Bytes& out, std::uint8_t id, const std::vector<EntryId>& entries) const {
  if (entries.empty()) return;
  const EntryView& first = tree_.entries[entries.front()];
  if (id == component_section::k_custom) {
    if (first.name != "component-name" || !moved_[first.scope]) return append_section(out, id, first.bytes);
    if (const Bytes names = renamed(first); !names.empty()) append_section(out, id, names);
    return;
  }
  if (id == component_section::k_core_module) return append_section(out, id, modules_[first.module]);
  if (id == component_section::k_component) return append_section(out, id, write(first.inner));
  Bytes content;
  for (const EntryId entry : entries) append_entry(content, tree_.entries[entry], entry);
  if (id == component_section::k_start) append_section(out, id, content);
  else append_vector_section(out, id, static_cast<std::uint32_t>(entries.size()), content);
}

Bytes Writer::write(ScopeId scope) const {
  const ScopeView& view = tree_.scopes[scope];
  const ByteView file = view.owner == k_nowhere ? tree_.file : tree_.entries[view.owner].bytes;
  Bytes out;
  append_bytes(out, file.first(k_preamble_bytes));
  std::size_t next = 0;
  for (std::uint32_t section = 0; section < view.sections.size(); ++section) {
    std::vector<EntryId> kept;
    for (; next < view.entries.size() && tree_.entries[view.entries[next]].section == section; ++next) {
      if (live_.entries[view.entries[next]]) kept.push_back(view.entries[next]);
    }
    append_section_of(out, view.sections[section].id, kept);
  }
  return out;
}

}  // namespace

Bytes write_component(const ComponentTree& tree, const Liveness& live, const std::vector<ByteView>& modules) {
  return Writer(tree, live, modules).write(0);
}

}  // namespace davit::wasm
