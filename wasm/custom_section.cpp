#include "wasm/custom_section.hpp"

#include "wasm/append.hpp"
#include "wasm/cursor.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {
namespace {

/// Copies the file without sections of this name; `replacement` goes to the place of the first, or to the end.
Result<Bytes> rewrite(ByteView file, std::string_view name, ByteView replacement, const Limits& limits) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(file, limits));
  Bytes out;
  out.reserve(file.size() + replacement.size());
  append_bytes(out, file.first(k_preamble_bytes));
  bool placed = false;
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) break;
    if (!section->is_custom() || section->name != name) {
      append_bytes(out, section->whole);
    } else if (!placed) {
      append_bytes(out, replacement);
      placed = true;
    }
  }
  if (!placed) append_bytes(out, replacement);
  return out;
}

}  // namespace

Result<std::optional<ByteView>> find_custom_section(ByteView file, std::string_view name, const Limits& limits) {
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(file, limits));
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) return std::optional<ByteView>{};
    if (section->is_custom() && section->name == name) return std::optional<ByteView>{section->content};
  }
}

Result<Bytes> set_custom_section(ByteView file, std::string_view name, ByteView payload, const Limits& limits) {
  return rewrite(file, name, make_custom_section(name, payload), limits);
}

Result<Bytes> remove_custom_section(ByteView file, std::string_view name, const Limits& limits) { return rewrite(file, name, {}, limits); }

Bytes make_custom_section(std::string_view name, ByteView payload) {
  Bytes out{std::byte{0}};
  append_leb(out, leb_size(name.size()) + name.size() + payload.size());
  append_leb(out, name.size());
  append_bytes(out, as_bytes(name));
  append_bytes(out, payload);
  return out;
}

}  // namespace davit::wasm
