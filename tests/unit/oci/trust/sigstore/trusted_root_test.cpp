#include "oci/trust/sigstore/trusted_root.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/forge/sigstore.hpp"

namespace davit::oci {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string good() {
  static const std::string text = forge::World().trusted_root();
  return text;
}

TEST(trusted_root, names_its_logs_and_authorities) {
  const auto root = TrustedRoot::parse(good());
  ASSERT_TRUE(root) << root.error().message << root.error().place;
  ASSERT_EQ(root->logs().size(), 2U);
  EXPECT_EQ(root->logs()[1].host, "log1.tiles.example");
  EXPECT_EQ(root->logs()[1].key.kind(), KeyKind::ed25519);
  EXPECT_EQ(root->certificate_logs().size(), 2U);
  ASSERT_EQ(root->certificate_authorities().size(), 1U);
  EXPECT_EQ(root->certificate_authorities()[0].chain.read()->size(), 2U);
  EXPECT_EQ(root->timestamp_authorities()[0].name, "tsa");
  EXPECT_EQ(root->newest_start(), forge::k_epoch);
  EXPECT_THAT(root->summary(forge::k_epoch + 3 * 86400),
              testing::EndsWith("2 logs, 1 certificate authority, 2 certificate logs, 1 timestamp "
                                "authority; its youngest entry is of 2026-01-01T00:00:00Z, 3 days ago"));
}

TEST(trusted_root, knows_every_media_type_and_the_clients_configuration) {
  constexpr std::string_view k_type = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
  for (const char* type : {"application/vnd.dev.sigstore.trustedroot.v0.1+json", "application/vnd.dev.sigstore.trustedroot.v0.2+json"})
    EXPECT_TRUE(TrustedRoot::parse(replaced(good(), k_type, type))) << type;
  EXPECT_TRUE(TrustedRoot::parse(
      R"({"mediaType":"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json","signingConfig":{},"trustedRoot":)" + good() + "}"));
  for (const char* type : {"", "application/json", "application/vnd.dev.sigstore.trustedroot.v0.3+json"})
    EXPECT_EQ(TrustedRoot::parse(replaced(good(), k_type, type)).error().code, ErrorCode::unsupported) << type;
}

TEST(trusted_root, a_window_must_say_when_it_starts) {
  constexpr std::string_view k_window = R"({"start":"2026-01-01T00:00:00Z"})";
  EXPECT_EQ(TrustedRoot::parse(replaced(good(), k_window, "{}")).error().code, ErrorCode::malformed);
  EXPECT_EQ(TrustedRoot::parse(replaced(good(), k_window, R"({"start":null})")).error().code, ErrorCode::malformed);
  EXPECT_EQ(TrustedRoot::parse(replaced(good(), k_window, R"({"start":"yesterday"})")).error().code, ErrorCode::malformed);
  EXPECT_EQ(TrustedRoot::parse(replaced(good(), R"(,"validFor":{"start":"2026-01-01T00:00:00Z"})", "")).error().code, ErrorCode::malformed);
  const auto root = TrustedRoot::parse(replaced(good(), k_window, R"({"start":"2026-01-01T00:00:00Z","end":null})"));
  ASSERT_TRUE(root);
  EXPECT_EQ(root->logs()[0].valid.end, std::nullopt);
}

TEST(trusted_root, a_key_of_an_unknown_kind_never_counts_and_is_named) {
  const std::string ed448 = "MEMwBQYDK2VxAzoAX9dEm1m0Yf0s54fsYWrUah2hNCSFpw4fig6nXYDpZ3jt8SR2m0bHBhvWeD3x5Q9s0foavq+oJWGA";
  std::string text = good();
  const std::size_t at = text.find("\"rawBytes\":\"") + 12;
  text.replace(at, text.find('"', at) - at, ed448);
  const auto root = TrustedRoot::parse(text);
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->logs().size(), 1U);
  ASSERT_EQ(root->passed_over().size(), 1U);
  EXPECT_THAT(root->passed_over()[0], testing::HasSubstr("rekor.example"));
}

// SEQUENCE { SEQUENCE {}, SEQUENCE {}, BIT STRING } and nothing in them.
constexpr std::string_view k_hollow = "MAcwADAAAwEA";

std::string with_first_certificate(std::string_view base64) {
  return replaced(good(), "\"certificates\":[{", "\"certificates\":[{\"rawBytes\":\"" + std::string(base64) + "\"},{");
}

TEST(trusted_root, a_certificate_is_read_when_it_is_wanted) {
  const auto root = TrustedRoot::parse(with_first_certificate(k_hollow));
  ASSERT_TRUE(root) << root.error().message;
  const AuthorityChain chain = root->certificate_authorities()[0].chain;
  EXPECT_EQ(chain.read().error().code, ErrorCode::malformed);
  EXPECT_EQ(root->certificate_authorities()[0].chain.read().error().message, chain.read().error().message);
  EXPECT_TRUE(root->timestamp_authorities()[0].chain.read());
}

TEST(trusted_root, what_has_not_the_shape_of_a_certificate_is_refused_at_once) {
  for (const char* broken : {"", "AAAA", "MAA=", "MAQwADAA", "MAcwADAAAwEAAA==", "MAgwADAAAwEABQA=", "MAcwADAAAgEA", "MYcwADAAAwEA"})
    EXPECT_EQ(TrustedRoot::parse(with_first_certificate(broken)).error().code, ErrorCode::malformed) << broken;
}

TEST(trusted_root, refuses_what_it_does_not_know_and_what_is_broken) {
  EXPECT_FALSE(TrustedRoot::parse(replaced(good(), "\"tlogs\"", "\"logs\"")));
  EXPECT_FALSE(TrustedRoot::parse(replaced(good(), "\"logId\"", "\"logIdentity\"")));
  EXPECT_FALSE(TrustedRoot::parse(replaced(good(), "\"certificates\":[{", "\"certificates\":[{\"rawBytes\":\"AAAA\"},{")));
  EXPECT_FALSE(TrustedRoot::parse(replaced(good(), "\"keyId\":\"", "\"keyId\":\"AA")));
  for (std::size_t length = 0; length < good().size(); length += 13) EXPECT_FALSE(TrustedRoot::parse(good().substr(0, length)));
}

}  // namespace
}  // namespace davit::oci
