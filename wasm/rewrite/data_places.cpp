#include "wasm/rewrite/data_places.hpp"

#include "wasm/cursor.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {
namespace {

// On the wire: never change.
constexpr std::uint8_t k_data_section = 11;
constexpr std::uint8_t k_i32_const = 0x41;
constexpr std::uint8_t k_end = 0x0b;
constexpr std::uint32_t k_passive = 1;
constexpr std::uint32_t k_with_memory = 2;

// The reader has checked the section; a segment placed by anything but one constant cannot be followed and ends the search.
std::optional<std::uint64_t> find_in(const SectionView& section) {
  Cursor cursor(section.payload, section.payload_offset);
  const std::uint32_t count = cursor.u32();
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t offset = cursor.offset();
    const std::uint32_t flags = cursor.u32();
    if (flags == k_with_memory) (void)cursor.u32();
    if (flags != k_passive) {
      if (cursor.byte() != k_i32_const) return std::nullopt;
      if (cursor.s32() < 0) return offset;
      if (cursor.byte() != k_end) return std::nullopt;
    }
    cursor.skip(cursor.u32());
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> find_high_data(ByteView module, const Limits& limits) {
  auto walker = SectionWalker::open(module, limits);
  while (walker) {
    const auto section = walker->next();
    if (!section || !*section) break;
    if ((*section)->id == k_data_section) return find_in(**section);
  }
  return std::nullopt;
}

}  // namespace davit::wasm
