#include "wasm/size/profile.hpp"

#include <algorithm>
#include <array>

#include "wasm/module_reader.hpp"
#include "wasm/section_id.hpp"
#include "wasm/size/module_graph.hpp"
#include "wasm/size/names.hpp"
#include "wasm/size/reference_collector.hpp"

namespace davit::wasm {
namespace {

constexpr std::array<std::pair<Part, SizeKind>, 8> k_spaces = {{{Part::function, SizeKind::function},
                                                                {Part::table, SizeKind::table},
                                                                {Part::memory, SizeKind::memory},
                                                                {Part::tag, SizeKind::tag},
                                                                {Part::global, SizeKind::global},
                                                                {Part::element, SizeKind::element},
                                                                {Part::data, SizeKind::data},
                                                                {Part::exported, SizeKind::exported}}};

// `func` of a summary is the function space, and so on.
Part part_of(std::string_view kind) {
  if (kind == "func") return Part::function;
  if (kind == "table") return Part::table;
  if (kind == "memory") return Part::memory;
  if (kind == "global") return Part::global;
  return Part::tag;
}

std::size_t at(Part part) { return static_cast<std::size_t>(part); }

class ModuleProfiler {
 public:
  ModuleProfiler(ByteView module, std::uint64_t base, const Limits& limits, SizePart& out)
      : module_(module), base_(base), limits_(limits), out_(out) {}

  Result<void> run();

 private:
  Result<void> read_sections();
  void place_items();
  void place_space(Part part, SizeKind kind);
  void place_rest();
  void name_items();
  [[nodiscard]] Part defined_by(Part space) const { return space == Part::function ? Part::body : space; }

  ByteView module_;
  std::uint64_t base_;
  const Limits& limits_;
  SizePart& out_;
  BinarySummary summary_{};
  ReferenceCollector collected_{};
  ModuleNames names_{};
  ItemMap map_{};
};

Result<void> ModuleProfiler::read_sections() {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(module_, limits_, base_));
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) break;
    out_.sections.push_back(
        {.name = section->name, .offset = section->offset, .size = section->whole.size(), .is_custom = section->is_custom()});
    if (section->is_custom() && section->name == "name") names_ = read_names(section->content, limits_);
  }
  return {};
}

// Imported things first, then those that a section defines.
void ModuleProfiler::place_space(Part part, SizeKind kind) {
  const auto& defined = collected_.entries(defined_by(part));
  map_.first[at(part)] = static_cast<std::uint32_t>(out_.items.size());
  for (std::size_t i = 0; i < summary_.imports.size(); ++i) {
    if (part_of(summary_.imports[i].kind) != part || part == Part::exported) continue;
    const EntryRange& range = collected_.entries(Part::import)[i];
    map_.import_items[i] = static_cast<std::uint32_t>(out_.items.size());
    out_.items.push_back(
        {.kind = kind, .index = map_.imported[at(part)]++, .offset = range.offset, .size = range.size, .is_imported = true});
  }
  std::uint32_t index = map_.imported[at(part)];
  for (const EntryRange& range : defined)
    out_.items.push_back({.kind = kind, .index = index++, .offset = range.offset, .size = range.size});
  map_.count[at(part)] = index;
}

// What has no references of its own: types, custom sections, and the frames of the others with their counts.
void ModuleProfiler::place_rest() {
  map_.first[at(Part::start)] = static_cast<std::uint32_t>(out_.items.size());
  for (const EntryRange& range : collected_.entries(Part::start))
    out_.items.push_back({.kind = SizeKind::start, .offset = range.offset, .size = range.size});
  std::uint32_t index = 0;
  for (const EntryRange& range : collected_.entries(Part::type))
    out_.items.push_back({.kind = SizeKind::type, .index = index++, .offset = range.offset, .size = range.size});
  out_.items.push_back({.kind = SizeKind::frame, .offset = base_, .size = k_preamble_bytes, .name = "preamble"});
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;  // of entries, by offset
  for (const SizeItem& item : out_.items) ranges.emplace_back(item.offset, item.size);
  std::ranges::sort(ranges);
  auto next = ranges.begin();
  std::uint32_t custom = 0;
  for (SizeSection& section : out_.sections) {
    std::uint64_t owned = 0;
    for (next = std::lower_bound(next, ranges.end(), std::pair(section.offset, std::uint64_t{0}));
         next != ranges.end() && next->first < section.offset + section.size; ++next) {
      owned += next->second;
      ++section.entries;
    }
    CHECK(owned <= section.size);
    const SizeKind kind = section.is_custom ? SizeKind::custom : SizeKind::frame;
    const std::uint32_t number = section.is_custom ? custom++ : 0;
    out_.items.push_back({.kind = kind, .index = number, .offset = section.offset, .size = section.size - owned, .name = section.name});
  }
}

