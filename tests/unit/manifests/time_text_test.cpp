#include "manifests/time_text.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace davit {
namespace {

TEST(time_text, reads_utc_offsets_and_fractions) {
  EXPECT_EQ(*parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(*parse_time("2023-06-27T13:20:21+08:00"), 1687843221);
  EXPECT_EQ(*parse_time("2023-06-27T05:20:21Z"), 1687843221);
  EXPECT_EQ(*parse_time("2023-06-27t00:20:21.999-05:00"), 1687843221);
  EXPECT_EQ(*parse_time("2024-02-29T23:59:59z"), 1709251199);
  EXPECT_EQ(*parse_time("1969-12-31T23:59:59Z"), -1);
}

TEST(time_text, refuses_what_is_no_time) {
  for (const char* text : {"",
                           "2023",
                           "2023-06-27",
                           "2023-06-27T05:20:21",
                           "2023-06-27 05:20:21Z",
                           "2023-6-27T05:20:21Z",
                           "2023-02-29T00:00:00Z",
                           "2023-13-01T00:00:00Z",
                           "2023-00-10T00:00:00Z",
                           "2023-01-01T24:00:00Z",
                           "2023-01-01T00:60:00Z",
                           "2016-12-31T23:59:60Z",
                           "2023-01-01T00:00:00.Z",
                           "2023-01-01T00:00:00.1234567890Z",
                           "2023-01-01T00:00:00+0100",
                           "2023-01-01T00:00:00+24:00",
                           "2023-01-01T00:00:00Zx",
                           "0000-01-01T00:00:00Z",
                           "+023-01-01T00:00:00Z",
                           "2023-01-01T00:00:00+01:60"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(time_text, refuses_every_prefix) {
  const std::string text = "2023-06-27T13:20:21.5+08:00";
  ASSERT_TRUE(parse_time(text));
  for (std::size_t length = 0; length < text.size(); ++length) EXPECT_FALSE(parse_time(text.substr(0, length))) << length;
}

TEST(time_text, writes_what_it_reads) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2026-11-21T11:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(write_time(*parse_time(text)), text);
  }
}

TEST(time_text, writes_the_edge_of_what_can_be_written) {
  EXPECT_EQ(write_time(INT64_MAX), "9999-12-31T23:59:59Z");
  EXPECT_EQ(write_time(INT64_MIN), "0001-01-01T00:00:00Z");
}

}  // namespace
}  // namespace davit
