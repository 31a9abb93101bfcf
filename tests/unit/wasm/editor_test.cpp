#include <gtest/gtest.h>

#include "support/wasm_builder.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/editor.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {
namespace {

using namespace test;

Bytes stripped(const Bytes& file, const StripSelection& selection) {
  auto outcome = strip_sections(file, selection, Limits{});
  EXPECT_TRUE(outcome) << outcome.error().message;
  return outcome ? outcome->file.joined() : Bytes{};
}

TEST(strip, of_nothing_gives_the_same_bytes) {
  // The size of the code section is padded, as some toolchains write it.
  const Bytes module = small_module().raw(literal("\0\x86\x80\0\4name\0")).bytes();

  EXPECT_EQ(stripped(module, {}), module);
  EXPECT_EQ(stripped(component_around(module).bytes(), {}), component_around(module).bytes());
}

TEST(strip, of_all_keeps_what_runtimes_and_registries_read) {
  Builder expected = small_module();
  Builder input = small_module();
  for (const char* name :
       {"component-type:x", "target_features", "metadata.code.branch_hint", "davit.capabilities", "licenses", ".dep-v0", "dylink.0"}) {
    expected.custom(name, "");
    input.custom(name, "");
    input.custom("other", "x");
  }
  input.custom("name", "").custom("producers", "").custom(".debug_info", "");

  EXPECT_EQ(stripped(input.bytes(), {.all = true}), expected.bytes());
}

TEST(strip, selects_by_class_and_by_name) {
  EXPECT_TRUE(is_selected({.debug = true}, ".debug_line"));
  EXPECT_TRUE(is_selected({.debug = true}, "sourceMappingURL"));
  EXPECT_FALSE(is_selected({.debug = true}, "name"));
  EXPECT_TRUE(is_selected({.names = true}, "component-name"));
  EXPECT_TRUE(is_selected({.drop = {"go:*"}}, "go:buildid"));
  EXPECT_FALSE(is_selected({.all = true, .keep = {"name"}}, "name"));
  EXPECT_FALSE(is_selected({.keep = {"x"}, .drop = {"x"}}, "x"));
  EXPECT_TRUE(is_selected({.drop = {"dylink.0"}}, "dylink.0"));
}

TEST(strip, reaches_into_nested_modules_and_corrects_sizes) {
  const Bytes clean = component_around(small_module().bytes()).bytes();
  const Bytes dirty = component_around(small_module().custom("name", std::string(300, 'x')).bytes()).bytes();
  const Bytes outer_clean = Builder::component().nested(4, clean).custom("kept", "y").bytes();
  const Bytes outer_dirty = Builder::component().nested(4, dirty).custom("kept", "y").bytes();

  const Bytes result = stripped(outer_dirty, {.names = true});

  EXPECT_EQ(result, outer_clean);
  EXPECT_TRUE(summarize(result, Limits{}, ReadDepth::code));
}

TEST(strip, refuses_object_files_that_it_would_change) {
  const Bytes object = small_module().custom("linking", "\2").custom("name", "").bytes();

  const auto changed = strip_sections(object, {.names = true}, Limits{});
  const auto unchanged = strip_sections(object, {.producers = true}, Limits{});

  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::unsupported);
  EXPECT_TRUE(unchanged);
}

TEST(custom_section, is_found_set_and_removed_with_all_else_as_it_was) {
  const Bytes plain = small_module().custom("a", "1").bytes();

  const auto with = set_custom_section(plain, "b", as_bytes("22"));
  ASSERT_TRUE(with);
  EXPECT_EQ(*with, small_module().custom("a", "1").custom("b", "22").bytes());
  EXPECT_EQ(as_text(**find_custom_section(*with, "b")), "22");

  const auto replaced = set_custom_section(*with, "a", as_bytes("333"));
  ASSERT_TRUE(replaced);
  EXPECT_EQ(*replaced, small_module().custom("a", "333").custom("b", "22").bytes());

  const auto without = remove_custom_section(*with, "b");
  ASSERT_TRUE(without);
  EXPECT_EQ(*without, plain);
  EXPECT_FALSE(find_custom_section(*without, "b")->has_value());
}

TEST(custom_section, of_two_with_one_name_leaves_one) {
  const Bytes twice = Builder::module().custom("a", "1").custom("a", "2").bytes();

  EXPECT_EQ(*set_custom_section(twice, "a", as_bytes("3")), Builder::module().custom("a", "3").bytes());
}

}  // namespace
}  // namespace davit::wasm
