#include <gtest/gtest.h>

#include "support/wasm_builder.hpp"
#include "wasm/capabilities.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {
namespace {

using namespace test;

Result<BinarySummary> read(const Bytes& bytes) { return summarize(bytes, Limits{}, ReadDepth::code); }

// (type (instance (type (func)) (export "exit" (func (type 0))))) (import "wasi:cli/exit@0.2.0" (instance (type 0)))
Builder importing_component() {
  return Builder::component()
      .section(7, literal("\1\x42\2\1\x40\0\1\0\4\0\4exit\1\0"))
      .section(10, literal("\1\0\x13wasi:cli/exit@0.2.0\5\0"));
}

TEST(component_reader, reads_world_level_names_and_members) {
  const auto summary = read(importing_component().bytes());

  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->kind, Kind::component);
  EXPECT_EQ(summary->target, "wasip2");
  EXPECT_EQ(world_imports(*summary), (std::vector<std::string>{"wasi:cli/exit@0.2.0"}));
  ASSERT_EQ(summary->imports.size(), 1U);
  EXPECT_EQ(summary->imports[0].kind, "instance");
  EXPECT_EQ(summary->imports[0].members, (std::vector<std::string>{"exit"}));
}

TEST(component_reader, lists_what_is_nested_with_its_place) {
  const Bytes inner = small_module().bytes();
  const Bytes file = Builder::component().nested(4, component_around(inner).bytes()).bytes();

  const auto summary = read(file);

  ASSERT_TRUE(summary) << summary.error().message;
  ASSERT_EQ(summary->nested.size(), 2U);
  EXPECT_EQ(summary->nested[0].kind, Kind::component);
  EXPECT_EQ(summary->nested[1].kind, Kind::module);
  EXPECT_EQ(summary->nested[1].depth, 2U);
  EXPECT_EQ(summary->nested[1].size, inner.size());
  EXPECT_EQ(as_text(ByteView(file).subspan(summary->nested[1].offset, 4)), literal("\0asm"));
  EXPECT_EQ(summary->function_count, 1U);
}

TEST(component_reader, tells_a_third_preview_component) {
  const auto summary =
      read(Builder::component().section(7, literal("\1\x42\0")).section(10, literal("\1\0\x13wasi:cli/exit@0.3.0\5\0")).bytes());

  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->target, "wasip3");
}

TEST(component_reader, refuses_nesting_over_the_limit) {
  Bytes file = Builder::component().bytes();
  for (int i = 0; i < 70; ++i) file = Builder::component().nested(4, file).bytes();

  const auto summary = read(file);

  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::limit);
}

TEST(component_reader, refuses_types_nested_over_the_limit) {
  std::string type(literal("\x42\0"));
  for (int i = 0; i < 70; ++i) type = std::string("\x42\1\1") + type;

  const auto summary = read(Builder::component().section(7, "\1" + type).bytes());

  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::limit);
}

struct Bad {
  const char* what;
  Bytes bytes;
  const char* message;
};

class malformed_component : public testing::TestWithParam<Bad> {};

TEST_P(malformed_component, is_refused_with_its_reason) {
  const auto summary = read(GetParam().bytes);

  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, ErrorCode::malformed);
  EXPECT_NE(summary.error().message.find(GetParam().message), std::string::npos) << summary.error().message;
}

std::vector<Bad> shelf() {
  const auto component = [] { return Builder::component(); };
  return {
      {"unknown_section", component().section(13, "").bytes(), "unknown section id 13"},
      {"nested_module_bad", component().section(1, "abcdefgh").bytes(), "not a wasm file"},
      {"module_in_component_section", component().nested(4, small_module().bytes()).bytes(), "component is expected"},
      {"component_in_module_section", component().nested(1, component().bytes()).bytes(), "core module is expected"},
      {"unknown_type", component().section(7, literal("\1\x3e")).bytes(), "unknown component type 0x3e"},
      {"empty_record", component().section(7, literal("\1\x72\0")).bytes(), "at least one"},
      {"type_forward", component().section(7, literal("\1\x70\0")).bytes(), "unknown type 0"},
      {"import_prefix", component().section(10, literal("\1\3\1a\1\0")).bytes(), "malformed name prefix"},
      {"import_sort", component().section(10, literal("\1\0\1a\x09\0")).bytes(), "malformed external type"},
      {"import_twice", component().section(7, literal("\1\x40\0\1\0")).section(10, literal("\2\0\1a\1\0\0\1a\1\0")).bytes(),
       "conflicts with a previous name"},
      {"export_unknown", component().section(11, literal("\1\0\1a\1\0\0")).bytes(), "unknown func 0"},
      {"alias_too_far", component().section(6, literal("\1\3\2\5\0")).bytes(), "scopes out"},
      {"canon_unknown", component().section(8, literal("\1\x77")).bytes(), "unknown canonical function"},
      {"instance_of_nothing", component().section(5, literal("\1\0\0\0")).bytes(), "unknown component 0"},
      {"import_in_instance_type", component().section(7, literal("\1\x42\1\3\0\1a\1\0")).bytes(), "import in an instance type"},
      {"bytes_left", component().section(7, literal("\0\0")).bytes(), "bytes too many"},
  };
}

INSTANTIATE_TEST_SUITE_P(shelf, malformed_component, testing::ValuesIn(shelf()),
                         [](const auto& entry) { return std::string(entry.param.what); });

TEST(component_reader, survives_a_cut_at_every_byte) {
  const Bytes whole =
      Builder::component().nested(4, component_around(small_module().bytes()).bytes()).nested(4, importing_component().bytes()).bytes();

  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const auto summary = read(cut);
    if (!summary) {
      EXPECT_EQ(summary.error().code, ErrorCode::malformed) << length;
    }
  }
}

TEST(reach, of_a_component_comes_from_the_functions_it_lists) {
  const auto reach = reach_of(*read(importing_component().bytes()));

  ASSERT_EQ(reach.size(), 1U);
  EXPECT_EQ(reach[0].capability, (Capability{"exit"}));
  EXPECT_EQ(reach[0].via, (std::vector<std::string>{"wasi:cli/exit@0.2.0.exit"}));
}

}  // namespace
}  // namespace davit::wasm
