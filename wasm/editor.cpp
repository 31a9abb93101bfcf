#include "wasm/editor.hpp"

#include <algorithm>
#include <array>

#include "wasm/cursor.hpp"
#include "wasm/section_id.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {
namespace {

// What `all` leaves: the dynamic linker's and componentizer's input, hints for engines, capabilities, and what
// registries and SBOM tools read.
constexpr std::array<std::string_view, 17> k_needed = {
    "component-type*",    "dylink",   "dylink.0",    "target_features", "metadata.code.*",
    "davit.capabilities", "authors",  "description", "licenses",        "source",
    "homepage",           "revision", "version",     ".dep-v0",         "wit-component-encoding",
    "package-docs",       "build_id"};
constexpr std::array<std::string_view, 3> k_debug = {".debug_*", "sourceMappingURL", "external_debug_info"};

template <std::size_t N>
bool matches_any(const std::array<std::string_view, N>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](std::string_view pattern) { return matches_name(pattern, name); });
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches_name(pattern, name); });
}

class Stripper {
 public:
  Stripper(const StripSelection& selection, const Limits& limits) : selection_(selection), limits_(limits) {}

  /// Depth is bounded by limits.depth, so plain recursion is safe.
  Result<EditedFileView> strip(ByteView input, std::uint64_t base, std::uint32_t depth);
  std::vector<std::string>& removed() { return removed_; }

 private:
  Result<void> strip_nested(const SectionView& section, std::uint32_t depth, EditedFileView& out);

  const StripSelection& selection_;
  const Limits& limits_;
  std::vector<std::string> removed_{};
};

Result<void> Stripper::strip_nested(const SectionView& section, std::uint32_t depth, EditedFileView& out) {
  TRY_ASSIGN(EditedFileView inner, strip(section.payload, section.payload_offset, depth + 1));
  if (inner.size() == section.payload.size()) {
    out.append_view(section.whole);
    return {};
  }
  Bytes header{std::byte{section.id}};
  append_leb(header, inner.size());
  out.append_owned(std::move(header));
  out.append(std::move(inner));
  return {};
}

Result<EditedFileView> Stripper::strip(ByteView input, std::uint64_t base, std::uint32_t depth) {
  if (depth >= limits_.depth) return fail_at(ErrorCode::limit, "components nested deeper than " + std::to_string(limits_.depth), base);
  TRY_ASSIGN(SectionWalker walker, SectionWalker::open(input, limits_, base));
  EditedFileView out;
  out.append_view(input.first(k_preamble_bytes));
  std::optional<std::string> object_mark;
  bool changed = false;
  while (true) {
    TRY_ASSIGN(const std::optional<SectionView> section, walker.next());
    if (!section) break;
    const bool nested = walker.kind() == Kind::component &&
                        (section->id == component_section::k_core_module || section->id == component_section::k_component);
    if (nested) {
      TRY(strip_nested(*section, depth, out));
      continue;
    }
    if (section->is_custom() && (section->name == "linking" || section->name.starts_with("reloc.")))
      object_mark = std::string(section->name);
    if (section->is_custom() && is_selected(selection_, section->name)) {
      removed_.emplace_back(section->name);
      changed = true;
      continue;
    }
    out.append_view(section->whole);
  }
  if (changed && object_mark) {
    return fail_at(ErrorCode::unsupported,
                   "this is an object file (it has a \"" + *object_mark + "\" section), whose relocations count sections", base)
        .hinting("link it first, then strip the result");
  }
  return out;
}

}  // namespace

void EditedFileView::append_view(ByteView range) {
  if (range.empty()) return;
  size_ += range.size();
  if (!pieces_.empty() && pieces_.back().owned.empty()) {
    ByteView& last = pieces_.back().view;
    if (last.data() + last.size() == range.data()) {
      last = ByteView(last.data(), last.size() + range.size());
      return;
    }
  }
  pieces_.push_back({.view = range});
}

void EditedFileView::append_owned(Bytes bytes) {
  size_ += bytes.size();
  if (!bytes.empty()) pieces_.push_back({.owned = std::move(bytes)});
}

void EditedFileView::append(EditedFileView&& other) {
  for (Piece& piece : other.pieces_) {
    if (piece.owned.empty()) append_view(piece.view);
    else append_owned(std::move(piece.owned));
  }
}

Result<void> EditedFileView::for_each(const std::function<Result<void>(ByteView)>& write) const {
  for (const Piece& piece : pieces_) TRY(write(piece.owned.empty() ? piece.view : ByteView(piece.owned)));
  return {};
}

Bytes EditedFileView::joined() const {
  Bytes out;
  out.reserve(size_);
  for (const Piece& piece : pieces_) {
    const ByteView part = piece.owned.empty() ? piece.view : ByteView(piece.owned);
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

bool matches_name(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

bool is_selected(const StripSelection& selection, std::string_view name) {
  if (matches_any(selection.keep, name)) return false;
  if (matches_any(selection.drop, name)) return true;
  if (selection.debug && matches_any(k_debug, name)) return true;
  if (selection.names && (name == "name" || name == "component-name")) return true;
  if (selection.producers && name == "producers") return true;
  // Relocations and symbols go together or not at all; see strip().
  if (name == "linking" || name.starts_with("reloc.")) return false;
  return selection.all && !matches_any(k_needed, name);
}

Result<StripOutcome> strip_sections(ByteView file, const StripSelection& selection, const Limits& limits) {
  Stripper stripper(selection, limits);
  TRY_ASSIGN(EditedFileView out, stripper.strip(file, 0, 0));
  return StripOutcome{std::move(out), std::move(stripper.removed())};
}

}  // namespace davit::wasm
