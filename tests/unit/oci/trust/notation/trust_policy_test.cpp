#include "oci/trust/notation/trust_policy.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace davit::oci {
namespace {

std::string statement(const std::string& rest) {
  return R"({"name":"a","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:x"],)" + rest + "}";
}
std::string document(const std::string& statements) { return R"({"version":"1.0","trustPolicies":[)" + statements + "]}"; }
std::string with_identities(const std::string& list) { return document(statement(R"("trustedIdentities":)" + list)); }

Result<NotationPolicy> parse(const std::string& text) { return NotationPolicy::parse(text, TrustPolicyKind::oci); }

TEST(notation_trust_policy, chooses_the_statement_that_names_the_repository_over_the_wildcard) {
  const std::string exact =
      R"({"name":"b","registryScopes":["localhost:5000/app"],"signatureVerification":{"level":"audit"},"trustStores":["ca:y","tsa:z"],"trustedIdentities":["*"]})";
  const auto policy = parse(document(statement(R"("trustedIdentities":["*"])") + "," + exact));
  ASSERT_TRUE(policy) << policy.error().message;

  EXPECT_EQ(policy->find_for("localhost:5000/app")->name, "b");
  EXPECT_EQ(policy->find_for("localhost:5000/app2")->name, "a");
  EXPECT_EQ(policy->find_for("*")->name, "a");
  EXPECT_FALSE(parse(document(exact))->find_for("localhost:5000/other"));
  EXPECT_FALSE(parse(document(exact))->find_for(""));
}

TEST(notation_trust_policy, takes_levels_and_what_overrides_them) {
  const auto level = [](const std::string& verification) {
    return parse(document(R"({"name":"a","registryScopes":["*"],"signatureVerification":)" + verification +
                          R"(,"trustStores":["ca:x"],"trustedIdentities":["*"]})"));
  };
  const CheckActions permissive = level(R"({"level":"permissive"})")->statements()[0].actions;
  EXPECT_EQ(permissive.authenticity, CheckAction::enforce);
  EXPECT_EQ(permissive.timestamp, CheckAction::log);
  EXPECT_EQ(permissive.expiry, CheckAction::log);
  EXPECT_EQ(permissive.revocation, CheckAction::log);
  EXPECT_EQ(level(R"({"level":"audit"})")->statements()[0].actions.authenticity, CheckAction::log);
  const CheckActions changed = level(R"({"level":"strict","override":{"expiry":"log","revocation":"skip"}})")->statements()[0].actions;
  EXPECT_EQ(changed.expiry, CheckAction::log);
  EXPECT_EQ(changed.revocation, CheckAction::skip);
  EXPECT_EQ(changed.authenticity, CheckAction::enforce);
  for (const char* bad : {R"({})", R"({"level":""})", R"({"level":"Strict"})", R"({"level":"strict","override":{"integrity":"log"}})",
                          R"({"level":"strict","override":{"expiry":"skip"}})", R"({"level":"strict","override":{"all":"log"}})",
                          R"({"level":"strict","override":{"expiry":"warn"}})", R"({"level":"strict","verifyTimestamp":"never"})",
                          R"({"level":"strict","extra":1})", R"({"level":"skip"})"}) {
    EXPECT_FALSE(level(bad)) << bad;
  }
}

TEST(notation_trust_policy, CVE_2023_25656_GHSA_87x9_7grx_m28v_refuses_hexadecimal_values_in_names) {
  for (const char* name : {"C=US,ST=WA,O=#0401", "C=US,ST=WA,O=x,CN=#3082ffffffff", "C=US,ST=WA,O= #0401", "C=US,ST=WA,O=a\\\\=#b"}) {
    EXPECT_FALSE(parse(with_identities(R"(["x509.subject: )" + std::string(name) + R"("])"))) << name;
  }
}

TEST(notation_trust_policy, refuses_identities_that_break_a_rule) {
  for (const char* list :
       {R"([])", R"([""])", R"(["x509.subject:"])", R"(["x509.subject: "])", R"(["C=US,ST=WA,O=x"])",
        R"(["*","x509.subject: C=US,ST=WA,O=x"])", R"(["other: C=US,ST=WA,O=x"])", R"(["x509.subject: C=US,O=x"])",
        R"(["x509.subject: C=US,ST=WA"])", R"(["x509.subject: ST=WA,O=x"])", R"(["x509.subject: C=US,ST=WA,O=x,C=DE"])",
        R"(["x509.subject: C=US,ST=WA+O=x"])", R"(["x509.subject: C=US,ST=WA,S=WA,O=x"])", R"(["x509.subject: C=US,ST=WA,O="])",
        R"(["x509.subject: C=US,ST=WA,O=x,"])", R"(["x509.subject: C=US,ST=WA,O=x","x509.subject: C=US,ST=WA,O=x,CN=y"])",
        R"(["x509.subject: C=US,ST=WA,O=x","x509.subject: O=x,S=WA,C=US"])"}) {
    EXPECT_FALSE(parse(with_identities(list))) << list;
  }
  EXPECT_TRUE(parse(with_identities(R"(["x509.subject: C=US,ST=WA,O=x,CN=a","x509.subject: C=US, S=WA, O=x, CN=b"])")));
}

TEST(notation_trust_policy, refuses_documents_that_break_a_rule) {
  const std::string good = statement(R"("trustedIdentities":["*"])");
  ASSERT_TRUE(parse(document(good)));
  for (const std::string& text :
       {std::string("{}"), std::string(R"({"version":"1.0"})"), document(""), R"({"version":"2.0","trustPolicies":[)" + good + "]}",
        R"({"trustPolicies":[)" + good + "]}", document(good + "," + good), document(statement(R"("trustedIdentities":["*"],"x":1)")),
        R"({"version":"1.0","x":1,"trustPolicies":[)" + good + "]}",
        document(R"({"name":"a","registryScopes":["*"],"signatureVerification":{"level":"skip"},"trustStores":["ca:x"]})"),
        document(R"({"name":"a","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustedIdentities":["*"]})"),
        document(R"({"name":"","registryScopes":["*"],"signatureVerification":{"level":"skip"}})"),
        document(R"({"name":"a","registryScopes":[],"signatureVerification":{"level":"skip"}})"),
        document(R"({"name":"a","registryScopes":["x/y","x/y"],"signatureVerification":{"level":"skip"}})")}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(notation_trust_policy, refuses_scopes_and_stores_that_are_none) {
  for (const char* scope : {"", "app", "https://x/y", "x/y:tag", "x/y@sha256:00", "x/*", "*/y", "x/Y", "x//y", "x/y/", "/y", "x/y z"}) {
    EXPECT_FALSE(
        parse(document(R"({"name":"a","registryScopes":[")" + std::string(scope) + R"("],"signatureVerification":{"level":"skip"}})")))
        << scope;
  }
  for (const char* store : {"", "ca", "ca:", "*", "ca:*", "ca:.", "ca:..", "ca:a/b", "ca:../x", "CA:x", "x:y", "ca:a b"}) {
    EXPECT_FALSE(parse(document(R"({"name":"a","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":[")" +
                                std::string(store) + R"("],"trustedIdentities":["*"]})")))
        << store;
  }
}

TEST(notation_trust_policy, refuses_every_prefix) {
  const std::string text = with_identities(R"(["x509.subject: C=US,ST=WA,O=x"])");
  for (std::size_t length = 0; length < text.size(); ++length) EXPECT_FALSE(parse(text.substr(0, length))) << length;
}

TEST(notation_trust_policy, judges_every_policy_of_the_vectors_as_its_name_says) {
  const char* vectors = std::getenv("DAVIT_VECTORS");
  const std::filesystem::path folder = std::filesystem::path(vectors != nullptr ? vectors : "") / "notation/trustpolicies";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the vectors are not at " << folder;
  const std::set<std::string> bad{"empty_trusted_identity",
                                  "invalid_format",
                                  "malformed_registry_scope",
                                  "malformed_trust_store",
                                  "missing_state_trusted_identity",
                                  "multi_statements_with_multi_wildcard_registry_scope",
                                  "multi_statements_with_the_same_name",
                                  "overlapped_trusted_identity",
                                  "unset_trusted_identity",
                                  "wildcard_plus_other_registry_scope",
                                  "wildcard_trust_store"};
  std::size_t refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto policy = NotationPolicy::parse(text, name.starts_with("blob") ? TrustPolicyKind::blob : TrustPolicyKind::oci);
    const std::string brief = name.substr(0, name.rfind("_trustpolicy"));
    EXPECT_EQ(policy.has_value(), !bad.contains(brief)) << name << (policy ? "" : ": " + policy.error().message);
    refused += policy ? 0U : 1U;
  }
  EXPECT_EQ(refused, bad.size());
}

TEST(notation_trust_policy, takes_the_global_or_the_named_statement_for_files) {
  const std::string text = document(
      R"({"name":"a","signatureVerification":{"level":"strict"},"trustStores":["ca:x"],"trustedIdentities":["*"]},)"
      R"({"name":"g","globalPolicy":true,"signatureVerification":{"level":"strict"},"trustStores":["ca:x"],"trustedIdentities":["*"]})");
  const auto policy = NotationPolicy::parse(text, TrustPolicyKind::blob);
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->find_named("")->name, "g");
  EXPECT_EQ(policy->find_named("a")->name, "a");
  EXPECT_FALSE(policy->find_named("b"));
  EXPECT_FALSE(policy->find_for("x/y"));
  EXPECT_FALSE(parse(text));
  EXPECT_FALSE(NotationPolicy::parse(document(statement(R"("trustedIdentities":["*"])")), TrustPolicyKind::blob));
}

TEST(distinguished_name, reads_escapes_and_blanks) {
  const auto name = parse_name_rule(R"( C = US , st=W\41 ,O= a\, b\ \  ,CN=x\20y\C3\BC)");
  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(name->at("ST"), "WA");
  EXPECT_EQ(name->at("O"), "a, b  ");
  EXPECT_EQ(name->at("CN"), "x y\xC3\xBC");
  for (const char* bad : {R"(C=US,ST=WA,O=a\)", R"(C=US,ST=WA,O=a\4)", R"(C=US,ST=WA,O=a"b)", R"(C=US,ST=WA,O=a;b)", "C=US,,ST=WA,O=a",
                          "C=US,ST=WA,O=a,=x", "C=US,ST=WA,O=a\\ff", "C=US,ST=WA,O"}) {
    EXPECT_FALSE(parse_name_rule(bad)) << bad;
  }
}

}  // namespace
}  // namespace davit::oci
