#include "manifests/policy.hpp"

#include <gtest/gtest.h>

namespace davit {
namespace {

constexpr std::string_view k_whole = R"({"schemaVersion":1,
  "signers":{"a":{"key":"a.pub"},"b":{"identity":{"pattern":"https://ci/.*"},"issuer":"https://issuer"},
             "c":{"certificateAuthority":"ca.pem","subject":"C=US, ST=WA, O=V"}},
  "rules":[{"name":"team","repositories":["r.example/team/*","r.example/one"],
            "signatures":[{"role":"release","signers":["a","b"],"threshold":2}],
            "attestations":[{"type":"slsaprovenance1","signers":["b"],"builder":"https://builder","maxAge":"720h"},
                            {"type":"vuln","signers":["a"],"severities":{"critical":0}}],
            "grant":{"stdio":["stdout"]}},
           {"name":"vendor","repositories":["r.example/team/vendor/*"],"signatures":[{"signers":["c"]}]},
           {"name":"rest","repositories":["*"],"deny":true}]})";

// A policy with one signer and one rule, each given as JSON.
std::string policy_with(const std::string& signer, const std::string& rule) {
  return R"({"schemaVersion":1,"signers":{"a":)" + signer + R"(},"rules":[)" + rule + "]}";
}
std::string rule_with(const std::string& members) { return R"({"name":"r","repositories":["*"],)" + members + "}"; }
constexpr const char* k_signed = R"("signatures":[{"signers":["a"]}])";

TEST(policy, says_what_it_says) {
  const auto policy = parse_policy(k_whole);

  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->signers.size(), 3U);
  EXPECT_FALSE(policy->find_signer("a")->logged);
  EXPECT_TRUE(policy->find_signer("b")->logged);
  EXPECT_EQ(policy->rules.front().signatures.front().threshold, 2U);
  EXPECT_EQ(policy->rules.front().attestations.front().type, "https://slsa.dev/provenance/v1");
  EXPECT_EQ(policy->rules.front().attestations.back().severities.at("critical"), 0U);
}

TEST(policy, is_written_as_it_is_read) {
  const auto policy = parse_policy(k_whole);
  ASSERT_TRUE(policy);

  const std::string text = write_json(to_json(*policy));

  const auto again = parse_policy(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(write_json(to_json(*again)), text);
}

TEST(policy, the_most_specific_pattern_decides_wherever_it_stands) {
  const auto policy = parse_policy(k_whole);
  ASSERT_TRUE(policy);

  EXPECT_EQ(policy->choose("r.example/team/app").rule->name, "team");
  EXPECT_EQ(policy->choose("r.example/team/vendor/app").rule->name, "vendor");
  EXPECT_EQ(policy->choose("r.example/one").pattern, "r.example/one");
  EXPECT_EQ(policy->choose("r.example/one/more").rule->name, "rest");
  EXPECT_EQ(policy->choose("r.example/teams").rule->name, "rest");
}

TEST(policy, nothing_is_chosen_where_no_rule_fits) {
  const auto policy = parse_policy(policy_with(R"({"key":"k"})", R"({"name":"r","repositories":["x/y"],)" + std::string(k_signed) + "}"));

  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->choose("x/z").rule, nullptr);
}

