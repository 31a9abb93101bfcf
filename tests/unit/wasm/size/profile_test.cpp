#include "wasm/size/profile.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "support/wasm_builder.hpp"

namespace davit::wasm {
namespace {

using test::Builder;
using test::literal;

const SizeItem* find(const SizePart& part, SizeKind kind, std::uint32_t index) {
  for (const SizeItem& item : part.items) {
    if (item.kind == kind && item.index == index) return &item;
  }
  return nullptr;
}

void expect_every_byte_owned_once(const SizePart& part) {
  std::uint64_t owned = 0;
  for (const SizeItem& item : part.items) owned += item.size;
  EXPECT_EQ(owned, part.size);
}

// (import "m" "i" (func)); a calls b, b calls the import; c is in a table and called through it by d; e is dead.
Builder calling_module() {
  return Builder::module()
      .section(1, literal("\2\x60\0\0\x60\1\x7f\0"))
      .section(2, literal("\1\1m\1i\0\0"))
      .section(3, literal("\5\0\0\0\0\0"))
      .section(4, literal("\1\x70\0\1"))
      .section(5, literal("\1\0\1"))
      .section(7, literal("\2\1a\0\1\1d\0\4"))
      .section(9, literal("\1\0\x41\0\x0b\1\3"))
      .section(10, literal("\5"
                           "\4\0\x10\2\x0b"
                           "\4\0\x10\0\x0b"
                           "\3\0\1\x0b"
                           "\7\0\x41\0\x11\0\0\x0b"
                           "\5\0\1\1\1\x0b"))
      .section(11, literal("\1\0\x41\0\x0b\3abc"))
      .custom("name", literal("\1\4\1\2\1y"));
}

TEST(size_profile, gives_every_byte_one_owner) {
  const Builder built = calling_module();
  const auto profile = profile_sizes(built.bytes(), Limits{});
  ASSERT_TRUE(profile.has_value()) << profile.error().message;
  ASSERT_EQ(profile->parts.size(), 1U);
  expect_every_byte_owned_once(profile->parts[0]);
  EXPECT_EQ(find(profile->parts[0], SizeKind::function, 1)->size, 5U);
  EXPECT_EQ(find(profile->parts[0], SizeKind::data, 0)->size, 8U);
}

TEST(size_profile, names_functions_by_the_name_section_then_by_exports_and_imports) {
  const Builder built = calling_module();
  const auto profile = profile_sizes(built.bytes(), Limits{});
  ASSERT_TRUE(profile.has_value());
  EXPECT_EQ(find(profile->parts[0], SizeKind::function, 0)->name, "i");
  EXPECT_EQ(find(profile->parts[0], SizeKind::function, 1)->name, "a");
  EXPECT_EQ(find(profile->parts[0], SizeKind::function, 2)->name, "y");
}

TEST(size_profile, retains_what_is_reached_only_through_it) {
  const Builder built = calling_module();
  const auto profile = profile_sizes(built.bytes(), Limits{});
  ASSERT_TRUE(profile.has_value());
  const SizePart& part = profile->parts[0];
  EXPECT_EQ(find(part, SizeKind::function, 1)->retained, 10U) << "itself and what it calls";
  EXPECT_EQ(find(part, SizeKind::function, 2)->retained, 5U) << "an import is kept by the host";
  EXPECT_EQ(find(part, SizeKind::function, 5)->retained, 0U) << "nothing calls it";
  const SizeItem* through_table = find(part, SizeKind::function, 3);
  EXPECT_EQ(through_table->retained, through_table->size);
  const std::uint64_t table = find(part, SizeKind::table, 0)->size + find(part, SizeKind::element, 0)->size;
  EXPECT_EQ(find(part, SizeKind::function, 4)->retained, 8U + through_table->size + table);
  EXPECT_EQ(part.unreachable, 6U + find(part, SizeKind::data, 0)->size);
}

TEST(size_profile, keeps_everything_in_a_table_that_the_host_sees) {
  const Builder built = Builder::module()
                            .section(1, literal("\1\x60\0\0"))
                            .section(3, literal("\1\0"))
                            .section(4, literal("\1\x70\0\1"))
                            .section(7, literal("\1\1t\1\0"))
                            .section(9, literal("\1\0\x41\0\x0b\1\0"))
                            .section(10, literal("\1\2\0\x0b"));
  const auto profile = profile_sizes(built.bytes(), Limits{});
  ASSERT_TRUE(profile.has_value()) << profile.error().message;
  EXPECT_EQ(profile->parts[0].unreachable, 0U);
}

TEST(size_profile, of_a_component_has_a_part_for_each_thing_nested) {
  const Builder inner = test::component_around(calling_module().bytes());
  const Builder outer = Builder::component().nested(4, inner.bytes()).nested(1, test::small_module().bytes());
  const auto profile = profile_sizes(outer.bytes(), Limits{});
  ASSERT_TRUE(profile.has_value()) << profile.error().message;
  ASSERT_EQ(profile->parts.size(), 4U);
  EXPECT_EQ(profile->parts[1].path, "component 0");
  EXPECT_EQ(profile->parts[2].path, "component 0, module 0");
  EXPECT_EQ(profile->parts[2].parent, 1U);
  EXPECT_EQ(profile->parts[3].path, "module 0");
  EXPECT_EQ(profile->parts[3].parent, 0U);
  expect_every_byte_owned_once(profile->parts[2]);
  for (const SizePart& part : profile->parts) {
    std::uint64_t sum = k_preamble_bytes;
    for (const SizeSection& section : part.sections) sum += section.size;
    for (const SizePart& child : profile->parts)
      sum += child.offset > part.offset && profile->parts[child.parent].path == part.path ? child.size : 0;
    EXPECT_EQ(sum, part.size) << part.path;
  }
}

TEST(size_profile, refuses_what_is_cut_anywhere) {
  const Builder built = test::component_around(calling_module().bytes());
  for (std::size_t size = 0; size < built.bytes().size(); ++size) {
    const auto profile = profile_sizes(ByteView(built.bytes()).first(size), Limits{});
    if (!profile) continue;
    EXPECT_EQ(profile->size, size);
  }
}

}  // namespace
}  // namespace davit::wasm
