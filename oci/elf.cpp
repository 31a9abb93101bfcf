#include "oci/elf.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

// Values of the ABI and of linkers; on the wire: never renumber.
constexpr std::uint32_t k_load = 1;
constexpr std::uint32_t k_dynamic = 2;
constexpr std::uint32_t k_interpreter = 3;
constexpr std::uint32_t k_symbols = 2;
constexpr std::uint32_t k_no_bits = 8;
constexpr std::uint32_t k_dynamic_symbols = 11;
constexpr std::uint64_t k_tag_needed = 1;
constexpr std::uint64_t k_tag_strings = 5;
constexpr std::uint64_t k_tag_symbols = 6;
constexpr std::uint64_t k_tag_string_bytes = 10;
constexpr unsigned k_function = 2;
constexpr std::size_t k_ident_bytes = 16;
constexpr std::size_t k_max_searched_bytes = std::size_t{32} << 20;

struct Segment {
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t file_size = 0;
};

struct Section {
  std::uint32_t name = 0;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t link = 0;
};

struct Symbol {
  std::uint32_t name = 0;
  unsigned kind = 0;
  bool is_defined = false;
};

// Fixed-width numbers at checked places.
class Image {
 public:
  Image(ByteView file, bool is_wide, bool is_big_endian) : file_(file), is_wide_(is_wide), is_big_endian_(is_big_endian) {}

  [[nodiscard]] bool is_wide() const { return is_wide_; }
  [[nodiscard]] ByteView slice(std::uint64_t offset, std::uint64_t size) const {
    if (offset > file_.size() || size > file_.size() - offset) return {};
    return file_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  }
  // Outside the file there are zeros: who needs more asks `slice` first.
  [[nodiscard]] std::uint64_t number(std::uint64_t offset, std::size_t width) const {
    const ByteView bytes = slice(offset, width);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t at = is_big_endian_ ? i : bytes.size() - 1 - i;
      out = (out << 8U) | std::to_integer<std::uint64_t>(bytes[at]);
    }
    return out;
  }
  [[nodiscard]] std::uint16_t half(std::uint64_t offset) const { return static_cast<std::uint16_t>(number(offset, 2)); }
  [[nodiscard]] std::uint32_t word(std::uint64_t offset) const { return static_cast<std::uint32_t>(number(offset, 4)); }
  /// An address or size: 4 bytes in a 32-bit file, else 8.
  [[nodiscard]] std::uint64_t wide(std::uint64_t offset) const { return number(offset, is_wide_ ? 8 : 4); }
  [[nodiscard]] ByteView all() const { return file_; }

 private:
  ByteView file_;
  bool is_wide_;
  bool is_big_endian_;
};

std::string_view string_at(ByteView table, std::uint64_t offset, std::size_t limit) {
  if (offset >= table.size()) return {};
  const std::string_view rest = as_text(table).substr(static_cast<std::size_t>(offset), limit);
  const std::size_t end = rest.find('\0');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case 3: return "386";
    case 8: return "mips";
    case 20: return "ppc";
    case 21: return "ppc64";
    case 22: return "s390x";
    case 40: return "arm";
    case 62: return "amd64";
    case 183: return "arm64";
    case 243: return "riscv64";
    case 258: return "loong64";
    default: return "machine " + std::to_string(machine);
  }
}

class Reader {
 public:
  Reader(Image image, const ElfLimits& limits, std::span<const std::string_view> go_functions)
      : image_(image), limits_(limits), go_functions_(go_functions) {}

  Result<ElfFacts> read() {
    out_.machine = machine_name(image_.half(18));
    TRY(read_segments());
    TRY(read_sections());
    TRY(read_dynamic());
    TRY(read_symbols());
    out_.comment = text_of(section_named(".comment"), 200);
    std::ranges::replace(out_.comment, '\0', ' ');
    TRY(read_go());
    find_rust();
    return std::move(out_);
  }