TEST(policy, refuses_everything_that_would_make_it_weaker_than_it_reads) {
  const std::string key = R"({"key":"k"})";
  const std::string good = rule_with(k_signed);
  const std::vector<std::string> shelf{
      "",
      "{}",
      "[]",
      "null",
      R"({"schemaVersion":1,"rules":[]})",
      R"({"schemaVersion":2,"signers":{"a":{"key":"k"}},"rules":[)" + good + "]}",
      R"({"schemaVersion":1,"signers":{"a":{"key":"k"}},"rules":[)" + good + R"(],"extra":1})",
      R"({"schemaVersion":1,"signers":{"a":{"key":"k"},"b":{"key":"l"}},"rules":[)" + good + "]}",
      R"({"schemaVersion":1,"signers":{"a":{"key":"k"}},"rules":[)" + good + "," + good + "]}",
      policy_with("{}", good),
      policy_with(R"({"key":""})", good),
      policy_with(R"({"key":null})", good),
      policy_with(R"({"key":"k","identity":"i","issuer":"j"})", good),
      policy_with(R"({"identity":"i"})", good),
      policy_with(R"({"identity":"i","issuer":"j","logged":false})", good),
      policy_with(R"({"certificateAuthority":"ca"})", good),
      policy_with(R"({"key":"k","extensions":{"x":"y"}})", good),
      policy_with(R"({"key":"k","role":"x"})", good),
      policy_with(key, rule_with(R"("formats":["wasm"])")),
      policy_with(key, rule_with(R"("grant":{"random":true})")),
      policy_with(key, rule_with(R"("signatures":[])")),
      policy_with(key, rule_with(R"("signatures":[{"signers":[]}])")),
      policy_with(key, rule_with(R"("signatures":[{"signers":["nobody"]}])")),
      policy_with(key, rule_with(R"("signatures":[{"signers":["a","a"]}])")),
      policy_with(key, rule_with(R"("signatures":[{"signers":["a"],"threshold":0}])")),
      policy_with(key, rule_with(R"("signatures":[{"signers":["a"],"threshold":2}])")),
      policy_with(key, rule_with(std::string(k_signed) + R"(,"deny":true)")),
      policy_with(key, rule_with(std::string(k_signed) + R"(,"deny":false)")),
      policy_with(key, rule_with(std::string(k_signed) + R"(,"formats":[])")),
      policy_with(key, R"({"name":"r","repositories":[],)" + std::string(k_signed) + "}"),
      policy_with(key, R"({"name":"r","repositories":["team*"],)" + std::string(k_signed) + "}"),
      policy_with(key, R"({"name":"r","repositories":["*/app"],)" + std::string(k_signed) + "}"),
      policy_with(key, R"({"name":"r","repositories":["host/app:v1"],)" + std::string(k_signed) + "}"),
      policy_with(key, R"({"name":"","repositories":["*"],)" + std::string(k_signed) + "}"),
      policy_with(key, rule_with(R"("attestations":[{"type":"sbom","signers":["a"]}])")),
      policy_with(key, rule_with(R"("attestations":[{"type":"spdx","signers":["a"],"builder":"b"}])")),
      policy_with(key, rule_with(R"("attestations":[{"type":"spdx","signers":["a"],"severities":{"high":1}}])")),
      policy_with(key, rule_with(R"("attestations":[{"type":"vuln","signers":["a"],"severities":{"severe":1}}])")),
      policy_with(key, rule_with(R"("attestations":[{"type":"vuln","signers":["a"],"maxAge":"soon"}])")),
      policy_with(key, rule_with(R"("attestations":[{"type":"vuln","signers":["a"],"conditions":[{"pointer":"x","equals":1}]}])")),
      policy_with(key, rule_with(R"("attestations":[{"type":"vuln","signers":["a"],"conditions":[{"pointer":"/x"}]}])")),
      policy_with(key, rule_with(R"("attestations":[{"type":"vuln","signers":["a"],"conditions":[{"pointer":"/x","equals":{}}]}])")),
  };
  for (const std::string& text : shelf) EXPECT_FALSE(parse_policy(text)) << text;
  EXPECT_TRUE(parse_policy(policy_with(key, good)));
}

TEST(policy, cut_anywhere_is_no_policy) {
  for (std::size_t length = 0; length < k_whole.size(); ++length) EXPECT_FALSE(parse_policy(k_whole.substr(0, length))) << length;
}

TEST(policy, an_age_has_a_unit_and_an_end) {
  EXPECT_EQ(*parse_age("720h"), 720 * 3600);
  EXPECT_EQ(*parse_age("30d"), 30 * 86400);
  for (const char* text : {"", "h", "0h", "12", "-1h", "1.5h", "1w", "99999999999d", "1000000000d"}) EXPECT_FALSE(parse_age(text)) << text;
}

}  // namespace
}  // namespace davit
