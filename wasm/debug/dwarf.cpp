#include "wasm/debug/dwarf.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <libelf.h>

#include <algorithm>

#include "wasm/size/demangle.hpp"

namespace davit::wasm {
namespace {

constexpr std::size_t k_max_units = 1'000'000;
constexpr std::size_t k_max_ranges = 10'000'000;
constexpr unsigned k_max_depth = 256;  // of scopes in each other

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

std::string function_name(Dwarf_Die* die) {
  for (const unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name}) {
    Dwarf_Attribute attribute;
    if (const char* text = dwarf_formstring(dwarf_attr_integrate(die, name, &attribute))) return demangle(text);
  }
  return "";
}

std::uint64_t number(Dwarf_Die* die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  return dwarf_formudata(dwarf_attr(die, name, &attribute), &value) == 0 ? value : 0;
}

// Things that have no code of their own and may hold functions.
bool holds_functions(int tag) {
  switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_module: return true;
    default: return false;
  }
}

// The functions around an address, outermost first. The library's own search for scopes does not look into namespaces,
// where LLVM puts definitions.
bool find_functions(Dwarf_Die& parent, std::uint64_t address, std::vector<Dwarf_Die>& chain, unsigned depth) {
  Dwarf_Die child;
  if (depth >= k_max_depth || dwarf_child(&parent, &child) != 0) return false;
  do {
    const int tag = dwarf_tag(&child);
    if (holds_functions(tag)) {
      if (find_functions(child, address, chain, depth + 1)) return true;
      continue;
    }
    const bool function = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
    const bool scope = function || tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
    if (!scope || dwarf_haspc(&child, address) != 1) continue;
    if (function) chain.push_back(child);
    (void)find_functions(child, address, chain, depth + 1);
    return true;
  } while (dwarf_siblingof(&child, &child) == 0);
  return false;
}

class LibdwInfo : public DwarfInfo {
 public:
  static Result<std::unique_ptr<DwarfInfo>> open(const std::vector<NamedSection>& sections);
  ~LibdwInfo() override {
    if (dwarf_ != nullptr) dwarf_end(dwarf_);
    if (elf_ != nullptr) elf_end(elf_);
  }
  std::vector<SourceFrame> find(std::uint64_t address) override;

 private:
  struct UnitRange {
    std::uint64_t low;
    std::uint64_t high;
    Dwarf_Off unit;  // offset of the unit's DIE
  };

  LibdwInfo() = default;
  Result<void> list_units();
  void set_line(Dwarf_Die& unit, std::uint64_t address, SourceFrame& frame) const;
  std::vector<SourceFrame> frames_of(Dwarf_Die& unit, std::uint64_t address) const;

  Bytes image_{};
  Elf* elf_ = nullptr;
  Dwarf* dwarf_ = nullptr;
  std::vector<UnitRange> ranges_{};
};

Result<std::unique_ptr<DwarfInfo>> LibdwInfo::open(const std::vector<NamedSection>& sections) {
  std::unique_ptr<LibdwInfo> out(new LibdwInfo);
  out->image_ = make_elf_image(sections);
  if (out->image_.empty()) return fail(ErrorCode::limit, "the debugging information is over 4 GiB");
  elf_version(EV_CURRENT);
  out->elf_ = elf_memory(reinterpret_cast<char*>(out->image_.data()), out->image_.size());
  if (out->elf_ != nullptr) out->dwarf_ = dwarf_begin_elf(out->elf_, DWARF_C_READ, nullptr);
  if (out->dwarf_ == nullptr)
    return fail(ErrorCode::malformed, "the debugging information cannot be read: " + text_or_empty(dwarf_errmsg(-1)));
  TRY(out->list_units());
  return std::unique_ptr<DwarfInfo>(std::move(out));
}

// Linkers for WebAssembly write no table of address ranges, so the units are asked themselves.
Result<void> LibdwInfo::list_units() {
  Dwarf_CU* unit = nullptr;
  Dwarf_Die die;
  std::uint8_t type = 0;
  std::size_t units = 0;
  while (dwarf_get_units(dwarf_, unit, &unit, nullptr, &type, &die, nullptr) == 0) {
    if (++units > k_max_units)
      return fail(ErrorCode::limit, "more than " + std::to_string(k_max_units) + " units of debugging information");
    if (type == DW_UT_type || type == DW_UT_split_type) continue;
    Dwarf_Addr base = 0;
    Dwarf_Addr low = 0;
    Dwarf_Addr high = 0;
    std::ptrdiff_t place = 0;
    while ((place = dwarf_ranges(&die, place, &base, &low, &high)) > 0) {
      if (ranges_.size() == k_max_ranges)
        return fail(ErrorCode::limit, "more than " + std::to_string(k_max_ranges) + " ranges of addresses");
      if (low < high) ranges_.push_back({.low = low, .high = high, .unit = dwarf_dieoffset(&die)});
    }
  }
  std::ranges::sort(ranges_, {}, &UnitRange::low);
  return {};
}

void LibdwInfo::set_line(Dwarf_Die& unit, std::uint64_t address, SourceFrame& frame) const {
  Dwarf_Line* const line = dwarf_getsrc_die(&unit, address);
  if (line == nullptr) return;
  frame.file = text_or_empty(dwarf_linesrc(line, nullptr, nullptr));
  int value = 0;
  if (dwarf_lineno(line, &value) == 0 && value > 0) frame.line = static_cast<std::uint64_t>(value);
  if (dwarf_linecol(line, &value) == 0 && value > 0) frame.column = static_cast<std::uint64_t>(value);
}

std::vector<SourceFrame> LibdwInfo::frames_of(Dwarf_Die& unit, std::uint64_t address) const {
  std::vector<Dwarf_Die> chain;
  (void)find_functions(unit, address, chain, 0);
  Dwarf_Files* files = nullptr;
  std::size_t file_count = 0;
  if (dwarf_getsrcfiles(&unit, &files, &file_count) != 0) file_count = 0;
  std::vector<SourceFrame> out;
  SourceFrame place;
  set_line(unit, address, place);
  for (std::size_t i = chain.size(); i-- > 0;) {
    Dwarf_Die* const die = &chain[i];
    place.function = function_name(die);
    place.is_inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine;
    out.push_back(place);
    // Where it was called is the place in the function around it.
    const std::uint64_t file = number(die, DW_AT_call_file);
    place = {.file = file < file_count ? text_or_empty(dwarf_filesrc(files, file, nullptr, nullptr)) : "",
             .line = number(die, DW_AT_call_line),
             .column = number(die, DW_AT_call_column)};
  }
  if (chain.empty() && place.line != 0) out.push_back(std::move(place));
  return out;
}

std::vector<SourceFrame> LibdwInfo::find(std::uint64_t address) {
  // Ranges of units do not overlap, but those of discarded functions begin at 0 and may.
  auto place = std::ranges::upper_bound(ranges_, address, {}, &UnitRange::low);
  while (place != ranges_.begin()) {
    --place;
    if (address >= place->high) continue;
    Dwarf_Die unit;
    if (dwarf_offdie(dwarf_, place->unit, &unit) == nullptr) return {};
    return frames_of(unit, address);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<DwarfInfo>> open_dwarf(const std::vector<NamedSection>& sections) { return LibdwInfo::open(sections); }

}  // namespace davit::wasm
