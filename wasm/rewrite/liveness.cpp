#include "wasm/rewrite/liveness.hpp"

#include "wasm/rewrite/slot_links.hpp"

#include <algorithm>
#include <unordered_map>

namespace davit::wasm {
namespace {

class Marker {
 public:
  Marker(const ComponentTree& tree, const std::vector<ModuleEdges>& modules, const LivenessOptions& options, const Limits& limits);
  Liveness run();

 private:
  void index_names(EntryId id);
  void open_scope(ScopeId scope);
  [[nodiscard]] bool is_root(const EntryView& entry, ScopeId scope) const;
  [[nodiscard]] bool acts(const EntryView& instantiation) const;
  [[nodiscard]] bool scope_acts(ScopeId scope) const;
  [[nodiscard]] bool is_closed(ScopeId scope) const;
  [[nodiscard]] ModuleId find_module(ScopeId scope, std::uint32_t index) const;
  [[nodiscard]] ScopeId find_component(ScopeId scope, std::uint32_t index) const;

  void demand(EntryId id);
  void demand(ScopeId scope, Sort sort, std::uint32_t index) { demand(tree_.definer(scope, sort, index)); }
  void demand_core_export(ScopeId scope, std::uint32_t instance, std::string_view name);
  void demand_whole_core_instance(ScopeId scope, std::uint32_t instance);
  void demand_import(EntryId instantiation, const ModuleImport& import);
  void demand_argument(EntryId id, std::size_t argument);
  /// The argument of this name, if there is one.
  [[nodiscard]] std::optional<std::size_t> find_argument(EntryId id, std::string_view name) const;
  void demand_slot(const SlotLink& link, std::uint32_t slot);
  void visit(EntryId id);
  void visit_slots(const EntryView& entry);
  void visit_core_instantiation(EntryId id);
  void visit_instantiation(EntryId id);
  void visit_import(const EntryView& entry);

