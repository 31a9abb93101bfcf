#include <gtest/gtest.h>

#include "support/wasm_builder.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {
namespace {

using namespace test;

Result<BinarySummary> read(const Bytes& bytes) { return summarize(bytes, Limits{}, ReadDepth::code); }

struct Bad {
  const char* what;
  Bytes bytes;
  const char* message;  ///< part of the error
};

class malformed_module : public testing::TestWithParam<Bad> {};

TEST_P(malformed_module, is_refused_with_its_reason_and_place) {
  const auto summary = read(GetParam().bytes);

  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::malformed);
  EXPECT_NE(summary.error().message.find(GetParam().message), std::string::npos) << summary.error().message;
  ASSERT_TRUE(summary.error().offset.has_value());
  EXPECT_LE(*summary.error().offset, GetParam().bytes.size());
}

Builder header() { return Builder::module(); }
Builder typed() { return Builder::module().section(1, literal("\1\x60\0\0")); }

std::vector<Bad> shelf() {
  return {
      {"empty", {}, "empty"},
      {"wrong_magic",
       to_bytes("\x7f"
                "ELFabcd"),
       "not a wasm file"},
      {"short_preamble", to_bytes(literal("\0asm\1\0")), "inside the preamble"},
      {"unknown_version", to_bytes(literal("\0asm\2\0\0\0")), "unknown binary version"},
      {"unknown_section", header().section(14, "").bytes(), "unknown section id 14"},
      {"section_past_the_end", header().raw(literal("\1\x05\0")).bytes(), "runs past the end"},
      {"section_size_cut", header().raw("\1\x80").bytes(), "unexpected end in an integer"},
      {"section_size_too_long", header().raw(literal("\1\x80\x80\x80\x80\x80\0")).bytes(), "too long"},
      {"section_size_too_large", header().raw("\1\xff\xff\xff\xff\x7f").bytes(), "too large"},
      {"second_type_section", typed().section(1, literal("\1\x60\0\0")).bytes(), "second type section"},
      {"order", header().section(3, literal("\0")).section(1, literal("\0")).bytes(), "type section out of order"},
      {"tag_after_global", header().section(6, literal("\0")).section(13, literal("\0")).bytes(), "tag section out of order"},
      {"data_count_after_code", header().section(10, literal("\0")).section(12, literal("\0")).bytes(), "data count section out of order"},
      {"bytes_after_types", header().section(1, literal("\0\0")).bytes(), "bytes too many"},
      {"custom_name_past_end",
       header()
           .section(0,
                    "\x05"
                    "ab")
           .bytes(),
       "runs past the end"},
      {"custom_name_not_utf8", header().section(0, "\1\xff").bytes(), "UTF-8"},
      {"type_form", header().section(1, literal("\1\x61\0\0")).bytes(), "malformed type form"},
      {"value_type", header().section(1, literal("\1\x60\1\x7a\0")).bytes(), "malformed value type"},
      {"types_do_not_fit", header().section(1, literal("\x7f\x60\0\0")).bytes(), "unexpected end"},
      {"supertype_unknown", header().section(1, literal("\1\x50\1\x05\x60\0\0")).bytes(), "unknown type 5"},
      {"field_mutability", header().section(1, literal("\1\x5f\1\x7f\2")).bytes(), "malformed mutability"},
      {"import_kind", header().section(2, literal("\1\1a\1b\x09\0")).bytes(), "malformed import kind 9"},
      {"import_type", header().section(2, literal("\1\1a\1b\0\0")).bytes(), "unknown type 0"},
      {"import_name_utf8", header().section(2, literal("\1\1\xc0\1b\0\0")).bytes(), "UTF-8"},
      {"function_of_a_struct", header().section(1, literal("\1\x5f\0")).section(3, literal("\1\0")).bytes(), "not a function type"},
      {"table_flags", header().section(4, literal("\1\x70\x08\0")).bytes(), "malformed limits flags"},
      {"table_type", header().section(4, literal("\1\x7f\0\0")).bytes(), "malformed reference type"},
      {"memory_maximum", header().section(5, literal("\1\1\2\1")).bytes(), "below the minimum"},
      {"memory_too_large", header().section(5, literal("\1\0\x81\x80\x04")).bytes(), "larger than its address space"},
      {"memory_shared", header().section(5, literal("\1\2\1")).bytes(), "needs a maximum"},
      {"memory_page_size", header().section(5, literal("\1\x08\1\x03")).bytes(), "page size"},
      {"global_mutability", header().section(6, literal("\1\x7f\x04\x41\0\x0b")).bytes(), "malformed mutability"},
      {"global_not_constant", header().section(6, literal("\1\x7f\0\x20\0\x0b")).bytes(), "constant expression required"},
      {"constant_cut", header().section(6, literal("\1\x7f\0\x41")).bytes(), "unexpected end"},
      {"tag_attribute", typed().section(13, literal("\1\1\0")).bytes(), "malformed tag attribute"},
      {"export_twice",
       typed().section(3, literal("\1\0")).section(7, literal("\2\1f\0\0\1f\0\0")).section(10, literal("\1\2\0\x0b")).bytes(),
       "duplicate export"},
      {"export_kind", header().section(7, literal("\1\1f\x05\0")).bytes(), "malformed export kind"},
      {"export_index", header().section(7, literal("\1\1f\2\0")).bytes(), "unknown memory 0"},
      {"start_index", header().section(8, literal("\0")).bytes(), "unknown func 0"},
      {"element_kind", header().section(9, literal("\1\x08")).bytes(), "malformed element segment kind"},
      {"element_table", header().section(9, literal("\1\0\x41\0\x0b\0")).bytes(), "unknown table 0"},
      {"body_count", typed().section(3, literal("\2\0\0")).section(10, literal("\1\2\0\x0b")).bytes(), "inconsistent lengths"},
      {"no_code", typed().section(3, literal("\1\0")).bytes(), "inconsistent lengths"},
      {"data_count_wrong", header().section(5, literal("\1\0\1")).section(12, literal("\2")).section(11, literal("\1\1\0")).bytes(),
       "data count"},
      {"data_kind", header().section(11, literal("\1\3\0")).bytes(), "malformed data segment kind"},
      {"data_memory", header().section(11, literal("\1\0\x41\0\x0b\0")).bytes(), "unknown memory 0"},
      {"data_cut",
       header()
           .section(5, literal("\1\0\1"))
           .section(11, literal("\1\1\x05"
                                "abc"))
           .bytes(),
       "unexpected end"},
      {"opcode", module_with_body(literal("\0\x27")).bytes(), "illegal opcode 0x27"},
      {"misc_opcode", module_with_body(literal("\0\xfc\x7f")).bytes(), "illegal opcode 0xfc 127"},
      {"simd_opcode", module_with_body(literal("\0\xfd\x9a\1")).bytes(), "illegal opcode"},
      {"simd_lane", module_with_body(literal("\0\xfd\x15\x10")).bytes(), "lane 16 of 16"},
      {"else_without_if", module_with_body(literal("\0\x05")).bytes(), "else without if"},
      {"catch_without_try", module_with_body(literal("\0\x19")).bytes(), "catch without try"},
      {"delegate_without_try", module_with_body(literal("\0\x02\x40\x18\0\x0b")).bytes(), "delegate without try"},
      {"label", module_with_body(literal("\0\x0c\1")).bytes(), "unknown label 1"},
      {"local", module_with_body(literal("\0\x20\0")).bytes(), "unknown local 0"},
      {"call", module_with_body(literal("\0\x10\1")).bytes(), "unknown func 1"},
      {"block_type", module_with_body(literal("\0\x02\x01\x0b")).bytes(), "unknown type 1"},
      {"block_without_end", module_with_body(literal("\0\x02\x40")).bytes(), "unexpected end"},
      {"code_after_end", module_with_body(literal("\0\x0b\1")).bytes(), "after its end"},
      {"alignment", module_with_body(literal("\0\x28\x05\0")).bytes(), "alignment"},
      {"memory_flags", module_with_body(literal("\0\x28\x80\1\0")).bytes(), "malformed memop flags"},
      {"memory_offset", module_with_body(literal("\0\x28\2\x80\x80\x80\x80\x80\0")).bytes(), "too long"},
      {"data_count_needed", module_with_body(literal("\0\xfc\x09\0")).bytes(), "data count section required"},
      {"constant_too_large", module_with_body(literal("\0\x41\xff\xff\xff\xff\x4f")).bytes(), "too large"},
      {"too_many_locals", module_with_body(literal("\2\xff\xff\xff\xff\x0f\x7f\x02\x7f")).bytes(), "too many locals"},
      {"fence", module_with_body(literal("\0\xfe\x03\1")).bytes(), "zero byte expected"},
  };
}

