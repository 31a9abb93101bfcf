// A component as scopes of entries: what each entry is, where it lies in the file, what it defines and which indices
// it holds. This is what deciding about and rewriting a component stands on; it views the file and must not outlive it.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/component_observer.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

using EntryId = std::uint32_t;
using ScopeId = std::uint32_t;
using ModuleId = std::uint32_t;
inline constexpr std::uint32_t k_nowhere = UINT32_MAX;

enum class EntryForm : std::uint8_t {
  other,             ///< types, canonical functions, core types, values
  custom,            ///< a whole custom section
  module,            ///< a nested core module
  component,         ///< a nested component
  core_instantiate,  ///< `subject` is the module
  core_bundle,       ///< a core instance of listed items
  instantiate,       ///< `subject` is the component
  bundle,            ///< an instance of listed items
  core_export_alias,
  export_alias,
  outer_alias,
  start,
  import_,
  export_
};

/// An argument of an instantiation, or an item of a core bundle.
struct ArgumentView {
  std::string_view name{};
  Sort sort = Sort::core_instance;
  std::uint32_t index = 0;
};

/// One index inside an entry that refers to a component's index space.
struct SlotView {
  IndexUse use{};
  ScopeId scope = 0;  ///< whose index space
};

struct EntryView {
  EntryForm form = EntryForm::other;
  std::uint32_t section = 0;  ///< counts the sections of the scope
  ByteView bytes{};           ///< without the section's header; for modules and components the whole nested file
  std::uint64_t offset = 0;
  std::string_view name{};                ///< of an import, export, alias or custom section
  std::uint32_t subject = 0;              ///< module, component or instance index of an instantiation or alias
  std::vector<ArgumentView> arguments{};  ///< of instantiations and core bundles
  std::vector<SlotView> slots{};
  std::vector<std::pair<Sort, std::uint32_t>> defines{};
  ScopeId scope = 0;            ///< in which it stands
  ScopeId inner = k_nowhere;    ///< of a nested component
  ModuleId module = k_nowhere;  ///< of a nested module
};

struct SectionHead {
  std::uint8_t id = 0;
};

struct ScopeView {
  EntryId owner = k_nowhere;  ///< the component entry; nothing for the outermost
  std::vector<SectionHead> sections{};
  std::vector<EntryId> entries{};
  std::array<std::vector<EntryId>, k_sort_count> definers{};  ///< which entry defines an index
};

struct ComponentTree {
  ByteView file{};
  std::vector<ScopeView> scopes{};  ///< the outermost first
  std::vector<EntryView> entries{};
  std::vector<EntryId> modules{};  ///< entries of the nested modules in file order

  [[nodiscard]] EntryId definer(ScopeId scope, Sort sort, std::uint32_t index) const {
    return scopes[scope].definers[static_cast<std::size_t>(sort)][index];
  }
};

/// @param file  a component; must outlive the tree
/// Errors: as summarize
Result<ComponentTree> read_component_tree(ByteView file, const Limits& limits);

}  // namespace davit::wasm
