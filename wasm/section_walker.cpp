#include "wasm/section_walker.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "wasm/cursor.hpp"

namespace davit::wasm {
namespace {

constexpr std::array k_magic = {std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'}};

constexpr std::array<std::string_view, 14> k_module_sections = {"custom", "type",  "import",  "function", "table", "memory",     "global",
                                                                "export", "start", "element", "code",     "data",  "data count", "tag"};
constexpr std::array<std::string_view, 12> k_component_sections = {
    "custom", "core module", "core instance", "core type", "component", "instance", "alias", "type", "canon", "start", "import", "export"};
// Place of each module section in the required order (core 3.0 §5.5.17): tag before global, data count before code.
constexpr std::array<int, 14> k_rank = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};

std::string version_text(ByteView input) { return encode_hex(input.subspan(4, 4)); }

}  // namespace

Result<Kind> detect_kind(ByteView input) {
  const std::size_t magic_bytes = std::min(input.size(), k_magic.size());
  if (input.empty()) return fail_at(ErrorCode::malformed, "the file is empty, a wasm file begins with \\0asm", 0);
  if (!std::equal(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(magic_bytes), k_magic.begin())) {
    return fail_at(ErrorCode::malformed, "not a wasm file: it begins with " + encode_hex(input.first(magic_bytes)) + ", expected 0061736d",
                   0);
  }
  if (input.size() < k_preamble_bytes) return fail_at(ErrorCode::malformed, "the file ends inside the preamble", input.size());
  const std::string version = version_text(input);
  if (version == "01000000") return Kind::module;
  if (version == "0d000100") return Kind::component;
  if (version.ends_with("0100")) {
    return fail_at(ErrorCode::unsupported, "component of the old draft version " + version, 4)
        .hinting("build it again with a current toolchain");
  }
  return fail_at(ErrorCode::malformed, "unknown binary version " + version + ", expected 01000000 or 0d000100", 4);
}

std::string_view section_name(Kind kind, std::uint8_t id) {
  switch (kind) {
    case Kind::module: return id < k_module_sections.size() ? k_module_sections[id] : std::string_view{};
    case Kind::component: return id < k_component_sections.size() ? k_component_sections[id] : std::string_view{};
  }
  return {};
}

Result<SectionWalker> SectionWalker::open(ByteView input, const Limits& limits, std::uint64_t base) {
  if (input.size() > limits.file_bytes) {
    return fail(ErrorCode::limit,
                "wasm of " + std::to_string(input.size()) + " bytes is over the limit of " + std::to_string(limits.file_bytes));
  }
  auto kind = detect_kind(input);
  if (!kind) {
    Error error = std::move(kind).error();
    if (error.offset) *error.offset += base;
    return error;
  }
  return SectionWalker(input, limits, base, *kind);
}

Result<void> SectionWalker::check_order(std::uint8_t id, std::uint64_t offset) {
  const std::string_view known = section_name(kind_, id);
  if (known.empty()) return fail_at(ErrorCode::malformed, "unknown section id " + std::to_string(id), offset);
  if (kind_ == Kind::component || id == 0) return {};
  const int rank = k_rank[id];
  if (rank == last_rank_) return fail_at(ErrorCode::malformed, "second " + std::string(known) + " section", offset);
  if (rank < last_rank_) return fail_at(ErrorCode::malformed, std::string(known) + " section out of order", offset);
  last_rank_ = rank;
  return {};
}

Result<std::optional<SectionView>> SectionWalker::next() {
  if (position_ == input_.size()) return std::optional<SectionView>{};
  if (++seen_ > limits_.sections) {
    return fail_at(ErrorCode::limit, "more than " + std::to_string(limits_.sections) + " sections", base_ + position_);
  }
  Cursor cursor(input_.subspan(position_), base_ + position_);
  SectionView section{.offset = cursor.offset()};
  section.id = cursor.byte();
  TRY(check_order(section.id, section.offset));
  const std::uint32_t size = cursor.u32();
  TRY(cursor.status());
  section.payload_offset = cursor.offset();
  if (size > cursor.remaining()) {
    return fail_at(ErrorCode::malformed,
                   std::string(section_name(kind_, section.id)) + " section of " + std::to_string(size) + " bytes runs past the end, " +
                       std::to_string(cursor.remaining()) + " are left",
                   section.offset);
  }
  section.payload = cursor.take(size);
  section.content = section.payload;
  section.name = section_name(kind_, section.id);
  const std::size_t whole = static_cast<std::size_t>(cursor.offset() - section.offset);
  section.whole = input_.subspan(position_, whole);
  if (section.is_custom()) {
    Cursor inner(section.payload, section.payload_offset);
    section.name = inner.name(limits_.name_bytes);
    TRY(inner.status());
    section.content = inner.take(inner.remaining());
  }
  position_ += whole;
  return std::optional<SectionView>{section};
}

}  // namespace davit::wasm