INSTANTIATE_TEST_SUITE_P(shelf, malformed_module, testing::ValuesIn(shelf()),
                         [](const auto& entry) { return std::string(entry.param.what); });

TEST(module_reader, reads_imports_exports_and_sections) {
  Builder builder = module_importing("wasi_snapshot_preview1", "fd_write");
  builder.section(5, literal("\1\0\1")).section(7, literal("\1\6memory\2\0"));

  const auto summary = read(builder.bytes());

  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->kind, Kind::module);
  EXPECT_EQ(summary->target, "wasip1");
  ASSERT_EQ(summary->imports.size(), 1U);
  EXPECT_EQ(summary->imports[0].name, "fd_write");
  EXPECT_EQ(summary->exports, (std::vector<ExportItem>{{"memory", "memory"}}));
  ASSERT_EQ(summary->sections.size(), 4U);
  EXPECT_EQ(summary->sections[0].name, "type");
  EXPECT_EQ(summary->sections[0].offset, 8U);
}

TEST(module_reader, accepts_padded_integers) {
  const Bytes bytes = Builder::module().raw(literal("\1\x84\x80\0\1\x60\0\0")).bytes();

  EXPECT_TRUE(read(bytes));
}

TEST(module_reader, tells_features_from_code_and_declarations) {
  Builder builder = module_with_body(literal("\0\x41\0\xc0\x1a"));
  builder.custom("target_features", literal("\2+\x07simd128-\x07"
                                            "atomics"));

  const auto deep = read(builder.bytes());
  const auto shallow = summarize(builder.bytes(), Limits{});

  ASSERT_TRUE(deep && shallow);
  EXPECT_EQ(deep->features, (std::vector<std::string>{"sign-ext", "simd128"}));
  EXPECT_EQ(shallow->features, (std::vector<std::string>{"simd128"}));
  EXPECT_FALSE(shallow->code_was_read);
}

