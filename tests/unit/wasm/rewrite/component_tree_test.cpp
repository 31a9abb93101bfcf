#include "wasm/rewrite/component_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/wasm_builder.hpp"
#include "wasm/rewrite/component_writer.hpp"

using namespace std::string_view_literals;

namespace davit::wasm {
namespace {

using test::Builder;

// Two types, the second an instance type with an outer alias of the first; a nested component that aliases it too; an import
// whose type index is written in two bytes.
Builder component() {
  const Bytes nested = Builder::component().section(6, "\1\3\2\1\0"sv).bytes();
  return Builder::component()
      .section(7, "\1\x40\0\0\x79"sv)
      .section(7, "\1\x42\2\2\3\2\1\0\4\0\1f\1\0"sv)
      .nested(4, nested)
      .section(10, "\1\0\3abc\5\x81\0"sv)
      .section(6, "\1\1\0\0\1f"sv)
      .custom("note", "x");
}

Liveness everything(const ComponentTree& tree) {
  Liveness live;
  live.entries.assign(tree.entries.size(), true);
  for (const EntryView& entry : tree.entries) live.arguments.emplace_back(entry.arguments.size(), true);
  return live;
}

TEST(component_tree, finds_every_index_where_it_stands) {
  const Builder file = component();

  const auto tree = read_component_tree(file.bytes(), Limits{});

  ASSERT_TRUE(tree) << tree.error().message;
  std::size_t slots = 0;
  for (const EntryView& entry : tree->entries) {
    for (const SlotView& slot : entry.slots) {
      Cursor cursor(ByteView(file.bytes()).subspan(slot.use.offset, slot.use.size_bytes));
      EXPECT_EQ(cursor.u32(), slot.use.index);
      EXPECT_TRUE(cursor.at_end());
      ++slots;
    }
  }
  EXPECT_EQ(slots, 4U);  // alias in the type, alias in the nested component, import, alias of an export
}

TEST(component_tree, knows_what_defines_an_index) {
  const Builder file = component();

  const auto tree = read_component_tree(file.bytes(), Limits{});

  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->scopes.size(), 2U);
  EXPECT_EQ(tree->entries[tree->definer(0, Sort::component, 0)].inner, 1U);
  EXPECT_EQ(tree->entries[tree->definer(0, Sort::instance, 0)].name, "abc");
  EXPECT_EQ(tree->entries[tree->definer(0, Sort::function, 0)].form, EntryForm::export_alias);
  EXPECT_EQ(tree->entries[tree->definer(1, Sort::type, 0)].form, EntryForm::outer_alias);
}

TEST(component_writer, writes_a_component_that_keeps_everything_byte_for_byte) {
  const Builder file = component();
  const auto tree = read_component_tree(file.bytes(), Limits{});
  ASSERT_TRUE(tree);

  const Bytes written = write_component(*tree, everything(*tree), {});

  EXPECT_TRUE(std::ranges::equal(written, file.bytes()));
}

TEST(component_writer, leaves_out_what_is_not_wanted) {
  const Builder file = component();
  const auto tree = read_component_tree(file.bytes(), Limits{});
  ASSERT_TRUE(tree);
  const Liveness live = find_live(*tree, {}, {}, Limits{});

  const Bytes written = write_component(*tree, live, {});

  EXPECT_TRUE(std::ranges::equal(written, Builder::component().custom("note", "x").bytes()));
}

TEST(component_writer, keeps_imports_when_asked) {
  const Builder file = component();
  const auto tree = read_component_tree(file.bytes(), Limits{});
  ASSERT_TRUE(tree);

  const Liveness live = find_live(*tree, {}, {.keep_imports = true}, Limits{});

  EXPECT_TRUE(live.entries[tree->definer(0, Sort::instance, 0)]);
  EXPECT_TRUE(live.entries[tree->definer(0, Sort::type, 0)]);
  EXPECT_FALSE(live.entries[tree->definer(0, Sort::component, 0)]);
  EXPECT_FALSE(live.entries[tree->definer(0, Sort::function, 0)]);
}

}  // namespace
}  // namespace davit::wasm
