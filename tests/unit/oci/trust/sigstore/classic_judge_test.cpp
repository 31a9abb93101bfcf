#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "oci/trust/sigstore/classic_material.hpp"
#include "support/forge/forms.hpp"

namespace davit::oci {
namespace {

using namespace davit::forge;

Question manifest_question(const std::string& predicate_type = "") {
  Question out = question(predicate_type);
  out.artifact.is_file = false;
  return out;
}

Finding judged(const ClassicMaking& making, const std::string& predicate_type = "") {
  return judge_classic(entry_of(making), manifest_question(predicate_type), trust_of(*making.world));
}

TEST(classic_judge, accepts_certificates_with_promise_and_timestamp) {
  World world;
  const Finding finding = judged(make_classic(world, true, true));
  ASSERT_TRUE(finding.verified) << finding.reason;
  EXPECT_EQ(finding.signer, k_signer);
  EXPECT_EQ(finding.identity, "registry.example/app");
  EXPECT_EQ(finding.logs.size(), 1U);
  EXPECT_TRUE(finding.logs.front().promised);
  EXPECT_EQ(finding.times.size(), 2U);
}

TEST(classic_judge, accepts_attestations_of_every_kind_of_entry) {
  World world;
  for (const bool keyless : {false, true}) {
    for (const char* kind : {"dsse", "intoto", "intoto_1"}) {
      const ClassicMaking making = make_classic_attestation(world, keyless, kind);
      SigstoreTrust trust = trust_of(world);
      if (!keyless)
        trust = {.keys = {*PublicKey::from_der(making.key.spki())}, .root = trust.root, .min_logs_with_key = 1, .now = trust.now};
      const Finding finding = judge_classic(entry_of(making), manifest_question(k_predicate), trust);
      EXPECT_TRUE(finding.verified) << kind << ": " << finding.reason;
      EXPECT_TRUE(finding.statement.has_value());
      EXPECT_EQ(judge_classic(entry_of(making), manifest_question(), trust).refusal, Refusal::wrong_type);
    }
  }
}

TEST(classic_judge, CVE_2022_23649_the_bundle_of_another_signature_is_no_evidence) {
  World world;
  for (const bool keyless : {false, true}) {
    ClassicMaking making = make_classic(world, keyless, true);
    const ClassicMaking other = make_classic(world, keyless, true);
    making.entry.bundle = other.entry.bundle;
    SigstoreTrust trust = trust_of(world);
    if (!keyless) trust.keys = {*PublicKey::from_der(making.key.spki())};
    EXPECT_EQ(judge_classic(entry_of(making), manifest_question(), trust).refusal, Refusal::not_logged);
  }
}

TEST(classic_judge, CVE_2022_23649_the_bundle_of_another_payload_is_no_evidence) {
  World world;
  ClassicMaking making = make_classic(world, true, true);
  making.payload = simple_signing(davit::digest_of(std::string_view("other")).text());
  making.signature = making.key.sign(as_bytes(making.payload));
  making.entry.signature = encode_base64(making.signature);
  EXPECT_EQ(judged(making).refusal, Refusal::not_logged);
}

TEST(classic_judge, a_certificate_needs_a_log_a_time_and_its_issuer) {
  World world;
  EXPECT_EQ(judged(make_classic(world, true, false)).refusal, Refusal::not_logged);
  ClassicMaking making = make_classic(world, true, true);
  making.entry.bundle.clear();
  EXPECT_EQ(judged(making).refusal, Refusal::not_logged);
  making = make_classic(world, true, true);
  making.entry.certificate = forge::pem("CERTIFICATE", world.certify(Key::ec()));
  EXPECT_EQ(judged(making).refusal, Refusal::bad_signature);
  making = make_classic(world, true, true);
  making.entry.chain.clear();
  EXPECT_TRUE(judged(making).verified) << "the trusted root knows the issuer";
}

TEST(classic_judge, a_root_in_the_annotations_is_not_believed_for_being_there) {
  World world, rogue;
  ClassicMaking making = make_classic(rogue, true, true);
  std::swap(world.rekor, rogue.rekor);
  std::swap(world.tsa, rogue.tsa);
  making.world = &world;
  EXPECT_EQ(judged(making).refusal, Refusal::untrusted_chain);
}

TEST(classic_judge, a_key_that_was_given_counts_although_a_certificate_stands_there) {
  World world;
  const ClassicMaking making = make_classic(world, true, false);
  const SigstoreTrust trust{.keys = {*PublicKey::from_der(making.key.spki())}};
  EXPECT_TRUE(judge_classic(entry_of(making), manifest_question(), trust).verified);
  const SigstoreTrust other{.keys = {*PublicKey::from_der(Key::ec().spki())}};
  EXPECT_EQ(judge_classic(entry_of(making), manifest_question(), other).refusal, Refusal::wrong_key);
}

TEST(classic_judge, annotations_that_are_not_what_they_must_be_are_refused) {
  World world;
  const ClassicMaking good = make_classic(world, true, true);
  const std::string shelf[] = {"x",
                               "{}",
                               "null",
                               "[]",
                               R"({"SignedEntryTimestamp":"AA=="})",
                               R"({"SignedEntryTimestamp":"AA==","Payload":{"body":"e30=","integratedTime":-1,"logIndex":1,"logID":"00"}})",
                               R"({"SignedEntryTimestamp":"AA==","Payload":{"body":"e30=","integratedTime":1,"logIndex":1,"logID":"zz"}})"};
  for (const std::string& text : shelf) {
    ClassicMaking bundle = good, timestamp = good, certificate = good, chain = good;
    bundle.entry.bundle = text;
    timestamp.entry.timestamp = text;
    certificate.entry.certificate = text;
    chain.entry.chain = text;
    for (const ClassicMaking& making : {bundle, timestamp, certificate, chain})
      EXPECT_EQ(judged(making).refusal, Refusal::malformed) << text;
  }
  for (std::size_t length = 1; length < good.entry.bundle.size(); length += 29) {
    ClassicMaking cut = good;
    cut.entry.bundle.resize(length);
    EXPECT_FALSE(judged(cut).verified);
  }
}

}  // namespace
}  // namespace davit::oci