TEST(module_reader, is_not_disturbed_by_broken_custom_sections) {
  Builder builder = small_module();
  builder.custom("name", "\1\xff\xff").custom("producers", "\x05").custom("target_features", "\x7f");

  const auto summary = read(builder.bytes());

  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_TRUE(summary->producers.empty());
}

TEST(module_reader, reads_compact_imports_as_single_ones) {
  Builder builder = typed();
  builder.section(2, literal("\2"
                             "\1m\0\x7f\2\1a\0\0\1b\0\0"
                             "\1n\0\x7e\0\0\2\1c\1d"));

  const auto summary = read(builder.bytes());

  ASSERT_TRUE(summary) << summary.error().message;
  std::string names;
  for (const ImportItem& item : summary->imports) names += item.module + "." + item.name + " ";
  EXPECT_EQ(names, "m.a m.b n.c n.d ");
  EXPECT_TRUE(summary->constructs.has(Construct::compact_imports));
}

TEST(module_reader, names_the_first_construct_beyond_binaryen) {
  const auto summary = read(module_with_body(literal("\0\xfc\x0e\0\0")).bytes());

  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(first_beyond_binaryen(summary->constructs), Construct::bulk_table);
}

TEST(module_reader, refuses_what_is_over_its_limits) {
  Limits limits;
  limits.file_bytes = 16;
  const auto file = summarize(small_module().bytes(), limits);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::limit);

  Limits deep;
  deep.control_depth = 3;
  const auto nested = summarize(module_with_body(literal("\0\x02\x40\x02\x40\x02\x40\x0b\x0b\x0b")).bytes(), deep, ReadDepth::code);
  ASSERT_FALSE(nested);
  EXPECT_EQ(nested.error().code, ErrorCode::limit);
}

TEST(module_reader, survives_a_cut_at_every_byte) {
  Builder builder = module_with_body(literal("\1\1\x7f\x20\0\x28\2\0\x1a\x41\x2a\xfc\x08\0\0"));
  const Bytes& whole = builder.custom("producers", literal("\1\x03sdk\1\1x\1y")).bytes();

  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const auto summary = read(cut);
    // A cut between two sections may leave a good, shorter module.
    if (!summary) {
      EXPECT_TRUE(summary.error().code == ErrorCode::malformed) << length;
    }
  }
}

}  // namespace
}  // namespace davit::wasm
