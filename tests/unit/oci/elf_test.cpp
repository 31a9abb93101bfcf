#include "oci/elf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davit::oci {
namespace {

using ::testing::ElementsAre;

// Writes little pieces of an ELF file at chosen places.
class Elf {
 public:
  explicit Elf(bool wide = true, bool big = false) : wide_(wide), big_(big) {
    bytes_.resize(4096);
    put_text(0, std::string_view("\x7f"
                                 "ELF",
                                 4));
    bytes_[4] = std::byte{static_cast<unsigned char>(wide ? 2 : 1)};
    bytes_[5] = std::byte{static_cast<unsigned char>(big ? 2 : 1)};
    put(18, 62, 2);
  }
  void put(std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t shift = 8 * (big_ ? width - 1 - i : i);
      bytes_.at(at + i) = static_cast<std::byte>(value >> shift);
    }
  }
  void put_wide(std::size_t at, std::uint64_t value) { put(at, value, wide_ ? 8 : 4); }
  void put_text(std::size_t at, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) bytes_.at(at + i) = static_cast<std::byte>(text[i]);
  }
  /// Sections with their names; `type` 1 holds data.
  void add_section(std::string_view name, std::uint32_t type, std::uint64_t offset, std::uint64_t size, std::uint32_t link = 0) {
    if (sections_ == 0) put_section("", 0, 0, 0, 0), put_section(".shstrtab", 3, 3000, 500, 0);
    put_section(name, type, offset, size, link);
  }
  void put_section(std::string_view name, std::uint32_t type, std::uint64_t offset, std::uint64_t size, std::uint32_t link) {
    const std::size_t stride = wide_ ? 64 : 40;
    const std::size_t at = 1024 + sections_ * stride;
    put(at, name_end_, 4);
    put(at + 4, type, 4);
    put_wide(at + (wide_ ? 24 : 16), offset);
    put_wide(at + (wide_ ? 32 : 20), size);
    put(at + (wide_ ? 40 : 24), link, 4);
    put_text(3000 + name_end_, name);
    name_end_ += name.size() + 1;
    ++sections_;
    put_wide(wide_ ? 40 : 32, 1024);
    put(wide_ ? 58 : 46, stride, 2);
    put(wide_ ? 60 : 48, sections_, 2);
    put(wide_ ? 62 : 50, 1, 2);
  }
  void add_segment(std::uint32_t type, std::uint64_t offset, std::uint64_t address, std::uint64_t size) {
    const std::size_t stride = wide_ ? 56 : 32;
    const std::size_t at = 64 + segments_ * stride;
    put(at, type, 4);
    put_wide(at + (wide_ ? 8 : 4), offset);
    put_wide(at + (wide_ ? 16 : 8), address);
    put_wide(at + (wide_ ? 32 : 16), size);
    ++segments_;
    put_wide(wide_ ? 32 : 28, 64);
    put(wide_ ? 54 : 42, stride, 2);
    put(wide_ ? 56 : 44, segments_, 2);
  }
  Result<ElfFacts> read(const ElfLimits& limits = {}) const { return read_elf(bytes_, limits); }
  Bytes bytes_{};

 private:
  bool wide_;
  bool big_;
  std::size_t sections_ = 0;
  std::size_t segments_ = 0;
  std::size_t name_end_ = 0;
};

// Two needed libraries, an imported and a defined symbol, reached by addresses alone.
Elf dynamic_program(bool wide, bool big) {
  Elf elf(wide, big);
  const std::size_t width = wide ? 8 : 4;
  elf.add_segment(1, 0, 0x400000, 4096);
  elf.add_segment(2, 2000, 0x4007d0, 12 * width);
  elf.add_segment(3, 2600, 0x400a28, 16);
  elf.put_text(2600, "/lib/ld.so");
  const std::size_t symbol = wide ? 24 : 16;
  const std::size_t strings = 2300 + 3 * symbol;
  const std::uint64_t entries[][2] = {{1, 1}, {1, 11}, {5, 0x400000 + strings}, {6, 0x400000 + 2300}, {10, 64}, {0, 0}};
  for (std::size_t i = 0; i < 6; ++i) {
    elf.put_wide(2000 + i * 2 * width, entries[i][0]);
    elf.put_wide(2000 + i * 2 * width + width, entries[i][1]);
  }
  elf.put_text(strings + 1, "libc.so.6");
  elf.put_text(strings + 11, "libx.so");
  elf.put_text(strings + 20, "fork@GLIBC_2");
  elf.put_text(strings + 40, "mine");
  elf.put(2300 + symbol, 20, 4);
  elf.put(2300 + 2 * symbol, 40, 4);
  elf.put(2300 + 2 * symbol + (wide ? 6 : 14), 1, 2);
  return elf;
}

