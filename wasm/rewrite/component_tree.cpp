#include "wasm/rewrite/component_tree.hpp"

#include "wasm/component_reader.hpp"
#include "wasm/section_id.hpp"

namespace davit::wasm {
namespace {

class TreeBuilder : public ComponentObserver {
 public:
  TreeBuilder(ByteView file, const Limits& limits, ComponentTree& tree) : file_(file), limits_(limits), tree_(tree) {}

  void begin_section(const SectionView& section) override;
  void begin_entry(std::uint64_t offset) override { open(EntryForm::other, offset); }
  void end_entry(std::uint64_t offset) override;
  void use_index(const IndexUse& use) override;
  void define_index(Sort sort) override;
  void enter_scope(bool is_component) override;
  void leave_scope() override { scopes_.pop_back(); }

 private:
  [[nodiscard]] ScopeId current() const { return scopes_.empty() ? k_nowhere : scopes_.back(); }
  void open(EntryForm form, std::uint64_t offset);
  void read_details(EntryView& entry);
  void read_core_instance(Cursor& cursor, EntryView& entry);
  void read_instance(Cursor& cursor, EntryView& entry);
  void read_alias(Cursor& cursor, EntryView& entry) const;
  std::string_view read_extern_name(Cursor& cursor) const;

  ByteView file_;
  const Limits& limits_;
  ComponentTree& tree_;
  std::vector<ScopeId> scopes_{};  ///< k_nowhere for the body of a type
  EntryId entry_ = k_nowhere;
  std::uint8_t section_id_ = 0;
};

void TreeBuilder::open(EntryForm form, std::uint64_t offset) {
  ScopeView& scope = tree_.scopes[current()];
  entry_ = static_cast<EntryId>(tree_.entries.size());
  scope.entries.push_back(entry_);
  tree_.entries.push_back(
      {.form = form, .section = static_cast<std::uint32_t>(scope.sections.size() - 1), .offset = offset, .scope = current()});
}

void TreeBuilder::begin_section(const SectionView& section) {
  tree_.scopes[current()].sections.push_back({section.id});
  section_id_ = section.id;
  if (section.id != component_section::k_custom && section.id != component_section::k_core_module &&
      section.id != component_section::k_component)
    return;
  const EntryForm form = section.id == component_section::k_custom        ? EntryForm::custom
                         : section.id == component_section::k_core_module ? EntryForm::module
                                                                          : EntryForm::component;
  open(form, section.payload_offset);
  EntryView& entry = tree_.entries.back();
  entry.bytes = section.payload;
  if (form == EntryForm::custom) entry.name = section.name;
  if (form != EntryForm::module) return;
  entry.module = static_cast<ModuleId>(tree_.modules.size());
  tree_.modules.push_back(entry_);
}

void TreeBuilder::enter_scope(bool is_component) {
  if (!is_component) return scopes_.push_back(k_nowhere);
  const auto id = static_cast<ScopeId>(tree_.scopes.size());
  tree_.scopes.push_back({.owner = scopes_.empty() ? k_nowhere : entry_});
  if (!scopes_.empty()) tree_.entries[entry_].inner = id;
  scopes_.push_back(id);
}

void TreeBuilder::use_index(const IndexUse& use) {
  const ScopeId scope = scopes_[scopes_.size() - 1 - use.scopes_out];
  if (scope != k_nowhere) tree_.entries[entry_].slots.push_back({use, scope});
}

// A nested component is defined after it was left, when entry_ is one of its own; the newest of the scope is it.
void TreeBuilder::define_index(Sort sort) {
  if (current() == k_nowhere) return;
  ScopeView& scope = tree_.scopes[current()];
  const EntryId definer = scope.entries.back();
  std::vector<EntryId>& definers = scope.definers[static_cast<std::size_t>(sort)];
  tree_.entries[definer].defines.emplace_back(sort, static_cast<std::uint32_t>(definers.size()));
  definers.push_back(definer);
}

void TreeBuilder::end_entry(std::uint64_t offset) {
  EntryView& entry = tree_.entries[entry_];
  entry.bytes = file_.subspan(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(offset - entry.offset));
  read_details(entry);
}

// The reader has already checked every byte of the entry; what follows only finds the parts again.
void TreeBuilder::read_details(EntryView& entry) {
  Cursor cursor(entry.bytes, entry.offset);
  switch (section_id_) {
    case component_section::k_core_instance: return read_core_instance(cursor, entry);
    case component_section::k_instance: return read_instance(cursor, entry);
    case component_section::k_alias: return read_alias(cursor, entry);
    case component_section::k_start: entry.form = EntryForm::start; return;
    case component_section::k_import:
      entry.form = EntryForm::import_;
      entry.name = read_extern_name(cursor);
      return;
    case component_section::k_export:
      entry.form = EntryForm::export_;
      entry.name = read_extern_name(cursor);
      return;
    default: return;
  }
}

std::string_view TreeBuilder::read_extern_name(Cursor& cursor) const {
  (void)cursor.byte();
  return cursor.name(limits_.name_bytes);
}

void TreeBuilder::read_core_instance(Cursor& cursor, EntryView& entry) {
  entry.form = cursor.byte() == 0 ? EntryForm::core_instantiate : EntryForm::core_bundle;
  if (entry.form == EntryForm::core_instantiate) entry.subject = cursor.u32();
  const std::uint32_t count = cursor.u32();
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    ArgumentView& argument = entry.arguments.emplace_back();
    argument.name = cursor.name(limits_.name_bytes);
    argument.sort = read_core_sort(cursor);
    argument.index = cursor.u32();
  }
}

void TreeBuilder::read_instance(Cursor& cursor, EntryView& entry) {
  entry.form = cursor.byte() == 0 ? EntryForm::instantiate : EntryForm::bundle;
  if (entry.form == EntryForm::bundle) return;
  entry.subject = cursor.u32();
  const std::uint32_t count = cursor.u32();
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    ArgumentView& argument = entry.arguments.emplace_back();
    argument.name = cursor.name(limits_.name_bytes);
    argument.sort = read_sort(cursor);
    argument.index = cursor.u32();
  }
}

void TreeBuilder::read_alias(Cursor& cursor, EntryView& entry) const {
  (void)read_sort(cursor);
  const std::uint8_t target = cursor.byte();
  entry.form = target == 0 ? EntryForm::export_alias : target == 1 ? EntryForm::core_export_alias : EntryForm::outer_alias;
  if (target == 2) return;
  entry.subject = cursor.u32();
  entry.name = cursor.name(limits_.name_bytes);
}

}  // namespace

Result<ComponentTree> read_component_tree(ByteView file, const Limits& limits) {
  ComponentTree tree{.file = file};
  TreeBuilder builder(file, limits, tree);
  TRY(read_component(file, limits, ReadDepth::structure, &builder));
  return tree;
}

}  // namespace davit::wasm
