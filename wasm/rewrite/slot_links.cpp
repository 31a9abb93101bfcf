#include "wasm/rewrite/slot_links.hpp"

#include <algorithm>

namespace davit::wasm {
namespace {

constexpr std::uint64_t k_max_filler_bytes = std::uint64_t{4} << 20;  // real ones have a few kilobytes

/// The entry that makes the only instance of a module, when nothing else refers to the module.
std::optional<EntryId> only_instance(const ComponentTree& tree, const UserMap& users, EntryId module) {
  const std::vector<EntryId>& found = users.users(tree.entries[module]);
  if (found.size() != 1 || tree.entries[found.front()].form != EntryForm::core_instantiate) return std::nullopt;
  return found.front();
}

const ArgumentView* find_argument(const EntryView& entry, std::string_view name) {
  const auto found = std::ranges::find(entry.arguments, name, &ArgumentView::name);
  return found == entry.arguments.end() ? nullptr : &*found;
}

/// Where a filler's table comes from: an export of an instance, straight or by way of a bundle.
struct TableSource {
  EntryId instance = k_nowhere;  ///< of the shim, if all is as it should be
  std::string_view name{};
  EntryId bundle = k_nowhere;
};

class LinkFinder {
 public:
  LinkFinder(const ComponentTree& tree, const UserMap& users, const Limits& limits) : tree_(tree), users_(users), limits_(limits) {}

  /// The shim's module, when the filler belongs to one.
  std::optional<std::pair<ModuleId, SlotLink>> link(EntryId filler) const;

 private:
  [[nodiscard]] std::optional<TableSource> find_table(const EntryView& instantiation, const ModuleImport& table) const;
  [[nodiscard]] bool only_filler_reaches(const TableSource& table, EntryId filler) const;

  const ComponentTree& tree_;
  const UserMap& users_;
  const Limits& limits_;
};

std::optional<TableSource> LinkFinder::find_table(const EntryView& instantiation, const ModuleImport& table) const {
  const ArgumentView* argument = find_argument(instantiation, table.module);
  if (argument == nullptr) return std::nullopt;
  const ScopeId scope = instantiation.scope;
  const EntryId given = tree_.definer(scope, Sort::core_instance, argument->index);
  if (tree_.entries[given].form == EntryForm::core_instantiate) return TableSource{.instance = given, .name = table.field};
  const ArgumentView* item = find_argument(tree_.entries[given], table.field);
  if (item == nullptr || item->sort != Sort::core_table) return std::nullopt;
  const EntryView& alias = tree_.entries[tree_.definer(scope, Sort::core_table, item->index)];
  if (alias.form != EntryForm::core_export_alias) return std::nullopt;
  const EntryId instance = tree_.definer(scope, Sort::core_instance, alias.subject);
  if (tree_.entries[instance].form != EntryForm::core_instantiate) return std::nullopt;
  return TableSource{.instance = instance, .name = alias.name, .bundle = given};
}

// The shim is only ever aliased or given to the filler; its table is only listed in the bundle, and that only given to the filler.
bool LinkFinder::only_filler_reaches(const TableSource& table, EntryId filler) const {
  if (table.bundle != k_nowhere && users_.users(tree_.entries[table.bundle]) != std::vector<EntryId>{filler}) return false;
  return std::ranges::all_of(users_.users(tree_.entries[table.instance]), [&](EntryId user) {
    if (user == filler) return true;
    const EntryView& alias = tree_.entries[user];
    if (alias.form != EntryForm::core_export_alias) return false;
    if (alias.name != table.name) return true;
    return std::ranges::all_of(users_.users(alias), [&](EntryId of_table) { return of_table == table.bundle; });
  });
}

std::optional<std::pair<ModuleId, SlotLink>> LinkFinder::link(EntryId filler) const {
  const EntryView& module = tree_.entries[filler];
  if (module.bytes.size() > k_max_filler_bytes) return std::nullopt;
  auto slots = read_slot_filler(module.bytes, limits_);
  const std::optional<EntryId> instance = only_instance(tree_, users_, filler);
  if (!slots || !instance) return std::nullopt;
  const std::optional<TableSource> table = find_table(tree_.entries[*instance], slots->table);
  if (!table) return std::nullopt;
  const EntryView& shim_instance = tree_.entries[table->instance];
  const EntryId shim = tree_.definer(shim_instance.scope, Sort::core_module, shim_instance.subject);
  if (tree_.entries[shim].form != EntryForm::module || !only_instance(tree_, users_, shim)) return std::nullopt;
  auto callers = read_slot_callers(tree_.entries[shim].bytes, limits_);
  if (!callers || callers->table_export != table->name || !only_filler_reaches(*table, *instance)) return std::nullopt;
  return std::pair(tree_.entries[shim].module, SlotLink{std::move(*callers), std::move(*slots), module.module, *instance});
}

}  // namespace

UserMap::UserMap(const ComponentTree& tree) {
  for (EntryId id = 0; id < tree.entries.size(); ++id) {
    for (const SlotView& slot : tree.entries[id].slots) {
      std::vector<EntryId>& users = users_[{slot.scope, slot.use.sort, slot.use.index}];
      if (users.empty() || users.back() != id) users.push_back(id);
    }
  }
}

const std::vector<EntryId>& UserMap::users(ScopeId scope, Sort sort, std::uint32_t index) const {
  static const std::vector<EntryId> k_none{};
  const auto found = users_.find({scope, sort, index});
  return found == users_.end() ? k_none : found->second;
}

const std::vector<EntryId>& UserMap::users(const EntryView& entry) const {
  return users(entry.scope, entry.defines.front().first, entry.defines.front().second);
}

std::map<ModuleId, SlotLink> find_slot_links(const ComponentTree& tree, const UserMap& users, const Limits& limits) {
  const LinkFinder finder(tree, users, limits);
  std::map<ModuleId, SlotLink> out;
  std::set<ModuleId> ambiguous;
  for (const EntryId module : tree.modules) {
    auto link = finder.link(module);
    if (link && !out.emplace(link->first, std::move(link->second)).second) ambiguous.insert(link->first);
  }
  for (const ModuleId shim : ambiguous) out.erase(shim);
  return out;
}

}  // namespace davit::wasm
