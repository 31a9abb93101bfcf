#include "oci/http/challenge.hpp"

#include <gtest/gtest.h>

namespace davit::oci {
namespace {

TEST(challenge, reads_a_bearer_challenge) {
  const auto parsed =
      parse_challenges(R"(Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push")");

  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 1U);
  EXPECT_EQ(parsed->front().scheme, "bearer");
  EXPECT_EQ(parsed->front().parameter("realm"), "https://auth.example.com/token");
  EXPECT_EQ(parsed->front().parameter("scope"), "repository:a/b:pull,push");
}

TEST(challenge, reads_several_in_one_header) {
  const auto parsed = parse_challenges(R"(Negotiate YWJj==, BASIC Realm = "a \"b\"" , , Bearer realm=plain)");

  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 3U);
  EXPECT_EQ((*parsed)[0].scheme, "negotiate");
  EXPECT_EQ((*parsed)[1].parameter("realm"), "a \"b\"");
  EXPECT_EQ((*parsed)[2].parameter("realm"), "plain");
}

TEST(challenge, accepts_a_scheme_alone) {
  const auto parsed = parse_challenges("Basic");

  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->front().scheme, "basic");
}

TEST(challenge, refuses_an_open_quote) {
  const auto parsed = parse_challenges(R"(Basic realm="open)");

  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::malformed);
}

TEST(challenge, refuses_more_than_it_keeps) { EXPECT_EQ(parse_challenges(std::string(20'000, 'a')).error().code, ErrorCode::limit); }

}  // namespace
}  // namespace davit::oci