TEST(elf, reads_libraries_and_imports_without_section_headers) {
  for (const bool wide : {true, false}) {
    for (const bool big : {true, false}) {
      const auto facts = dynamic_program(wide, big).read();
      ASSERT_TRUE(facts) << facts.error().message;
      EXPECT_THAT(facts->needed, ElementsAre("libc.so.6", "libx.so"));
      EXPECT_THAT(facts->imported, ElementsAre("fork"));
      EXPECT_EQ(facts->interpreter, "/lib/ld.so");
      EXPECT_EQ(facts->machine, "amd64");
      EXPECT_TRUE(facts->is_stripped);
    }
  }
}

TEST(elf, reads_gos_build_information) {
  Elf elf;
  const std::string mark(16, '\x30');
  const std::string text =
      mark + "path\texample.com/app\nmod\texample.com/app\tv1\t\ndep\tgithub.com/lib/pq\tv1.2\th1:x\nbuild\tCGO_ENABLED=0\n" + mark;
  elf.put_text(2048, std::string_view("\xff Go buildinf:\x08\x02", 16));
  elf.put(2080, 6, 1);
  elf.put_text(2081, "go1.22");
  elf.put(2087, (text.size() & 127U) | 128U, 1);
  elf.put(2088, text.size() >> 7U, 1);
  elf.put_text(2089, text);
  elf.add_section(".go.buildinfo", 1, 2048, 41 + text.size());
  elf.put_text(2601, "net.Listen");
  elf.add_section(".gopclntab", 1, 2600, 40);
  const std::vector<std::string_view> asked{"net.Dial", "net.Listen", "Listen"};

  const auto facts = read_elf(elf.bytes_, {}, asked);

  ASSERT_TRUE(facts && facts->go);
  EXPECT_EQ(facts->go->version, "go1.22");
  EXPECT_EQ(facts->go->path, "example.com/app");
  EXPECT_THAT(facts->go->modules, ElementsAre("github.com/lib/pq"));
  EXPECT_THAT(facts->go->functions, ElementsAre("net.Listen"));
  EXPECT_EQ(facts->go->settings.at("CGO_ENABLED"), "0");
}

TEST(elf, refuses_gos_build_information_that_runs_out) {
  Elf elf;
  elf.put_text(2048, std::string_view("\xff Go buildinf:\x08\x02", 16));
  elf.put(2080, 100, 1);
  elf.add_section(".go.buildinfo", 1, 2048, 40);

  const auto facts = elf.read();

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::malformed);
}

TEST(elf, finds_rust_by_its_compilers_notes) {
  Elf by_comment;
  by_comment.put_text(2048, "rustc version 1.80.0");
  by_comment.add_section(".comment", 1, 2048, 20);
  Elf by_panic;
  by_panic.put_text(2048, "/rustc/0123456789/library/core/src/panicking.rs");

  EXPECT_NE(by_comment.read()->rust, "");
  EXPECT_NE(by_panic.read()->rust, "");
  EXPECT_EQ(Elf().read()->rust, "");
}

TEST(elf, lists_the_functions_of_a_static_program) {
  Elf elf;
  elf.put_text(2200 + 1, "fork");
  elf.put(2048 + 24, 1, 4);
  elf.put(2048 + 24 + 4, 0x12, 1);
  elf.put(2048 + 24 + 6, 1, 2);
  elf.add_section(".symtab", 2, 2048, 48, 3);
  elf.add_section(".strtab", 3, 2200, 32);

  EXPECT_THAT(elf.read()->defined, ElementsAre("fork"));
}

TEST(elf, refuses_what_is_none_and_what_is_over_a_limit) {
  EXPECT_EQ(read_elf(as_bytes("no ELF program at all"), {}).error().code, ErrorCode::malformed);
  EXPECT_EQ(dynamic_program(true, false).read({.headers = 2}).error().code, ErrorCode::limit);
  EXPECT_EQ(dynamic_program(true, false).read({.dynamic = 2}).error().code, ErrorCode::limit);
  EXPECT_EQ(dynamic_program(true, false).read({.symbols = 2}).error().code, ErrorCode::limit);
}

TEST(elf, survives_a_cut_at_every_byte) {
  for (const bool wide : {true, false}) {
    const Bytes whole = dynamic_program(wide, false).bytes_;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      static_cast<void>(read_elf(cut, {}).has_value());
    }
  }
}

}  // namespace
}  // namespace davit::oci
