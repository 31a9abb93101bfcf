#include "wasm/metadata_editor.hpp"

#include "wasm/append.hpp"
#include "wasm/cursor.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint8_t k_name_subsection = 0;

// The subsections without the first one, if that is the name of the whole.
Result<ByteView> without_name(ByteView section) {
  Cursor cursor(section);
  if (section.empty() || cursor.byte() != k_name_subsection) return section;
  const std::uint32_t size = cursor.u32();
  cursor.skip(size);
  if (const auto status = cursor.status(); !status) return status.error();
  return section.last(cursor.remaining());
}

}  // namespace

Result<Bytes> set_binary_name(ByteView file, std::optional<std::string_view> name, const Limits& limits) {
  TRY_ASSIGN(const Kind kind, detect_kind(file));
  const std::string_view section = kind == Kind::module ? "name" : "component-name";
  TRY_ASSIGN(const auto old, find_custom_section(file, section, limits));
  ByteView rest;
  if (old) {
    auto kept = without_name(*old);
    if (!kept) return std::move(kept).error().during("reading the " + std::string(section) + " section");
    rest = *kept;
  }
  if (!name && rest.empty()) return remove_custom_section(file, section, limits);
  Bytes content;
  if (name) {
    if (name->size() > limits.name_bytes)
      return fail(ErrorCode::limit, "the name is longer than " + std::to_string(limits.name_bytes) + " bytes");
    content.push_back(std::byte{k_name_subsection});
    append_leb(content, leb_size(name->size()) + name->size());
    append_leb(content, name->size());
    append_bytes(content, as_bytes(*name));
  }
  append_bytes(content, rest);
  return set_custom_section(file, section, content, limits);
}

Result<Bytes> set_text_section(ByteView file, std::string_view section, std::optional<std::string_view> text, const Limits& limits) {
  if (!text) return remove_custom_section(file, section, limits);
  if (text->size() > limits.metadata_bytes)
    return fail(ErrorCode::limit, std::string(section) + " is longer than " + std::to_string(limits.metadata_bytes) + " bytes");
  return set_custom_section(file, section, as_bytes(*text), limits);
}

}  // namespace davit::wasm