  const ComponentTree& tree_;
  const std::vector<ModuleEdges>& modules_;
  const LivenessOptions& options_;
  UserMap users_;
  std::map<ModuleId, SlotLink> links_;
  std::set<ModuleId> fillers_{};
  std::unordered_map<ScopeId, std::vector<EntryId>> instantiations_{};          ///< by what they instantiate
  std::vector<std::unordered_map<std::string_view, std::size_t>> arguments_{};  ///< by entry, then by name
  std::vector<std::unordered_map<std::string_view, EntryId>> imports_{};        ///< by scope, then by name
  Liveness out_{};
  std::vector<EntryId> waiting_{};
};

Marker::Marker(const ComponentTree& tree, const std::vector<ModuleEdges>& modules, const LivenessOptions& options, const Limits& limits)
    : tree_(tree), modules_(modules), options_(options), users_(tree), links_(find_slot_links(tree, users_, limits)) {
  out_.entries.resize(tree.entries.size());
  out_.arguments.resize(tree.entries.size());
  arguments_.resize(tree.entries.size());
  imports_.resize(tree.scopes.size());
  for (EntryId id = 0; id < tree.entries.size(); ++id) index_names(id);
  out_.exports.resize(tree.modules.size());
  out_.is_open.resize(tree.modules.size());
  for (const auto& [shim, link] : links_) {
    fillers_.insert(link.filler_module);
    out_.slots[link.filler_module] = {};
  }
  for (ModuleId id = 0; id < tree.modules.size(); ++id) {
    const auto& users = users_.users(tree.entries[tree.modules[id]]);
    out_.is_open[id] = !std::ranges::all_of(users, [&](EntryId user) { return tree.entries[user].form == EntryForm::core_instantiate; });
    if (out_.is_open[id]) out_.exports[id] = modules[id].exports;
  }
}

void Marker::index_names(EntryId id) {
  const EntryView& entry = tree_.entries[id];
  out_.arguments[id].resize(entry.arguments.size());
  for (std::size_t i = 0; i < entry.arguments.size(); ++i) arguments_[id].emplace(entry.arguments[i].name, i);
  if (entry.form == EntryForm::import_) imports_[entry.scope].emplace(entry.name, id);
  if (entry.form != EntryForm::instantiate) return;
  if (const ScopeId inner = find_component(entry.scope, entry.subject); inner != k_nowhere) instantiations_[inner].push_back(id);
}

// The module behind an index, through outer aliases; nowhere when it comes from outside.
ModuleId Marker::find_module(ScopeId scope, std::uint32_t index) const {
  const EntryView* entry = &tree_.entries[tree_.definer(scope, Sort::core_module, index)];
  while (entry->form == EntryForm::outer_alias) {
    const SlotView& slot = entry->slots.front();
    entry = &tree_.entries[tree_.definer(slot.scope, Sort::core_module, slot.use.index)];
  }
  return entry->module;
}

ScopeId Marker::find_component(ScopeId scope, std::uint32_t index) const {
  const EntryView* entry = &tree_.entries[tree_.definer(scope, Sort::component, index)];
  while (entry->form == EntryForm::outer_alias) {
    const SlotView& slot = entry->slots.front();
    entry = &tree_.entries[tree_.definer(slot.scope, Sort::component, slot.use.index)];
  }
  return entry->inner;
}

// Whether everybody who instantiates the component is seen, so that arguments it does not use may go.
bool Marker::is_closed(ScopeId scope) const {
  const EntryId owner = tree_.scopes[scope].owner;
  if (owner == k_nowhere) return !options_.keep_imports;
  return std::ranges::all_of(users_.users(tree_.entries[owner]),
                             [&](EntryId user) { return tree_.entries[user].form == EntryForm::instantiate; });
}

bool Marker::acts(const EntryView& instantiation) const {
  if (instantiation.form == EntryForm::instantiate) {
    const ScopeId inner = find_component(instantiation.scope, instantiation.subject);
    return inner == k_nowhere || scope_acts(inner);
  }
  const ModuleId module = find_module(instantiation.scope, instantiation.subject);
  return module == k_nowhere || modules_[module].acts_at_start;
}

// Nesting is bounded by limits.depth.
bool Marker::scope_acts(ScopeId scope) const {
  return std::ranges::any_of(tree_.scopes[scope].entries, [&](EntryId id) {
    const EntryView& entry = tree_.entries[id];
    const bool instantiates = entry.form == EntryForm::core_instantiate || entry.form == EntryForm::instantiate;
    return entry.form == EntryForm::start || (instantiates && acts(entry));
  });
}

bool Marker::is_root(const EntryView& entry, ScopeId scope) const {
  // Core types refer to each other where the observer does not look, so their numbers stay.
  const bool makes = !entry.defines.empty();
  if (makes && entry.defines.front().first == Sort::core_type) return true;
  switch (entry.form) {
    case EntryForm::custom:
    case EntryForm::start:
    case EntryForm::export_: return true;
    case EntryForm::import_: return !is_closed(scope) || entry.defines.front().first == Sort::value;
    case EntryForm::core_instantiate:
      // A filler acts by filling slots; it is wanted as soon as one of them is.
      return !fillers_.contains(find_module(scope, entry.subject)) && acts(entry);
    case EntryForm::instantiate: return acts(entry);
    case EntryForm::other:
    case EntryForm::module:
    case EntryForm::component:
    case EntryForm::core_bundle:
    case EntryForm::bundle:
    case EntryForm::core_export_alias:
    case EntryForm::export_alias:
    case EntryForm::outer_alias: return false;
  }
  return true;
}

void Marker::open_scope(ScopeId scope) {
  for (const EntryId id : tree_.scopes[scope].entries) {
    if (is_root(tree_.entries[id], scope)) demand(id);
  }
}

void Marker::demand(EntryId id) {
  if (out_.entries[id]) return;
  out_.entries[id] = true;
  waiting_.push_back(id);
}

std::optional<std::size_t> Marker::find_argument(EntryId id, std::string_view name) const {
  const auto found = arguments_[id].find(name);
  if (found == arguments_[id].end()) return std::nullopt;
  return found->second;
}

void Marker::demand_argument(EntryId id, std::size_t argument) {
  const EntryView& entry = tree_.entries[id];
  out_.arguments[id][argument] = true;
  demand(entry.scope, entry.arguments[argument].sort, entry.arguments[argument].index);
}

void Marker::demand_core_export(ScopeId scope, std::uint32_t instance, std::string_view name) {
  const EntryId id = tree_.definer(scope, Sort::core_instance, instance);
  const EntryView& entry = tree_.entries[id];
  demand(id);
  if (entry.form == EntryForm::core_bundle) {
    if (const auto item = find_argument(id, name)) demand_argument(id, *item);
    return;
  }
  const ModuleId module = find_module(scope, entry.subject);
  if (module == k_nowhere || !out_.exports[module].emplace(name).second) return;
  const auto link = links_.find(module);
  if (link == links_.end()) return;
  if (const auto slot = link->second.callers.slots.find(name); slot != link->second.callers.slots.end())
    demand_slot(link->second, slot->second);
}

void Marker::demand_slot(const SlotLink& link, std::uint32_t slot) {
  for (const auto& [filled, import] : link.filler.slots) {
    if (filled != slot || !out_.slots[link.filler_module].insert(slot).second) continue;
    demand(link.filler_instance);
    demand_import(link.filler_instance, link.filler.table);
    demand_import(link.filler_instance, import);
  }
}

void Marker::demand_whole_core_instance(ScopeId scope, std::uint32_t instance) {
  const EntryId id = tree_.definer(scope, Sort::core_instance, instance);
  const EntryView& entry = tree_.entries[id];
  demand(id);
  if (entry.form == EntryForm::core_bundle) {
    for (std::size_t i = 0; i < entry.arguments.size(); ++i) demand_argument(id, i);
    return;
  }
  const ModuleId module = find_module(scope, entry.subject);
  if (module == k_nowhere) return;
  for (const std::string& name : modules_[module].exports) demand_core_export(scope, instance, name);
}

void Marker::demand_import(EntryId instantiation, const ModuleImport& import) {
  const EntryView& entry = tree_.entries[instantiation];
  const auto argument = find_argument(instantiation, import.module);
  if (!argument) return;
  demand_argument(instantiation, *argument);
  demand_core_export(entry.scope, entry.arguments[*argument].index, import.field);
}

void Marker::visit_slots(const EntryView& entry) {
  for (const SlotView& slot : entry.slots) demand(slot.scope, slot.use.sort, slot.use.index);
}

void Marker::visit_core_instantiation(EntryId id) {
  const EntryView& entry = tree_.entries[id];
  demand(entry.scope, Sort::core_module, entry.subject);
  const ModuleId module = find_module(entry.scope, entry.subject);
  if (module == k_nowhere) {
    for (std::size_t i = 0; i < entry.arguments.size(); ++i) {
      demand_argument(id, i);
      demand_whole_core_instance(entry.scope, entry.arguments[i].index);
    }
    return;
  }
  if (fillers_.contains(module)) return;
  for (const ModuleImport& import : modules_[module].imports) demand_import(id, import);
}

void Marker::visit_instantiation(EntryId id) {
  const EntryView& entry = tree_.entries[id];
  demand(entry.scope, Sort::component, entry.subject);
  const ScopeId inner = find_component(entry.scope, entry.subject);
  for (std::size_t i = 0; i < entry.arguments.size(); ++i) {
    if (inner != k_nowhere) {
      const auto import = imports_[inner].find(entry.arguments[i].name);
      if (import == imports_[inner].end() || !out_.entries[import->second]) continue;
    }
    demand_argument(id, i);
  }
}

// An import of a nested component that is used after all: whoever instantiates the component has to give it.
void Marker::visit_import(const EntryView& entry) {
  visit_slots(entry);
  const auto users = instantiations_.find(entry.scope);
  if (users == instantiations_.end()) return;
  for (const EntryId id : users->second) {
    if (!out_.entries[id]) continue;
    if (const auto argument = find_argument(id, entry.name)) demand_argument(id, *argument);
  }
}

void Marker::visit(EntryId id) {
  const EntryView& entry = tree_.entries[id];
  switch (entry.form) {
    case EntryForm::component: return open_scope(entry.inner);
    case EntryForm::core_instantiate: return visit_core_instantiation(id);
    case EntryForm::instantiate: return visit_instantiation(id);
    case EntryForm::core_export_alias: return demand_core_export(entry.scope, entry.subject, entry.name);
    case EntryForm::import_: return visit_import(entry);
    case EntryForm::core_bundle:
    case EntryForm::module:
    case EntryForm::custom: return;
    case EntryForm::other:
    case EntryForm::bundle:
    case EntryForm::export_alias:
    case EntryForm::outer_alias:
    case EntryForm::start:
    case EntryForm::export_: return visit_slots(entry);
  }
}

Liveness Marker::run() {
  open_scope(0);
  while (!waiting_.empty()) {
    const EntryId id = waiting_.back();
    waiting_.pop_back();
    visit(id);
  }
  return std::move(out_);
}

}  // namespace

Liveness find_live(const ComponentTree& tree, const std::vector<ModuleEdges>& modules, const LivenessOptions& options,
                   const Limits& limits) {
  return Marker(tree, modules, options, limits).run();
}

}  // namespace davit::wasm
