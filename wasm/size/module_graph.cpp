#include "wasm/size/module_graph.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "wasm/cursor.hpp"
#include "wasm/size/dominators.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint32_t k_root = 0;
constexpr std::uint8_t k_plain_function_type = 0x60;

class GraphBuilder {
 public:
  GraphBuilder(ByteView module, std::uint64_t base, const ReferenceCollector& collected, const ItemMap& map)
      : module_(module), base_(base), collected_(collected), map_(map) {}

  Graph build(const std::vector<SizeItem>& items);

 private:
  // Functions of one type in one table; what calls through the table needs them.
  struct Member {
    std::uint32_t table;
    std::uint32_t type;
    std::uint32_t function;
  };

  [[nodiscard]] ByteView bytes(const EntryRange& entry) const { return module_.subspan(entry.offset - base_, entry.size); }
  [[nodiscard]] std::uint32_t node(Part part, std::uint32_t index) const { return 1 + map_.item(part, index); }
  [[nodiscard]] bool is_active(Part part, std::size_t entry) const {
    return (Cursor(bytes(collected_.entries(part)[entry])).u32() & 1U) == 0;
  }
  void classify_types();
  void note_function_types();
  void add_edge(std::uint32_t from, std::uint32_t to) { edges_.push_back((std::uint64_t{from} << 32U) | to); }
  void add_reference(std::uint32_t from, ReferenceKey key);
  void add_roots(const std::vector<SizeItem>& items);
  void add_entries(Part part, Part space);
  void add_active_element(std::size_t entry);
  void add_data();
  std::uint32_t group(std::uint32_t table, std::uint32_t type);
  Graph packed(std::uint32_t items);

  ByteView module_;
  std::uint64_t base_;
  const ReferenceCollector& collected_;
  const ItemMap& map_;
  std::vector<std::uint32_t> type_class_{};  // by type index; equal for equal types, all 0 when types have subtypes
  std::vector<std::uint32_t> function_class_{};
  std::vector<bool> open_tables_{};  // by index: anything in it may be called
  std::unordered_map<std::uint64_t, std::uint32_t> groups_{};
  std::uint32_t nodes_ = 0;
  std::vector<std::uint64_t> edges_{};
};

// A call through a table takes functions of the very type, or of subtypes of it; with subtypes all are one class.
void GraphBuilder::classify_types() {
  std::unordered_map<std::string_view, std::uint32_t> seen;
  for (const EntryRange& entry : collected_.entries(Part::type)) {
    const std::string_view text = as_text(bytes(entry));
    if (static_cast<std::uint8_t>(text.front()) != k_plain_function_type) return type_class_.clear();
    type_class_.push_back(seen.emplace(text, static_cast<std::uint32_t>(seen.size())).first->second);
  }
}

void GraphBuilder::note_function_types() {
  const auto type_of = [&](Part part, std::size_t entry) {
    std::uint32_t out = 0;
    collected_.for_each_reference(part, entry, [&](ReferenceKey key) {
      if (key.part() == Part::type && key.index() < type_class_.size()) out = type_class_[key.index()];
    });
    return out;
  };
  for (std::size_t i = 0; i < map_.import_items.size(); ++i) {
    const std::uint32_t item = map_.import_items[i];
    if (item < map_.first[static_cast<std::size_t>(Part::function)] + map_.imported[static_cast<std::size_t>(Part::function)])
      function_class_.push_back(type_of(Part::import, i));
  }
  for (std::size_t i = 0; i < collected_.entries(Part::function).size(); ++i) function_class_.push_back(type_of(Part::function, i));
}

std::uint32_t GraphBuilder::group(std::uint32_t table, std::uint32_t type) {
  const auto [place, added] = groups_.emplace((std::uint64_t{table} << 32U) | type, nodes_);
  if (added) ++nodes_;
  return place->second;
}

void GraphBuilder::add_reference(std::uint32_t from, ReferenceKey key) {
  if (key.is_indirect()) {
    const std::uint32_t type = key.index() < type_class_.size() ? type_class_[key.index()] : 0;
    add_edge(from, group(key.table(), type));
    add_edge(from, node(Part::table, key.table()));
    return;
  }
  if (key.part() == Part::type) return;
  if (key.part() == Part::table) open_tables_[key.index()] = true;
  add_edge(from, node(key.part(), key.index()));
}

