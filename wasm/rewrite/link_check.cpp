#include "wasm/rewrite/link_check.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"

namespace davit::wasm {
namespace {

class LinkChecker {
 public:
  LinkChecker(const ComponentTree& tree, const std::vector<ModuleEdges>& modules) : tree_(tree), modules_(modules) {}

  Result<void> check(const EntryView& entry) const {
    if (entry.form == EntryForm::core_export_alias) return require(entry, entry.subject, entry.name);
    if (entry.form != EntryForm::core_instantiate) return {};
    const EntryView& module = tree_.entries[tree_.definer(entry.scope, Sort::core_module, entry.subject)];
    if (module.form != EntryForm::module) return {};
    for (const ModuleImport& import : modules_[module.module].imports) {
      const auto argument = std::ranges::find(entry.arguments, import.module, &ArgumentView::name);
      if (argument == entry.arguments.end())
        return fail_at(ErrorCode::malformed, "no argument for the import \"" + printable(import.module) + "\"", entry.offset);
      TRY(require(entry, argument->index, import.field));
    }
    return {};
  }

 private:
  [[nodiscard]] Result<void> require(const EntryView& user, std::uint32_t instance, std::string_view name) const {
    const EntryView& entry = tree_.entries[tree_.definer(user.scope, Sort::core_instance, instance)];
    bool has = false;
    if (entry.form == EntryForm::core_bundle) {
      has = std::ranges::find(entry.arguments, name, &ArgumentView::name) != entry.arguments.end();
    } else {
      const EntryView& module = tree_.entries[tree_.definer(entry.scope, Sort::core_module, entry.subject)];
      has = module.form != EntryForm::module || modules_[module.module].exports.contains(name);
    }
    if (has) return {};
    return fail_at(ErrorCode::malformed, "core instance " + std::to_string(instance) + " has no export \"" + printable(name) + "\"",
                   user.offset);
  }

  const ComponentTree& tree_;
  const std::vector<ModuleEdges>& modules_;
};

}  // namespace

Result<void> check_links(const ComponentTree& tree, const std::vector<ModuleEdges>& modules) {
  const LinkChecker checker(tree, modules);
  for (const EntryView& entry : tree.entries) TRY(checker.check(entry));
  return {};
}

}  // namespace davit::wasm