 private:
  Result<void> read_segments() {
    const std::uint64_t offset = image_.wide(image_.is_wide() ? 32 : 28);
    const std::uint64_t stride = image_.half(image_.is_wide() ? 54 : 42);
    const std::size_t count = image_.half(image_.is_wide() ? 56 : 44);
    if (count > limits_.headers) return too_many("program headers", count, limits_.headers);
    if (count > 0 && image_.slice(offset, stride * count).empty())
      return fail_at(ErrorCode::malformed, "the program headers lie outside the file", offset);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t at = offset + i * stride;
      const bool wide = image_.is_wide();
      segments_.push_back({.type = image_.word(at),
                           .offset = image_.wide(at + (wide ? 8U : 4U)),
                           .address = image_.wide(at + (wide ? 16U : 8U)),
                           .file_size = image_.wide(at + (wide ? 32U : 16U))});
    }
    for (const Segment& segment : segments_) {
      if (segment.type == k_interpreter)
        out_.interpreter = string_at(image_.slice(segment.offset, segment.file_size), 0, limits_.name_bytes);
    }
    return {};
  }

  // Strippers may cut the section headers off and leave the count; then there are none.
  Result<void> read_sections() {
    const bool wide = image_.is_wide();
    const std::uint64_t offset = image_.wide(wide ? 40 : 32);
    const std::uint64_t stride = image_.half(wide ? 58 : 46);
    const std::size_t count = image_.half(wide ? 60 : 48);
    const std::size_t names = image_.half(wide ? 62 : 50);
    if (count > limits_.headers) return too_many("section headers", count, limits_.headers);
    if (offset == 0 || image_.slice(offset, stride * count).empty()) return {};
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t at = offset + i * stride;
      sections_.push_back({.name = image_.word(at),
                           .type = image_.word(at + 4),
                           .offset = image_.wide(at + (wide ? 24U : 16U)),
                           .size = image_.wide(at + (wide ? 32U : 20U)),
                           .link = image_.word(at + (wide ? 40U : 24U))});
    }
    if (names < sections_.size()) names_ = bytes_of(sections_[names]);
    return {};
  }

  Result<void> read_dynamic() {
    const auto found = std::ranges::find(segments_, k_dynamic, &Segment::type);
    if (found == segments_.end()) return {};
    const std::uint64_t width = image_.is_wide() ? 8 : 4;
    const std::uint64_t count = found->file_size / (2 * width);
    if (count > limits_.dynamic) return too_many("entries of the dynamic section", count, limits_.dynamic);
    std::vector<std::uint64_t> needed;
    std::uint64_t strings = 0;
    std::uint64_t string_bytes = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t at = found->offset + i * 2 * width;
      const std::uint64_t tag = image_.wide(at);
      const std::uint64_t value = image_.wide(at + width);
      if (tag == 0) break;
      if (tag == k_tag_needed) needed.push_back(value);
      if (tag == k_tag_strings) strings = value;
      if (tag == k_tag_symbols) symbol_address_ = value;
      if (tag == k_tag_string_bytes) string_bytes = value;
    }
    string_address_ = strings;
    dynamic_strings_ = at_address(strings, string_bytes);
    for (const std::uint64_t offset : needed) {
      const std::string_view name = string_at(dynamic_strings_, offset, limits_.name_bytes);
      if (!name.empty()) out_.needed.emplace_back(name);
    }
    return {};
  }

  Result<void> read_symbols() {
    const auto dynamic = std::ranges::find(sections_, k_dynamic_symbols, &Section::type);
    ByteView table;
    ByteView strings = dynamic_strings_;
    if (dynamic != sections_.end()) {
      table = bytes_of(*dynamic);
      if (dynamic->link < sections_.size()) strings = bytes_of(sections_[dynamic->link]);
    } else if (symbol_address_ != 0 && string_address_ > symbol_address_) {
      table = at_address(symbol_address_, string_address_ - symbol_address_);  // linkers put the strings right behind
    }
    TRY(for_each_symbol(table, [&](const Symbol& symbol) {
      if (symbol.is_defined) return;
      std::string_view name = string_at(strings, symbol.name, limits_.name_bytes);
      name = name.substr(0, name.find('@'));
      if (!name.empty()) out_.imported.emplace_back(name);
    }));
    const auto full = std::ranges::find(sections_, k_symbols, &Section::type);
    out_.is_stripped = full == sections_.end();
    if (!out_.is_stripped && out_.interpreter.empty() && full->link < sections_.size()) {
      const ByteView names = bytes_of(sections_[full->link]);
      TRY(for_each_symbol(bytes_of(*full), [&](const Symbol& symbol) {
        if (!symbol.is_defined || symbol.kind != k_function) return;
        const std::string_view name = string_at(names, symbol.name, limits_.name_bytes);
        if (is_c_name(name)) out_.defined.emplace_back(name);
      }));
    }
    sort_once(out_.imported);
    sort_once(out_.defined);
    return {};
  }

  template <typename Visit>
  Result<void> for_each_symbol(ByteView table, const Visit& visit) {
    if (table.empty()) return {};
    const bool wide = image_.is_wide();
    const std::size_t stride = wide ? 24 : 16;
    const std::size_t count = table.size() / stride;
    if (count > limits_.symbols) return too_many("symbols", count, limits_.symbols);
    const auto start = static_cast<std::uint64_t>(table.data() - image_.all().data());
    for (std::size_t i = 1; i < count; ++i) {
      const std::uint64_t at = start + i * stride;
      const auto info = static_cast<unsigned>(image_.number(at + (wide ? 4U : 12U), 1));
      visit(Symbol{.name = image_.word(at), .kind = info & 15U, .is_defined = image_.half(at + (wide ? 6U : 14U)) != 0});
    }
    return {};
  }

  // What is asked about are functions of the C library; names that compilers made of others would fill the memory.
  static bool is_c_name(std::string_view name) {
    constexpr std::size_t k_longest = 40;
    return !name.empty() && name.size() <= k_longest && !name.starts_with("_Z") && !name.starts_with("_R") &&
           name.find('.') == std::string_view::npos;
  }

  static void sort_once(std::vector<std::string>& names) {
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }

  // The header of Go's note: magic, width of a pointer, flags; with flag 2 two strings with their lengths follow at 32.
  Result<void> read_go() {
    constexpr std::string_view k_magic("\xff Go buildinf:", 14);
    constexpr std::size_t k_strings_at = 32;
    ByteView note = section_named(".go.buildinfo");
    if (note.size() < k_strings_at || !as_text(note).starts_with(k_magic)) return {};
    GoBuildInfo info;
    const bool has_strings = (std::to_integer<unsigned>(note[15]) & 2U) != 0;
    if (has_strings) {
      note = note.subspan(k_strings_at);
      TRY_ASSIGN(info.version, take_string(note));
      TRY_ASSIGN(const std::string text, take_string(note));
      read_go_modules(text, info);
    } else {
      info.version = "before 1.18";
    }
    find_go_functions(info);
    out_.go = std::move(info);
    return {};
  }

  // The runtime's own table of functions, which stripping leaves in place; each name stands between zero bytes.
  void find_go_functions(GoBuildInfo& info) const {
    ByteView table = section_named(".gopclntab");
    if (table.empty()) table = section_named(".data.rel.ro.gopclntab");
    table = table.first(std::min(table.size(), k_max_searched_bytes));
    for (const std::string_view name : go_functions_) {
      const std::string between = std::string(1, '\0') + std::string(name) + std::string(1, '\0');
      if (as_text(table).find(between) != std::string_view::npos) info.functions.emplace_back(name);
    }
  }

  Result<std::string> take_string(ByteView& from) {
    std::uint64_t size = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      if (from.empty()) return fail(ErrorCode::malformed, "Go's build information ends in a number");
      const auto byte = std::to_integer<std::uint64_t>(from.front());
      from = from.subspan(1);
      size |= (byte & 127U) << shift;
      if (byte < 128) break;
    }
    if (size > limits_.build_info_bytes) return too_many("bytes of Go's build information", size, limits_.build_info_bytes);
    if (size > from.size()) return fail(ErrorCode::malformed, "Go's build information runs past its section");
    std::string out(as_text(from.first(static_cast<std::size_t>(size))));
    from = from.subspan(static_cast<std::size_t>(size));
    return out;
  }

  // Lines `word TAB value TAB …` between two marks of 16 bytes.
  static void read_go_modules(std::string_view text, GoBuildInfo& info) {
    constexpr std::size_t k_mark = 16;
    if (text.size() > 2 * k_mark) text = text.substr(k_mark, text.size() - 2 * k_mark);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const std::size_t tab = line.find('\t');
      if (tab == std::string_view::npos) continue;
      const std::string_view word = line.substr(0, tab);
      const std::string_view rest = line.substr(tab + 1);
      if (word == "path") info.path = rest;
      if (word == "dep") info.modules.emplace_back(rest.substr(0, rest.find('\t')));
      const std::size_t equals = rest.find('=');
      if (word == "build" && equals != std::string_view::npos)
        info.settings.emplace(std::string(rest.substr(0, equals)), std::string(rest.substr(equals + 1)));
    }
  }

  // The compiler puts its name into `.comment`, and paths of its library into the messages of panics.
  void find_rust() {
    if (out_.comment.find("rustc") != std::string::npos) {
      out_.rust = "section .comment says \"" + printable(out_.comment, 120) + "\"";
    } else if (!section_named(".dep-v0").empty()) {
      out_.rust = "section .dep-v0 lists its crates";
    } else if (!out_.go && as_text(messages()).find("/rustc/") != std::string_view::npos) {
      out_.rust = "messages of panics name /rustc/…";
    }
  }

  // Where constant texts lie. Linkers put them near the front, so a file without section headers is not searched further.
  [[nodiscard]] ByteView messages() const {
    const ByteView constants = section_named(".rodata");
    const ByteView from = constants.empty() ? image_.all() : constants;
    return from.first(std::min(from.size(), k_max_searched_bytes));
  }
  [[nodiscard]] ByteView bytes_of(const Section& section) const {
    return section.type == k_no_bits ? ByteView() : image_.slice(section.offset, section.size);
  }
  [[nodiscard]] ByteView section_named(std::string_view name) const {
    for (const Section& section : sections_) {
      if (string_at(names_, section.name, limits_.name_bytes) == name) return bytes_of(section);
    }
    return {};
  }
  [[nodiscard]] static std::string text_of(ByteView bytes, std::size_t limit) {
    return std::string(as_text(bytes.first(std::min(bytes.size(), limit))));
  }
  [[nodiscard]] ByteView at_address(std::uint64_t address, std::uint64_t size) const {
    for (const Segment& segment : segments_) {
      if (segment.type != k_load || address < segment.address || address - segment.address >= segment.file_size) continue;
      const std::uint64_t into = address - segment.address;
      if (segment.offset > image_.all().size() || into > image_.all().size() - segment.offset) return {};
      return image_.slice(segment.offset + into, std::min(size, segment.file_size - into));
    }
    return {};
  }
  static Error too_many(const std::string& what, std::uint64_t count, std::uint64_t limit) {
    return fail(ErrorCode::limit, std::to_string(count) + " " + what + " are over the limit of " + std::to_string(limit));
  }

  Image image_;
  const ElfLimits& limits_;
  std::span<const std::string_view> go_functions_;
  ElfFacts out_{};
  std::vector<Segment> segments_{};
  std::vector<Section> sections_{};
  ByteView names_{};
  ByteView dynamic_strings_{};
  std::uint64_t string_address_ = 0;
  std::uint64_t symbol_address_ = 0;
};

}  // namespace

Result<ElfFacts> read_elf(ByteView file, const ElfLimits& limits, std::span<const std::string_view> go_functions) {
  constexpr std::string_view k_magic(
      "\x7f"
      "ELF",
      4);
  if (file.size() < k_ident_bytes || !as_text(file).starts_with(k_magic)) return fail(ErrorCode::malformed, "the file is no ELF program");
  const auto width = std::to_integer<unsigned>(file[4]);
  const auto order = std::to_integer<unsigned>(file[5]);
  if (width < 1 || width > 2 || order < 1 || order > 2)
    return fail_at(ErrorCode::malformed, "the ELF header has class " + std::to_string(width) + " and byte order " + std::to_string(order),
                   4);
  if (file.size() < (width == 2 ? 64U : 52U)) return fail_at(ErrorCode::malformed, "the ELF header is cut off", file.size());
  return Reader(Image(file, width == 2, order == 2), limits, go_functions).read();
}

}  // namespace davit::oci