void GraphBuilder::add_roots(const std::vector<SizeItem>& items) {
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const SizeItem& item = items[i];
    const bool kept = item.is_imported || item.kind == SizeKind::exported || item.kind == SizeKind::start || item.kind == SizeKind::type ||
                      item.kind == SizeKind::custom || item.kind == SizeKind::frame;
    if (kept) add_edge(k_root, 1 + i);
    if (item.is_imported && item.kind == SizeKind::table) open_tables_[item.index] = true;
  }
}

void GraphBuilder::add_entries(Part part, Part space) {
  const std::uint32_t imported = map_.imported[static_cast<std::size_t>(space)];
  for (std::uint32_t i = 0; i < collected_.entries(part).size(); ++i)
    collected_.for_each_reference(part, i, [&](ReferenceKey key) { add_reference(node(space, imported + i), key); });
}

void GraphBuilder::add_active_element(std::size_t entry) {
  const std::uint32_t segment = node(Part::element, static_cast<std::uint32_t>(entry));
  std::uint32_t table = 0;
  collected_.for_each_reference(Part::element, entry, [&](ReferenceKey key) {
    if (key.part() == Part::table) table = key.index();
  });
  add_edge(node(Part::table, table), segment);
  collected_.for_each_reference(Part::element, entry, [&](ReferenceKey key) {
    if (key.part() == Part::function) add_edge(group(table, function_class_[key.index()]), node(Part::function, key.index()));
    else if (key.part() != Part::table && key.part() != Part::type) add_edge(segment, node(key.part(), key.index()));
  });
}

void GraphBuilder::add_data() {
  for (std::uint32_t i = 0; i < collected_.entries(Part::data).size(); ++i) {
    const std::uint32_t segment = node(Part::data, i);
    const bool active = is_active(Part::data, i);
    collected_.for_each_reference(Part::data, i, [&](ReferenceKey key) {
      if (active && key.part() == Part::memory) add_edge(node(Part::memory, key.index()), segment);
      else add_reference(segment, key);
    });
  }
}

Graph GraphBuilder::packed(std::uint32_t items) {
  // A table that is open keeps all its groups.
  for (const auto& [key, group_node] : groups_) {
    const auto table = static_cast<std::uint32_t>(key >> 32U);
    if (open_tables_[table]) add_edge(node(Part::table, table), group_node);
  }
  Graph out;
  out.first.assign(std::size_t{nodes_} + 1, 0);
  CHECK(items <= nodes_);
  for (const std::uint64_t edge : edges_) ++out.first[(edge >> 32U) + 1];
  for (std::uint32_t i = 0; i < nodes_; ++i) out.first[i + 1] += out.first[i];
  out.targets.resize(edges_.size());
  std::vector<std::uint32_t> next(out.first.begin(), out.first.end() - 1);
  for (const std::uint64_t edge : edges_) out.targets[next[edge >> 32U]++] = static_cast<std::uint32_t>(edge);
  return out;
}

Graph GraphBuilder::build(const std::vector<SizeItem>& items) {
  nodes_ = static_cast<std::uint32_t>(items.size()) + 1;
  open_tables_.assign(map_.count[static_cast<std::size_t>(Part::table)], false);
  classify_types();
  note_function_types();
  add_roots(items);
  add_entries(Part::table, Part::table);
  add_entries(Part::global, Part::global);
  add_entries(Part::exported, Part::exported);
  add_entries(Part::start, Part::start);
  add_entries(Part::body, Part::function);
  for (std::uint32_t i = 0; i < collected_.entries(Part::element).size(); ++i) {
    if (is_active(Part::element, i)) {
      add_active_element(i);
      continue;
    }
    collected_.for_each_reference(Part::element, i, [&](ReferenceKey key) { add_reference(node(Part::element, i), key); });
  }
  add_data();
  return packed(static_cast<std::uint32_t>(items.size()));
}

}  // namespace

std::uint64_t measure_retained(ByteView module, std::uint64_t base, const ReferenceCollector& collected, const ItemMap& map,
                               std::vector<SizeItem>& items) {
  const Graph graph = GraphBuilder(module, base, collected, map).build(items);
  std::vector<std::uint64_t> sizes(graph.size(), 0);
  for (std::size_t i = 0; i < items.size(); ++i) sizes[i + 1] = items[i].size;
  const Dominators dominators = find_dominators(graph);
  const std::vector<std::uint64_t> retained = retained_sizes(dominators, sizes);
  std::uint64_t unreachable = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].retained = retained[i + 1];
    const bool matters = items[i].kind == SizeKind::function || items[i].kind == SizeKind::data || items[i].kind == SizeKind::element;
    if (matters && dominators.immediate[i + 1] == k_unreachable) unreachable += items[i].size;
  }
  return unreachable;
}

}  // namespace davit::wasm
