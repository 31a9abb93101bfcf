#include "wasm/debug/elf_image.hpp"

#include <cstdint>

namespace davit::wasm {
namespace {

constexpr std::uint32_t k_header_bytes = 52;
constexpr std::uint32_t k_section_header_bytes = 40;
constexpr std::uint32_t k_executable = 2;  // ET_EXEC: nothing is relocated
constexpr std::uint32_t k_program_bits = 1;
constexpr std::uint32_t k_string_table = 3;

class Writer {
 public:
  void u16(std::uint32_t value) { put(value, 2); }
  void u32(std::uint32_t value) { put(value, 4); }
  void bytes(ByteView view) { out_.insert(out_.end(), view.begin(), view.end()); }
  Bytes take() { return std::move(out_); }

 private:
  void put(std::uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) out_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  Bytes out_{};
};

void section_header(Writer& out, std::uint32_t name, std::uint32_t type, std::uint32_t offset, std::uint32_t size) {
  out.u32(name);
  out.u32(type);
  out.u32(0);  // flags
  out.u32(0);  // address
  out.u32(offset);
  out.u32(size);
  out.u32(0);  // link
  out.u32(0);  // info
  out.u32(type == 0 ? 0 : 1);
  out.u32(0);  // entry size
}

}  // namespace

Bytes make_elf_image(const std::vector<NamedSection>& sections) {
  std::string names(1, '\0');
  std::vector<std::uint32_t> name_offsets;
  std::uint64_t content = 0;
  for (const NamedSection& section : sections) {
    name_offsets.push_back(static_cast<std::uint32_t>(names.size()));
    names += section.name + '\0';
    content += section.content.size();
  }
  const auto own_name = static_cast<std::uint32_t>(names.size());
  names += std::string(".shstrtab") + '\0';
  const std::uint64_t table = k_header_bytes + content + names.size();
  const std::size_t count = sections.size() + 2;
  if (table + count * k_section_header_bytes > UINT32_MAX || count > UINT16_MAX) return {};

  Writer out;
  static constexpr std::string_view k_identity(
      "\x7f"
      "ELF\1\1\1\0\0\0\0\0\0\0\0\0",
      16);  // 32 bits, little-endian, version 1
  out.bytes(as_bytes(k_identity));
  out.u16(k_executable);
  out.u16(0);  // no machine
  out.u32(1);
  out.u32(0);  // entry
  out.u32(0);  // program headers
  out.u32(static_cast<std::uint32_t>(table));
  out.u32(0);  // flags
  out.u16(k_header_bytes);
  out.u16(0);
  out.u16(0);
  out.u16(k_section_header_bytes);
  out.u16(static_cast<std::uint32_t>(count));
  out.u16(static_cast<std::uint32_t>(count - 1));
  for (const NamedSection& section : sections) out.bytes(section.content);
  out.bytes(as_bytes(std::string_view(names)));
  section_header(out, 0, 0, 0, 0);
  std::uint32_t offset = k_header_bytes;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto size = static_cast<std::uint32_t>(sections[i].content.size());
    section_header(out, name_offsets[i], k_program_bits, offset, size);
    offset += size;
  }
  section_header(out, own_name, k_string_table, offset, static_cast<std::uint32_t>(names.size()));
  return out.take();
}

}  // namespace davit::wasm
