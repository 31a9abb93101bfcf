#include "manifests/json.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

constexpr std::string_view k_document = R"({"a":[1,-2,2.5,true,null,"é\n"],"b":{"c":18446744073709551615}})";

TEST(json, writes_what_it_read) { EXPECT_EQ(write_json(*parse_json(k_document, {})), k_document); }

TEST(json, keeps_the_order_of_members_and_sorts_on_request) {
  const Json json = *parse_json(R"({"b":1,"a":{"d":2,"c":3}})", {});
  EXPECT_EQ(write_json(json), R"({"b":1,"a":{"d":2,"c":3}})");
  EXPECT_EQ(write_json_sorted(json), R"({"a":{"c":3,"d":2},"b":1})");
}

TEST(json, cut_at_every_byte_is_refused) {
  for (std::size_t length = 0; length < k_document.size(); ++length) {
    const auto json = parse_json(k_document.substr(0, length), {});
    ASSERT_FALSE(json) << length;
    EXPECT_EQ(json.error().code, ErrorCode::malformed);
  }
}

TEST(json, refuses_what_strict_readers_refuse) {
  for (const char* text : {"{} x", "{'a':1}", "[1,]", "{\"a\":1,}", "nul", "01", "\"\xff\"", "// c\n{}", "[NaN]", "\xef\xbb\xbf",
                           "{\"a\":1,\"a\":2}", "{\"\\u0061\":1,\"a\":2}"}) {
    EXPECT_FALSE(parse_json(text, {})) << text;
  }
}

TEST(json, holds_its_limits) {
  EXPECT_EQ(parse_json(std::string(100, '['), {.depth = 64}).error().code, ErrorCode::limit);
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']'), {.depth = 64}));
  EXPECT_EQ(parse_json("[1]", {.size_bytes = 2}).error().code, ErrorCode::limit);
}

TEST(json, complaints_name_the_pointer) {
  const Json json = *parse_json(R"({"layers":[{"a/b~c":1}]})", {});
  const auto layers = JsonView(json).field("layers")->as_items();
  const auto text = (*layers)[0].field("a/b~c")->as_string();
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().place, "JSON pointer /layers/0/a~1b~0c");
}

TEST(json, refuses_unknown_members) {
  const Json json = *parse_json(R"({"known":1,"other":2})", {});
  EXPECT_FALSE(JsonView(json).refuse_unknown({"known"}));
  EXPECT_TRUE(JsonView(json).refuse_unknown({"known", "other"}));
}

TEST(json, a_null_member_counts_as_absent) {
  const Json json = *parse_json(R"({"a":null})", {});
  EXPECT_FALSE(JsonView(json).find("a"));
  EXPECT_FALSE(JsonView(json).field("a"));
}

TEST(json, numbers_keep_their_kind) {
  const Json json = *parse_json("[-1,1,1.5]", {});
  const auto items = *JsonView(json).as_items();
  EXPECT_FALSE(items[0].as_unsigned());
  EXPECT_EQ(*items[1].as_unsigned(), 1U);
  EXPECT_FALSE(items[2].as_unsigned());
}

TEST(json, broken_text_is_written_without_throwing) { EXPECT_EQ(write_json(Json("\xff")), "\"\xef\xbf\xbd\""); }

}  // namespace
}  // namespace davit
