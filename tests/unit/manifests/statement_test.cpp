#include "manifests/statement.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

const std::string k_hex(64, 'a');

std::string statement_about(const std::string& subjects) {
  return R"({"_type":"https://in-toto.io/Statement/v1","subject":)" + subjects + R"(,"predicateType":"p","predicate":{"x":1}})";
}

TEST(statement, reads_what_it_writes) {
  const Statement statement{.subjects = {{.name = "app", .digests = {{"sha256", k_hex}}, .annotations = {{"k", "v"}}}},
                            .predicate_type = std::string(k_signature_predicate),
                            .predicate = JsonObject{}};

  const auto again = parse_statement(write_statement(statement));

  ASSERT_TRUE(again);
  EXPECT_EQ(again->predicate_type, k_signature_predicate);
  EXPECT_EQ(again->subjects.at(0).name, "app");
  EXPECT_EQ(again->subjects.at(0).annotations.at("k"), "v");
  EXPECT_TRUE(again->is_about(*Digest::parse("sha256:" + k_hex)));
}

TEST(statement, is_about_a_digest_and_never_about_a_name) {
  const auto statement =
      parse_statement(statement_about(R"([{"name":"sha256:)" + k_hex + R"(","digest":{"sha256":"bb","sha512":")" + k_hex + R"("}}])"));

  ASSERT_TRUE(statement);
  EXPECT_FALSE(statement->is_about(*Digest::parse("sha256:" + k_hex)));
}

TEST(statement, finds_its_subject_among_several) {
  const auto statement = parse_statement(statement_about(R"([{"digest":{"sha256":"bb"}},{"digest":{"sha256":")" + k_hex + R"("}}])"));

  ASSERT_TRUE(statement);
  EXPECT_TRUE(statement->is_about(*Digest::parse("sha256:" + k_hex)));
}

TEST(statement, reads_the_older_type_and_refuses_unknown_ones) {
  EXPECT_TRUE(
      parse_statement(R"({"_type":"https://in-toto.io/Statement/v0.1","subject":[{"digest":{"sha256":"a"}}],"predicateType":"p"})"));

  const auto other =
      parse_statement(R"({"_type":"https://in-toto.io/Statement/v9","subject":[{"digest":{"sha256":"a"}}],"predicateType":"p"})");

  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::unsupported);
}

TEST(statement, refuses_the_shelf_of_malformations) {
  const std::string shelf[] = {"",
                               "null",
                               "{}",
                               statement_about("null"),
                               statement_about("[]"),
                               statement_about("[null]"),
                               statement_about("[{}]"),
                               statement_about(R"([{"digest":null}])"),
                               statement_about(R"([{"digest":{}}])"),
                               statement_about(R"([{"digest":{"sha256":1}}])"),
                               R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"a"}}]})",
                               statement_about(R"([{"digest":{"sha256":"a","sha256":"b"}}])"),
                               statement_about(R"({"digest":{"sha256":"a"}})"),
                               statement_about(R"([{"digest":["sha256","a"]}])"),
                               statement_about(R"([{"digest":{"sha256":null}}])"),
                               statement_about(R"([{"name":1,"digest":{"sha256":"a"}}])"),
                               statement_about(R"([{"annotations":[],"digest":{"sha256":"a"}}])"),
                               statement_about(R"([{"digest":{"sha256":"a"}},{}])"),
                               statement_about(R"([{"digest":{"sha256":"a"}}])") + "{}",
                               R"({"_type":1,"subject":[{"digest":{"sha256":"a"}}],"predicateType":"p"})",
                               R"({"subject":[{"digest":{"sha256":"a"}}],"predicateType":"p"})",
                               R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"a"}}],"predicateType":null})",
                               R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"p"})"};
  for (const std::string& text : shelf) {
    const auto statement = parse_statement(text);
    ASSERT_FALSE(statement) << text;
    EXPECT_EQ(statement.error().code, ErrorCode::malformed) << text;
  }
}

TEST(statement, no_prefix_of_a_statement_is_one) {
  const std::string whole = statement_about(R"([{"name":"app","digest":{"sha256":")" + k_hex + R"("},"annotations":{"k":"v"}}])");
  ASSERT_TRUE(parse_statement(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(parse_statement(whole.substr(0, length))) << length;
}

TEST(statement, bounds_subjects_and_digests) {
  std::string many = R"([{"digest":{"sha256":"a"}})";
  for (std::size_t i = 0; i < k_max_statement_subjects; ++i) many += R"(,{"digest":{"sha256":"a"}})";
  std::string digests = R"([{"digest":{"a":"b")";
  for (std::size_t i = 0; i < k_max_subject_digests; ++i) digests += ",\"" + std::to_string(i) + "\":\"b\"";

  EXPECT_EQ(parse_statement(statement_about(many + "]")).error().code, ErrorCode::limit);
  EXPECT_EQ(parse_statement(statement_about(digests + "}}]")).error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace davit
