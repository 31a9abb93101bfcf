#include "wasm/debug/symbolizer.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "wasm/cursor.hpp"
#include "wasm/debug/debug_file.hpp"
#include "wasm/section_id.hpp"
#include "wasm/section_walker.hpp"
#include "wasm/size/demangle.hpp"
#include "wasm/size/names.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {
namespace {

// The modules of a file in file order: itself, or those nested in it.
Result<std::vector<NestedItem>> modules_of(ByteView file, const Limits& limits) {
  TRY_ASSIGN(BinarySummary summary, summarize(file, limits));
  if (summary.kind == Kind::module)
    return std::vector<NestedItem>{{.kind = Kind::module, .name = "", .offset = 0, .size = file.size(), .depth = 0}};
  std::erase_if(summary.nested, [](const NestedItem& item) { return item.kind != Kind::module; });
  return std::move(summary.nested);
}

}  // namespace

Result<Symbolizer::Module> Symbolizer::read_module_code(ByteView module, std::uint64_t base, const Limits& limits) {
  Module out;
  TRY_ASSIGN(const BinarySummary summary, summarize(module, limits));
  out.imported = static_cast<std::uint32_t>(std::ranges::count(summary.imports, "func", &ImportItem::kind));
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(module, limits, base));
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) return out;
    if (section->id != module_section::k_code) continue;
    out.code = section->payload_offset;
    Cursor cursor(section->payload, section->payload_offset);
    const std::uint32_t count = cursor.count(limits.functions, "function bodies");
    for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
      const std::uint64_t begin = cursor.offset();
      cursor.skip(cursor.u32());
      out.bodies.push_back({.begin = begin, .end = cursor.offset()});
    }
    TRY(cursor.status());
  }
}

Result<void> Symbolizer::read_debug(ByteView module, std::uint64_t base, const Limits& limits, Module& out) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(module, limits, base));
  std::vector<NamedSection> sections;
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) break;
    if (!section->is_custom()) continue;
    if (section->name.starts_with(".debug_")) sections.push_back({.name = std::string(section->name), .content = section->content});
    if (section->name != "name" && section->name != k_split_names_section) continue;
    const ModuleNames names = read_names(section->content, limits);
    for (const std::string_view name : names.functions) out.names.push_back(demangle(name));
  }
  if (sections.empty()) return {};
  TRY_ASSIGN(out.dwarf, open_dwarf(sections));
  return {};
}

Result<Symbolizer> Symbolizer::open(ByteView file, ByteView debug_file, const Limits& limits) {
  Symbolizer out;
  TRY_ASSIGN(const auto modules, modules_of(file, limits));
  const ByteView told = debug_file.empty() ? file : debug_file;
  TRY_ASSIGN(const auto described, modules_of(told, limits));
  if (modules.size() != described.size()) {
    return fail(ErrorCode::mismatch, "the debugging information is of " + std::to_string(described.size()) + " modules, the file has " +
                                         std::to_string(modules.size()));
  }
  if (!debug_file.empty()) {
    TRY_ASSIGN(const auto ours, find_build_id(file, limits));
    TRY_ASSIGN(const auto theirs, find_build_id(debug_file, limits));
    if (ours && theirs && *ours != *theirs) {
      return fail(ErrorCode::mismatch,
                  "the debugging information is of build " + encode_hex(*theirs) + ", the file is build " + encode_hex(*ours))
          .hinting("give the debug file that was split off this very build");
    }
  }
  for (std::size_t i = 0; i < modules.size(); ++i) {
    TRY_ASSIGN(Module module, read_module_code(file.subspan(modules[i].offset, modules[i].size), modules[i].offset, limits));
    TRY(read_debug(told.subspan(described[i].offset, described[i].size), described[i].offset, limits, module));
    out.modules_.push_back(std::move(module));
  }
  return out;
}

std::vector<SourceFrame> Symbolizer::find(std::uint64_t offset) {
  for (Module& module : modules_) {
    const auto body = std::ranges::upper_bound(module.bodies, offset, {}, &Body::end);
    if (body == module.bodies.end() || offset < body->begin) continue;
    const std::size_t index = module.imported + static_cast<std::size_t>(body - module.bodies.begin());
    const std::string name = index < module.names.size() ? module.names[index] : "";
    std::vector<SourceFrame> out;
    if (module.dwarf) out = module.dwarf->find(offset - module.code);
    if (out.empty() && !name.empty()) out.push_back({.function = name});
    if (!out.empty() && out.back().function.empty()) out.back().function = name;
    return out;
  }
  return {};
}

std::string Symbolizer::function_name(std::uint32_t index) const {
  if (modules_.size() != 1 || index >= modules_.front().names.size()) return "";
  return modules_.front().names[index];
}

bool Symbolizer::has_lines() const {
  return std::ranges::any_of(modules_, [](const Module& module) { return module.dwarf != nullptr; });
}

}  // namespace davit::wasm
