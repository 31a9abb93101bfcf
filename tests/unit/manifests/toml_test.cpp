#include "manifests/toml.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

std::string as_json(std::string_view text) {
  const auto parsed = parse_toml(text);
  return parsed ? write_json_sorted(*parsed) : parsed.error().message;
}

TEST(toml, reads_tables_and_lists_of_tables) {
  EXPECT_EQ(as_json("name = \"a\"\n[[module]]\nsource = 'x.wasm'\nkeep = true\n[fs]\n\"/guest\" = \"host\"\n"),
            R"({"fs":{"/guest":"host"},"module":[{"keep":true,"source":"x.wasm"}],"name":"a"})");
}

TEST(toml, reads_numbers_and_dates_as_plain_values) {
  EXPECT_EQ(as_json("a = 7\nb = 1.5\nc = 2026-01-02\nlong = 2026-01-02T03:04:05Z\n"),
            R"({"a":7,"b":1.5,"c":"2026-01-02","long":"2026-01-02T03:04:05Z"})");
}

TEST(toml, says_where_it_is_broken) {
  const auto parsed = parse_toml("a = 1\nb = = 2\n");

  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::malformed);
  EXPECT_NE(parsed.error().message.find("line 2, column"), std::string::npos) << parsed.error().message;
}

TEST(toml, refuses_numbers_that_are_none) { EXPECT_EQ(parse_toml("a = nan").error().code, ErrorCode::malformed); }

TEST(toml, refuses_what_is_too_large_or_too_deep) {
  std::string dotted = "a";
  for (int i = 0; i < 100'000; ++i) dotted += ".a";
  EXPECT_EQ(parse_toml(dotted + " = 1").error().code, ErrorCode::limit);
  EXPECT_EQ(parse_toml("[" + dotted + "]").error().code, ErrorCode::limit);
  EXPECT_EQ(parse_toml("x = { y = 1, " + dotted + " = 1 }").error().code, ErrorCode::limit);
  EXPECT_FALSE(parse_toml("a = " + std::string(5000, '[')));
  EXPECT_EQ(parse_toml(std::string(k_max_toml_bytes + 1, '#')).error().code, ErrorCode::limit);
}

TEST(toml, dots_in_texts_are_no_depth) {
  const std::string dots(500, '.');
  EXPECT_TRUE(parse_toml("a = \"" + dots + "\" # " + dots + "\nb = '''\n" + dots + "'''\n"));
}

TEST(toml, writes_what_it_reads) {
  const JsonObject document{
      {"name", "a \"b\"\n\x01"},
      {"version", 3},
      {"ratio", 2.0},
      {"none", nullptr},
      {"list", JsonArray{"x", JsonArray{1, 2}, JsonObject{{"k", true}}}},
      {"table", JsonObject{{"/guest path", "host"}, {"inner", JsonObject{{"deep", -1}}}}},
      {"module", JsonArray{JsonObject{{"name", "one"}}, JsonObject{{"name", "two"}, {"sub", JsonObject{{"v", 1}}}}}},
  };

  const std::string text = write_toml(document);

  EXPECT_EQ(as_json(text), R"({"list":["x",[1,2],{"k":true}],"module":[{"name":"one"},{"name":"two","sub":{"v":1}}],)"
                           R"("name":"a \"b\"\n\u0001","ratio":2.0,"table":{"/guest path":"host","inner":{"deep":-1}},"version":3})")
      << text;
  EXPECT_EQ(write_toml(document), text);
}

}  // namespace
}  // namespace davit
