#include "oci/trust/sigstore/signing_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "oci/trust/sigstore/id_token.hpp"

namespace davit::oci {
namespace {

constexpr std::int64_t k_now = 1795000000;

std::string config_with(const std::string& logs, const std::string& rules = R"({"selector":"ANY"})") {
  return R"({"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogUrls":[)" + logs + R"(],"rekorTlogConfig":)" +
         rules + "}";
}

std::string service(const std::string& url, int version, const std::string& start, const std::string& end = "",
                    const std::string& who = "") {
  return R"({"url":")" + url + R"(","majorApiVersion":)" + std::to_string(version) + R"(,"validFor":{"start":")" + start + "\"" +
         (end.empty() ? "" : R"(,"end":")" + end + "\"") + R"(},"operator":")" + who + "\"}";
}

std::vector<std::string> chosen(const std::string& text) {
  const auto config = SigningConfig::parse(text);
  if (!config) return {"unreadable: " + config.error().message};
  const auto services = choose_services(config->logs, {1, 2}, k_now);
  if (!services) return {"none"};
  std::vector<std::string> out;
  for (const Service& one : *services) out.push_back(one.url);
  return out;
}

TEST(signing_config, chooses_the_newest_that_is_valid_now_and_understood) {
  using testing::ElementsAre;
  const std::string old = service("old", 1, "2021-01-01T00:00:00Z"), young = service("young", 2, "2026-01-01T00:00:00Z"),
                    later = service("later", 1, "2030-01-01T00:00:00Z"),
                    over = service("over", 1, "2025-01-01T00:00:00Z", "2025-06-01T00:00:00Z"),
                    strange = service("strange", 3, "2026-06-01T00:00:00Z");
  EXPECT_THAT(chosen(config_with(old + "," + young + "," + later + "," + over + "," + strange)), ElementsAre("young"));
  EXPECT_THAT(chosen(config_with(over + "," + strange)), ElementsAre("none"));
  EXPECT_THAT(chosen(config_with("")), testing::IsEmpty());
  EXPECT_THAT(chosen(config_with(service("v1", 1, "2026-01-01T00:00:00Z") + "," + service("v2", 2, "2026-01-01T00:00:00Z"))),
              ElementsAre("v2"));
}

TEST(signing_config, takes_one_of_each_operator_and_as_many_as_it_says) {
  using testing::ElementsAre;
  const std::string logs = service("a2", 1, "2026-02-01T00:00:00Z", "", "a") + "," + service("a1", 1, "2026-01-01T00:00:00Z", "", "a") +
                           "," + service("b", 1, "2025-01-01T00:00:00Z", "", "b");
  EXPECT_THAT(chosen(config_with(logs, R"({"selector":"ALL"})")), ElementsAre("a2", "b"));
  EXPECT_THAT(chosen(config_with(logs, R"({"selector":"EXACT","count":2})")), ElementsAre("a2", "b"));
  EXPECT_THAT(chosen(config_with(logs, R"({"selector":"EXACT","count":3})")), ElementsAre("none"));
  EXPECT_THAT(chosen(config_with(logs, "{}")), ElementsAre("a2"));
}

TEST(signing_config, refuses_what_it_does_not_know) {
  const std::string good = config_with(service("a", 1, "2026-01-01T00:00:00Z"));
  ASSERT_TRUE(SigningConfig::parse(good));
  EXPECT_FALSE(SigningConfig::parse(config_with("{}")));
  EXPECT_FALSE(SigningConfig::parse(config_with(R"({"url":"a","majorApiVersion":1,"validFor":{}})")));
  EXPECT_FALSE(SigningConfig::parse(config_with("", R"({"selector":"SOME"})")));
  EXPECT_FALSE(SigningConfig::parse(config_with("", R"({"selector":"EXACT","count":0})")));
  EXPECT_FALSE(SigningConfig::parse(R"({"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json"})"));
  for (std::size_t length = 0; length < good.size(); ++length) EXPECT_FALSE(SigningConfig::parse(good.substr(0, length)));
}

std::string jwt(const std::string& claims) { return "e30." + encode_base64url(as_bytes(claims)) + ".c2ln"; }

TEST(id_token, names_whom_possession_is_proven_for) {
  const auto subject = [](const std::string& claims) {
    const auto token = IdToken::parse(SecretBytes(std::string_view(jwt(claims))));
    return token ? token->subject() : "refused";
  };
  EXPECT_EQ(subject(R"({"sub":"s","iss":"i"})"), "s");
  EXPECT_EQ(subject(R"({"sub":"s","email":"a@b.example","email_verified":true})"), "a@b.example");
  EXPECT_EQ(subject(R"({"sub":"s","email":"a@b.example"})"), "a@b.example");
  EXPECT_EQ(subject(R"({"sub":"s","email":"a@b.example","email_verified":false})"), "refused");
  EXPECT_EQ(subject(R"({"iss":"i"})"), "refused");
  EXPECT_EQ(subject("no json"), "refused");
  for (const char* text : {"", "a", "a.b", "a.b.c.d", "..", "a.!.c"})
    EXPECT_FALSE(IdToken::parse(SecretBytes(std::string_view(text)))) << text;
}

TEST(id_token, blanks_around_a_token_are_no_part_of_it) {
  const std::string text = jwt(R"({"sub":"s"})");
  const auto token = IdToken::parse(SecretBytes(std::string_view(text + "\r\n")));
  ASSERT_TRUE(token);
  EXPECT_EQ(as_text(token->secret().view()), text);
}

}  // namespace
}  // namespace davit::oci
