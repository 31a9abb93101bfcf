#include "wasm/rewrite/module_edges.hpp"

#include "wasm/append.hpp"
#include "wasm/cursor.hpp"
#include "wasm/module_reader.hpp"
#include "wasm/section_id.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {
namespace {

Result<void> append_kept_exports(Bytes& out, const SectionView& section, const NameSet& kept, const Limits& limits) {
  Cursor cursor(section.payload, section.payload_offset);
  const std::uint32_t count = cursor.count(limits.exports, "exports");
  std::uint32_t left = 0;
  Bytes entries;
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const auto begin = static_cast<std::size_t>(cursor.offset() - section.payload_offset);
    const std::string_view name = cursor.name(limits.name_bytes);
    (void)cursor.byte();
    (void)cursor.u32();
    if (!kept.contains(name)) continue;
    ++left;
    append_bytes(entries, section.payload.subspan(begin, static_cast<std::size_t>(cursor.offset() - section.payload_offset) - begin));
  }
  TRY(cursor.status());
  if (left != 0) append_vector_section(out, section.id, left, entries);
  return {};
}

}  // namespace

Result<ModuleEdges> read_module_edges(ByteView module, const Limits& limits) {
  TRY_ASSIGN(const BinarySummary summary, read_module(module, 0, limits, ReadDepth::structure));
  ModuleEdges out;
  for (const ImportItem& item : summary.imports) out.imports.push_back({item.module, item.name});
  for (const ExportItem& item : summary.exports) out.exports.insert(item.name);
  for (const SectionItem& section : summary.sections) {
    if (section.custom) out.is_object_file |= section.name == "linking" || section.name.starts_with("reloc.");
  }
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(module, limits));
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) return out;
    const bool acts =
        section->id == module_section::k_start || section->id == module_section::k_element || section->id == module_section::k_data;
    out.acts_at_start |= acts;
  }
}

Result<Bytes> keep_exports(ByteView module, const NameSet& kept, const Limits& limits) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(module, limits));
  Bytes out;
  out.reserve(module.size());
  append_bytes(out, module.first(k_preamble_bytes));
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) return out;
    if (section->id != module_section::k_export) append_bytes(out, section->whole);
    else TRY(append_kept_exports(out, *section, kept, limits));
  }
}

}  // namespace davit::wasm
