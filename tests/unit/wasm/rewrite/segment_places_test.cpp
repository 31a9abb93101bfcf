#include "wasm/rewrite/segment_places.hpp"

#include <gtest/gtest.h>

#include "support/wasm_builder.hpp"

using namespace std::string_view_literals;

namespace davit::wasm {
namespace {

using test::Builder;

std::string_view risk(const Builder& builder) {
  const auto found = find_risky_segment(builder.bytes(), Limits{});
  return found ? found->what : "none"sv;
}

constexpr auto k_one_page = "\1\0\1"sv;
constexpr auto k_table_of_two = "\1\x70\0\2"sv;

TEST(segment_places, finds_nothing_in_segments_that_fit) {
  EXPECT_EQ(risk(Builder::module().section(5, k_one_page).section(11, "\1\0\x41\x10\x0b\3abc"sv)), "none");
  EXPECT_EQ(risk(Builder::module().section(4, k_table_of_two).section(9, "\1\0\x41\0\x0b\2\0\0"sv)), "none");
  EXPECT_EQ(risk(Builder::module().section(5, k_one_page).section(11, "\1\1\3abc"sv)), "none");
  EXPECT_EQ(risk(Builder::module()), "none");
}

TEST(segment_places, finds_data_above_two_gibibytes) {
  EXPECT_EQ(risk(Builder::module().section(5, "\1\0\x80\x80\4"sv).section(11, "\1\0\x41\x80\x80\x80\x80\x78\x0b\1a"sv)),
            "data above 2 GiB");
}

TEST(segment_places, finds_a_segment_past_the_end_of_its_memory_or_table) {
  EXPECT_NE(risk(Builder::module().section(5, k_one_page).section(11, "\1\0\x41\xff\xff\3\x0b\2ab"sv)), "none");
  EXPECT_NE(risk(Builder::module().section(4, k_table_of_two).section(9, "\1\0\x41\1\x0b\2\0\0"sv)), "none");
  EXPECT_NE(risk(Builder::module().section(4, k_table_of_two).section(9, "\1\0\x41\3\x0b\0"sv)), "none");
}

TEST(segment_places, finds_a_place_that_only_the_start_knows_unless_it_is_somebody_elses_table) {
  const auto table_and_base = "\2\1m\1t\1\x70\0\2\1m\1g\3\x7f\0"sv;
  EXPECT_EQ(risk(Builder::module().section(2, table_and_base).section(9, "\1\0\x23\0\x0b\1\0"sv)), "none");
  EXPECT_NE(risk(Builder::module().section(2, table_and_base).section(9, "\1\0\x23\0\x0b\0"sv)), "none");
  const auto base = "\1\1m\1g\3\x7f\0"sv;
  EXPECT_NE(risk(Builder::module().section(2, base).section(4, k_table_of_two).section(9, "\1\0\x23\0\x0b\1\0"sv)), "none");
}

TEST(segment_places, reads_every_form_of_element_segment) {
  const auto forms = "\5\1\0\1\0\3\0\1\0\2\0\x41\0\x0b\0\1\0\5\x70\1\xd2\0\x0b\6\0\x41\3\x0b\x70\1\xd0\x70\x0b"sv;
  EXPECT_NE(risk(Builder::module().section(4, k_table_of_two).section(9, forms)), "none");
}

}  // namespace
}  // namespace davit::wasm
