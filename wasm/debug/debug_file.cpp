#include "wasm/debug/debug_file.hpp"

#include "wasm/append.hpp"
#include "wasm/cursor.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/section_id.hpp"
#include "wasm/section_walker.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {
namespace {

constexpr std::string_view k_debug_prefix = ".debug_";

// Appends the sections of one module that tell of its code. Returns whether there is DWARF among them.
Result<bool> append_debug_sections(ByteView module, std::uint64_t base, const Limits& limits, Bytes& out) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(module, limits, base));
  bool found = false;
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) return found;
    const bool debug = section->is_custom() && section->name.starts_with(k_debug_prefix);
    if (debug) append_bytes(out, section->whole);
    // Readers of modules check the names of functions against functions, and there are none here.
    if (section->is_custom() && section->name == "name") append_bytes(out, make_custom_section(k_split_names_section, section->content));
    found = found || debug;
  }
}

}  // namespace

Bytes make_build_id(ByteView id) {
  Bytes out;
  append_leb(out, id.size());
  append_bytes(out, id);
  return out;
}

Bytes make_address(std::string_view address) { return make_build_id(as_bytes(address)); }

Result<std::optional<Bytes>> find_build_id(ByteView file, const Limits& limits) {
  TRY_ASSIGN(const auto content, find_custom_section(file, k_build_id_section, limits));
  if (!content) return std::optional<Bytes>();
  Cursor cursor(*content);
  const ByteView id = cursor.take(cursor.u32());
  if (!cursor.ok() || !cursor.at_end() || id.empty() || id.size() > k_max_build_id_bytes) return std::optional<Bytes>();
  return std::optional(Bytes(id.begin(), id.end()));
}

Result<std::optional<std::string>> find_address(ByteView file, std::string_view section, const Limits& limits) {
  TRY_ASSIGN(const auto content, find_custom_section(file, section, limits));
  if (!content) return std::optional<std::string>();
  Cursor cursor(*content);
  const std::string_view address = cursor.name(limits.name_bytes);
  if (!cursor.ok() || !cursor.at_end() || address.empty()) return std::optional<std::string>();
  return std::optional(std::string(address));
}

Result<Bytes> make_debug_file(ByteView file, ByteView build_id, const Limits& limits) {
  TRY_ASSIGN(const BinarySummary summary, summarize(file, limits));
  const Bytes mark = make_custom_section(k_build_id_section, make_build_id(build_id));
  const ByteView preamble = file.first(k_preamble_bytes);
  Bytes out(preamble.begin(), preamble.end());
  bool found = false;
  if (summary.kind == Kind::module) {
    TRY_ASSIGN(found, append_debug_sections(file, 0, limits, out));
  } else {
    for (const NestedItem& nested : summary.nested) {
      if (nested.kind != Kind::module) continue;
      const ByteView module = file.subspan(nested.offset, nested.size);
      Bytes lean(module.begin(), module.begin() + k_preamble_bytes);
      TRY_ASSIGN(const bool has_debug, append_debug_sections(module, nested.offset, limits, lean));
      found = found || has_debug;
      out.push_back(std::byte{component_section::k_core_module});
      append_leb(out, lean.size());
      append_bytes(out, lean);
    }
  }
  if (!found) {
    return fail(ErrorCode::not_found, "there is no debugging information to split off (no .debug_* section)")
        .hinting("compile and link with -g");
  }
  append_bytes(out, mark);
  return out;
}

}  // namespace davit::wasm
