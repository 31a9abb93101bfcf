#include "wasm/rewrite/segment_places.hpp"

#include <vector>

#include "wasm/cursor.hpp"
#include "wasm/section_id.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {
namespace {

// Flags and opcodes on the wire: never change.
constexpr std::uint64_t k_page_bytes = 65536;
constexpr std::uint32_t k_not_active = 1;
constexpr std::uint32_t k_with_index = 2;
constexpr std::uint32_t k_expressions = 4;

constexpr std::string_view k_high = "data above 2 GiB";
constexpr std::string_view k_may_trap = "a segment that may not fit where it goes";

/// A table (in elements) or memory (in bytes).
struct Place {
  std::uint64_t least = 0;
  bool imported = false;
};

class SegmentReader {
 public:
  explicit SegmentReader(const Limits& limits) : limits_(limits) {}
  void read(const SectionView& section);
  [[nodiscard]] const std::optional<RiskySegment>& found() const { return found_; }

 private:
  void read_imports(Cursor& cursor);
  void read_elements(Cursor& cursor);
  void read_data(Cursor& cursor);
  static std::uint64_t read_limits(Cursor& cursor);
  static void skip_value_type(Cursor& cursor);
  /// The value of an expression that is one constant; nothing for any other.
  static std::optional<std::uint64_t> read_expression(Cursor& cursor);
  void judge(const std::vector<Place>& places, std::uint32_t index, std::optional<std::uint64_t> at, std::uint64_t size,
             std::uint64_t offset);
  void find(std::string_view what, std::uint64_t offset) {
    if (!found_) found_ = RiskySegment{what, offset};
  }

  const Limits& limits_;
  std::vector<Place> tables_{};
  std::vector<Place> memories_{};
  std::optional<RiskySegment> found_{};
};

std::uint64_t SegmentReader::read_limits(Cursor& cursor) {
  const std::uint8_t flags = cursor.byte();
  const std::uint64_t least = cursor.u64();
  if ((flags & 1U) != 0) (void)cursor.u64();
  return least;
}

void SegmentReader::skip_value_type(Cursor& cursor) {
  if (const std::uint8_t code = cursor.byte(); code == 0x63 || code == 0x64) (void)cursor.s33();
}

void SegmentReader::read_imports(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.imports, "imports");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    (void)cursor.name(limits_.name_bytes);
    (void)cursor.name(limits_.name_bytes);
    switch (cursor.byte()) {
      case 0: (void)cursor.u32(); break;
      case 1:
        skip_value_type(cursor);
        tables_.push_back({.least = read_limits(cursor), .imported = true});
        break;
      case 2: memories_.push_back({.least = read_limits(cursor) * k_page_bytes, .imported = true}); break;
      case 3:
        skip_value_type(cursor);
        (void)cursor.byte();
        break;
      default: (void)cursor.byte(); (void)cursor.u32();
    }
  }
}

std::optional<std::uint64_t> SegmentReader::read_expression(Cursor& cursor) {
  std::optional<std::uint64_t> value;
  for (std::uint32_t operators = 0; cursor.ok(); ++operators) {
    switch (const std::uint8_t opcode = cursor.byte(); opcode) {
      case 0x0b: return operators == 1 ? value : std::nullopt;
      case 0x41: value = static_cast<std::uint32_t>(cursor.s32()); break;
      case 0x42: value = static_cast<std::uint64_t>(cursor.s64()); break;
      case 0x43: cursor.skip(4); break;
      case 0x44: cursor.skip(8); break;
      case 0x23:
      case 0xd2: (void)cursor.u32(); break;
      case 0xd0: (void)cursor.s33(); break;
      case 0xfd:
        (void)cursor.u32();
        cursor.skip(16);
        break;
      default: break;  // arithmetic of extended constants
    }
  }
  return std::nullopt;
}

void SegmentReader::judge(const std::vector<Place>& places, std::uint32_t index, std::optional<std::uint64_t> at, std::uint64_t size,
                          std::uint64_t offset) {
  if (index >= places.size()) return;
  const Place& place = places[index];
  if (at) {
    if (*at > place.least || size > place.least - *at) find(k_may_trap, offset);
    return;
  }
  // A place computed from imports: Binaryen keeps what is written to somebody else's table or memory.
  if (size == 0 || !place.imported) find(k_may_trap, offset);
}

void SegmentReader::read_elements(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.element_segments, "element segments");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t offset = cursor.offset();
    const std::uint32_t flags = cursor.u32();
    const bool is_active = (flags & k_not_active) == 0;
    const bool has_kind = (flags & (k_not_active | k_with_index)) != 0;
    const std::uint32_t table = is_active && (flags & k_with_index) != 0 ? cursor.u32() : 0;
    const std::optional<std::uint64_t> at = is_active ? read_expression(cursor) : std::nullopt;
    if (has_kind && (flags & k_expressions) != 0) skip_value_type(cursor);
    else if (has_kind) (void)cursor.byte();
    const std::uint32_t items = cursor.count(limits_.element_items, "items");
    for (std::uint32_t k = 0; cursor.ok() && k < items; ++k) {
      if ((flags & k_expressions) != 0) (void)read_expression(cursor);
      else (void)cursor.u32();
    }
    if (is_active && cursor.ok()) judge(tables_, table, at, items, offset);
  }
}

void SegmentReader::read_data(Cursor& cursor) {
  const std::uint32_t count = cursor.count(limits_.data_segments, "data segments");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint64_t offset = cursor.offset();
    const std::uint32_t flags = cursor.u32();
    const std::uint32_t memory = flags == k_with_index ? cursor.u32() : 0;
    const bool is_active = flags != k_not_active;
    const std::optional<std::uint64_t> at = is_active ? read_expression(cursor) : std::nullopt;
    const std::uint32_t size = cursor.u32();
    cursor.skip(size);
    if (!is_active || !cursor.ok()) continue;
    if (at && *at > INT32_MAX) find(k_high, offset);
    judge(memories_, memory, at, size, offset);
  }
}

void SegmentReader::read(const SectionView& section) {
  Cursor cursor(section.payload, section.payload_offset);
  switch (section.id) {
    case module_section::k_import: return read_imports(cursor);
    case module_section::k_table: {
      const std::uint32_t count = cursor.count(limits_.tables, "tables");
      for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
        skip_value_type(cursor);
        tables_.push_back({.least = read_limits(cursor)});
      }
      return;
    }
    case module_section::k_memory: {
      const std::uint32_t count = cursor.count(limits_.memories, "memories");
      for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) memories_.push_back({.least = read_limits(cursor) * k_page_bytes});
      return;
    }
    case module_section::k_element: return read_elements(cursor);
    case module_section::k_data: return read_data(cursor);
    default: return;
  }
}

}  // namespace

std::optional<RiskySegment> find_risky_segment(ByteView module, const Limits& limits) {
  SegmentReader reader(limits);
  auto walker = SectionWalker::open(module, limits);
  while (walker) {
    const auto section = walker->next();
    if (!section || !*section) break;
    if (!(*section)->is_custom()) reader.read(**section);
  }
  return reader.found();
}

}  // namespace davit::wasm
