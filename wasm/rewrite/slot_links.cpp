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

class LinkFinder {
 public:
  LinkFinder(const ComponentTree& tree, const UserMap& users, const Limits& limits) : tree_(tree), users_(users), limits_(limits) {}

  /// The shim's module, when the filler belongs to one.
  std::optional<std::pair<ModuleId, SlotLink>> link(EntryId filler) const;

 private:
  [[nodiscard]] bool only_filler_reaches(const EntryView& shim_instance, std::string_view table, EntryId bundle, EntryId filler) const;

  const ComponentTree& tree_;
  const UserMap& users_;
  const Limits& limits_;
};

// The shim is only ever aliased, its table only listed in the bundle, and the bundle only given to the filler.
bool LinkFinder::only_filler_reaches(const EntryView& shim_instance, std::string_view table, EntryId bundle, EntryId filler) const {
  const std::vector<EntryId>& of_bundle = users_.users(tree_.entries[bundle]);
  if (of_bundle != std::vector<EntryId>{filler}) return false;
  return std::ranges::all_of(users_.users(shim_instance), [&](EntryId user) {
    const EntryView& alias = tree_.entries[user];
    if (alias.form != EntryForm::core_export_alias) return false;
    if (alias.name != table) return true;
    return std::ranges::all_of(users_.users(alias), [&](EntryId of_table) { return of_table == bundle; });
  });
}

std::optional<std::pair<ModuleId, SlotLink>> LinkFinder::link(EntryId filler) const {
  const EntryView& module = tree_.entries[filler];
  if (module.bytes.size() > k_max_filler_bytes) return std::nullopt;
  auto slots = read_slot_filler(module.bytes, limits_);
  const std::optional<EntryId> instance = only_instance(tree_, users_, filler);
  if (!slots || !instance) return std::nullopt;
  const EntryView& instantiation = tree_.entries[*instance];
  const ArgumentView* argument = find_argument(instantiation, slots->table.module);
  if (argument == nullptr) return std::nullopt;
  const ScopeId scope = module.scope;
  const EntryId bundle = tree_.definer(scope, Sort::core_instance, argument->index);
  if (tree_.entries[bundle].form != EntryForm::core_bundle) return std::nullopt;
  const ArgumentView* item = find_argument(tree_.entries[bundle], slots->table.field);
  if (item == nullptr || item->sort != Sort::core_table) return std::nullopt;
  const EntryView& alias = tree_.entries[tree_.definer(scope, Sort::core_table, item->index)];
  if (alias.form != EntryForm::core_export_alias) return std::nullopt;
  const EntryView& shim_instance = tree_.entries[tree_.definer(scope, Sort::core_instance, alias.subject)];
  if (shim_instance.form != EntryForm::core_instantiate) return std::nullopt;
  const EntryId shim = tree_.definer(scope, Sort::core_module, shim_instance.subject);
  if (tree_.entries[shim].form != EntryForm::module || !only_instance(tree_, users_, shim)) return std::nullopt;
  auto callers = read_slot_callers(tree_.entries[shim].bytes, limits_);
  if (!callers || callers->table_export != alias.name) return std::nullopt;
  if (!only_filler_reaches(shim_instance, alias.name, bundle, *instance)) return std::nullopt;
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