// Only Go's names need it to be told from C's.
Language language_of(const BinarySummary& summary) {
  for (const ProducerField& field : summary.producers) {
    if (field.name == "language" && std::ranges::any_of(field.values, [](const auto& value) { return value.first == "Go"; }))
      return Language::go;
  }
  return Language::unknown;
}

void ModuleProfiler::name_items() {
  const auto item = [&](Part part, std::size_t index) -> SizeItem& { return out_.items[map_.first[at(part)] + index]; };
  out_.name = names_.module;
  for (std::size_t i = 0; i < summary_.imports.size(); ++i) {
    // The summary's strings do not live as long as the file.
    Cursor cursor(module_.subspan(collected_.entries(Part::import)[i].offset - base_, collected_.entries(Part::import)[i].size));
    (void)cursor.name(limits_.name_bytes);
    const std::string_view name = cursor.name(limits_.name_bytes);
    if (cursor.ok() && name == summary_.imports[i].name) out_.items[map_.import_items[i]].name = name;
  }
  for (std::size_t i = 0; i < collected_.entries(Part::exported).size(); ++i) {
    const EntryRange& range = collected_.entries(Part::exported)[i];
    SizeItem& exported = item(Part::exported, i);
    exported.name = Cursor(module_.subspan(range.offset - base_, range.size)).name(limits_.name_bytes);
    collected_.for_each_reference(Part::exported, i, [&](ReferenceKey key) {
      SizeItem& target = item(key.part(), key.index());
      if (target.name.empty()) target.name = exported.name;
    });
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(names_.functions.size(), map_.count[at(Part::function)]); ++i) {
    if (!names_.functions[i].empty()) item(Part::function, i).name = names_.functions[i];
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(names_.data.size(), map_.count[at(Part::data)]); ++i)
    item(Part::data, i).name = names_.data[i];
}

Result<void> ModuleProfiler::run() {
  TRY_ASSIGN(summary_, read_module(module_, base_, limits_, ReadDepth::code, {.visitor = &collected_}));
  TRY(read_sections());
  map_.import_items.resize(summary_.imports.size());
  for (const auto& [part, kind] : k_spaces) place_space(part, kind);
  place_rest();
  name_items();
  out_.language = language_of(summary_);
  out_.unreachable = measure_retained(module_, base_, collected_, map_, out_.items);
  return {};
}

// Sections of a component, without what is nested in it.
Result<void> read_component_sections(ByteView component, const Limits& limits, SizePart& out) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(component, limits, out.offset));
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) return {};
    const bool nested = section->id == component_section::k_core_module || section->id == component_section::k_component;
    if (section->name == "component-name") out.name = read_names(section->content, limits).module;
    out.sections.push_back({.name = section->name,
                            .offset = section->offset,
                            .size = section->whole.size() - (nested ? section->payload.size() : 0),
                            .is_custom = section->is_custom()});
  }
}

}  // namespace

std::string_view to_text(SizeKind kind) {
  static constexpr std::array<std::string_view, 12> k_names = {"function", "data",   "table", "memory", "tag",    "global",
                                                               "element",  "export", "start", "type",   "custom", "frame"};
  return k_names[static_cast<std::size_t>(kind)];
}

Result<SizeProfile> profile_sizes(ByteView file, const Limits& limits) {
  TRY_ASSIGN(const BinarySummary summary, summarize(file, limits));
  SizeProfile out{.kind = summary.kind, .size = file.size()};
  out.parts.push_back({.kind = summary.kind, .size = file.size()});
  std::vector<std::uint32_t> outer = {0};               // the part that holds things of each depth
  std::vector<std::array<std::uint32_t, 2>> counts(1);  // modules and components met in each part
  for (const NestedItem& nested : summary.nested) {
    outer.resize(nested.depth);
    const std::uint32_t parent = outer.back();
    const std::uint32_t number = counts[parent][nested.kind == Kind::module ? 0 : 1]++;
    std::string path = out.parts[parent].path;
    path += (path.empty() ? "" : ", ") + std::string(to_text(nested.kind)) + " " + std::to_string(number);
    outer.push_back(static_cast<std::uint32_t>(out.parts.size()));
    counts.emplace_back();
    out.parts.push_back({.kind = nested.kind, .path = std::move(path), .offset = nested.offset, .size = nested.size, .parent = parent});
  }
  for (SizePart& part : out.parts) {
    const ByteView bytes = file.subspan(part.offset, part.size);
    if (part.kind == Kind::module) TRY(ModuleProfiler(bytes, part.offset, limits, part).run());
    else TRY(read_component_sections(bytes, limits, part));
  }
  return out;
}

}  // namespace davit::wasm
