#include "wasm/sbom/go_build_info.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "wasm/cursor.hpp"

namespace davit::wasm {
namespace {

constexpr std::string_view k_start("\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16);
constexpr std::string_view k_end("\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2", 16);

constexpr std::uint32_t k_passive = 1;
constexpr std::uint32_t k_with_memory = 2;
constexpr std::uint8_t k_i32_const = 0x41;
constexpr std::uint8_t k_i64_const = 0x42;
constexpr std::uint8_t k_expression_end = 0x0b;

struct SegmentView {
  std::uint64_t address;
  ByteView bytes;
};

// Active segments whose place is a constant.
Result<std::vector<SegmentView>> read_segments(const SectionView& section, const Limits& limits) {
  std::vector<SegmentView> segments;
  Cursor cursor(section.payload, section.payload_offset);
  const std::uint32_t count = cursor.count(limits.data_segments, "data segments");
  for (std::uint32_t at = 0; cursor.ok() && at < count; ++at) {
    const std::uint32_t flags = cursor.u32();
    if (flags > k_with_memory) cursor.malformed("a data segment has flags " + std::to_string(flags));
    if (flags == k_with_memory) cursor.u32();
    std::optional<std::uint64_t> address;
    if (flags != k_passive) {
      const std::uint8_t opcode = cursor.byte();
      if (opcode == k_i32_const) address = static_cast<std::uint32_t>(cursor.s32());
      if (opcode == k_i64_const) address = static_cast<std::uint64_t>(cursor.s64());
      // Position-independent and computed places: such programs are not Go's.
      if (!address || cursor.byte() != k_expression_end) return segments;
    }
    const ByteView bytes = cursor.take(cursor.u32());
    if (cursor.ok() && address) segments.push_back({*address, bytes});
  }
  TRY(cursor.status());
  return segments;
}

// The text between the marks, in one view of bytes.
std::optional<std::string_view> text_in(std::string_view image) {
  const std::size_t start = image.find(k_start);
  if (start == std::string_view::npos) return std::nullopt;
  const std::size_t begin = start + k_start.size();
  const std::size_t end = image.substr(0, std::min(image.size(), begin + k_max_go_info_bytes)).find(k_end, begin);
  if (end == std::string_view::npos) return std::nullopt;
  return image.substr(begin, end - begin);
}

// Joins segments that follow each other without a gap. Only what could hold the text is copied: from a segment with
// the start of the mark on, as much as the text may be long.
std::optional<std::string> find_text(std::vector<SegmentView> segments) {
  std::ranges::stable_sort(segments, {}, &SegmentView::address);
  for (std::size_t at = 0; at < segments.size(); ++at) {
    const std::string_view first = as_text(segments[at].bytes);
    if (const auto text = text_in(first)) return std::string(*text);
    const bool joins = at + 1 < segments.size() && segments[at].address + first.size() == segments[at + 1].address;
    const std::size_t tail = first.size() - std::min(first.size(), k_start.size());
    const bool begins = first.find(k_start) != std::string_view::npos;
    // A mark that is itself cut begins in the last bytes of a segment.
    if (!joins || (!begins && first.find(k_start.front(), tail) == std::string_view::npos)) continue;
    std::string image(first.substr(begins ? first.find(k_start) : tail));
    std::uint64_t next = segments[at].address + first.size();
    for (std::size_t more = at + 1; more < segments.size() && segments[more].address == next && image.size() <= k_max_go_info_bytes;
         ++more) {
      image += as_text(segments[more].bytes.first(std::min(segments[more].bytes.size(), k_max_go_info_bytes)));
      next += segments[more].bytes.size();
      if (!begins && image.size() >= 2 * k_start.size() && image.find(k_start) == std::string::npos) break;
    }
    if (const auto text = text_in(image)) return std::string(*text);
  }
  return std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string part(const std::vector<std::string_view>& parts, std::size_t at) { return at < parts.size() ? std::string(parts[at]) : ""; }

Result<void> take_line(std::string_view line, GoBuildInfo& info) {
  const auto parts = split(line, '\t');
  const std::string_view kind = parts.front();
  if (parts.size() < 2 || parts[1].empty())
    return fail(ErrorCode::malformed, "Go build information has the line \"" + printable(line) + "\"");
  const GoModule module{.path = part(parts, 1), .version = part(parts, 2), .sum = part(parts, 3)};
  if (kind == "path") {
    info.package = module.path;
  } else if (kind == "mod") {
    info.main = module;
  } else if (kind == "dep") {
    if (info.modules.size() >= k_max_go_modules)
      return fail(ErrorCode::limit, "Go build information names more than " + std::to_string(k_max_go_modules) + " modules");
    info.modules.push_back(module);
  } else if (kind == "=>") {
    GoModule* replaced = !info.modules.empty() ? &info.modules.back() : info.main ? &*info.main : nullptr;
    if (replaced == nullptr) return fail(ErrorCode::malformed, "Go build information replaces a module before it names one");
    replaced->replaced_by = module.path;
    replaced->replaced_version = module.version;
    replaced->sum = module.sum;
  } else if (kind == "build") {
    const std::size_t equals = parts[1].find('=');
    if (equals != std::string_view::npos) info.settings.emplace_back(parts[1].substr(0, equals), parts[1].substr(equals + 1));
  }
  return {};
}

}  // namespace

Result<GoBuildInfo> parse_go_build_info(std::string_view text) {
  if (text.size() > k_max_go_info_bytes)
    return fail(ErrorCode::limit, "Go build information is longer than " + std::to_string(k_max_go_info_bytes) + " bytes");
  if (!is_utf8(text)) return fail(ErrorCode::malformed, "Go build information is not UTF-8");
  GoBuildInfo info;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    // Kinds of lines that later versions add are theirs.
    if (end > 0) TRY(take_line(text.substr(0, end), info));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return info;
}

Result<std::optional<GoBuildInfo>> find_go_build_info(const BinaryView& module, const Limits& limits) {
  for (const SectionView& section : module.data_sections) {
    TRY_ASSIGN(auto segments, read_segments(section, limits));
    if (const auto text = find_text(std::move(segments))) {
      TRY_ASSIGN(GoBuildInfo info, parse_go_build_info(*text));
      return std::optional(std::move(info));
    }
  }
  return std::optional<GoBuildInfo>();
}

}  // namespace davit::wasm
