#include "oci/trust/verifier.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/statement.hpp"
#include "oci/trust/bundle.hpp"
#include "oci/trust/signer.hpp"
#include "unit/oci/wrapped_repository.hpp"

namespace davit::oci {
namespace {

class VerifierTest : public testing::Test {
 protected:
  VerifierTest() : key_(*PrivateKey::generate()), other_(*PrivateKey::generate()) {
    subject_ = repository_.put_text(R"({"schemaVersion":2})", "v1");
  }

  void sign(const PrivateKey& key, SignatureFormat format = SignatureFormat::bundle) {
    const auto done = sign_manifest(repository_, *subject_, key,
                                    {.identity = "registry.example/app", .created = "1970-01-01T00:00:00Z", .formats = {format}});
    ASSERT_TRUE(done) << done.error().message;
  }
  Result<Verification> verify(VerifierOptions options = {}, const std::string& name = "v1") {
    return (*Verifier::make({key_.public_key()}, options)).verify(repository_, name);
  }
  // A bundle over any payload, signed well with the trusted key.
  std::string bundle_over(const std::string& payload, const std::string& type = std::string(k_statement_payload_type)) {
    const Digest covered = digest_of(pre_authentication_encoding(type, as_bytes(payload)));
    return write_bundle({.media_type = std::string(media_type::k_sigstore_bundle),
                         .key_hint = key_.public_key().hint(),
                         .content = Envelope{.payload_type = type,
                                             .payload = to_bytes(payload),
                                             .signatures = {{"", *key_.sign(SignatureScheme::ecdsa_sha256, {.sha256 = covered})}}}});
  }
  static std::string statement_about(const Digest& digest, std::string_view predicate = k_signature_predicate) {
    return write_statement(
        {.subjects = {{.digests = {{"sha256", digest.hex()}}}}, .predicate_type = std::string(predicate), .predicate = JsonObject{}});
  }
  void expect_refused(std::string_view reason, ErrorCode code = ErrorCode::untrusted) {
    const auto verification = verify();
    ASSERT_TRUE(verification) << verification.error().message;
    EXPECT_FALSE(verification->proof);
    EXPECT_EQ(refusal(*verification).code, code);
    ASSERT_FALSE(verification->findings.empty());
    EXPECT_NE(verification->findings.front().reason.find(reason), std::string::npos) << verification->findings.front().reason;
  }

  PrivateKey key_;
  PrivateKey other_;
  WrappedRepository repository_;
  std::optional<Descriptor> subject_;
};

TEST_F(VerifierTest, finds_a_bundle_that_the_registry_lists_under_another_type) {
  sign(key_);
  repository_.bend_referrers = [](std::vector<Descriptor> found) -> Result<std::vector<Descriptor>> {
    for (Descriptor& referrer : found) referrer.artifact_type = media_type::k_oci_empty;
    return found;
  };

  const auto verification = verify();

  ASSERT_TRUE(verification);
  EXPECT_TRUE(verification->proof);
}

TEST_F(VerifierTest, accepts_a_bundle_signed_with_the_key) {
  sign(key_);

  const auto verification = verify();

  ASSERT_TRUE(verification && verification->proof);
  EXPECT_EQ(verification->proof->digest(), subject_->digest);
  ASSERT_EQ(verification->findings.size(), 1U);
  EXPECT_EQ(verification->findings[0].signer, key_.public_key().name());
}

TEST_F(VerifierTest, accepts_a_classic_signature_and_reports_its_identity) {
  sign(key_, SignatureFormat::classic);

  const auto verification = verify();

  ASSERT_TRUE(verification && verification->proof);
  EXPECT_EQ(verification->findings.at(0).format, SignatureFormat::classic);
  EXPECT_EQ(verification->findings.at(0).identity, "registry.example/app");
}

TEST_F(VerifierTest, needs_a_key) { EXPECT_EQ(Verifier::make(std::vector<PublicKey>{}, {}).error().code, ErrorCode::usage); }

TEST_F(VerifierTest, tells_unsigned_from_untrusted_from_not_asked) {
  auto unsigned_one = verify();
  ASSERT_TRUE(unsigned_one);
  EXPECT_EQ(refusal(*unsigned_one).code, ErrorCode::unsigned_content);

  repository_.bend_referrers = [](auto) { return fail(ErrorCode::network, "the line is down"); };
  EXPECT_EQ(verify().error().code, ErrorCode::network);

  repository_.bend_referrers = nullptr;
  sign(other_);
  expect_refused("signed with another key");
}

TEST_F(VerifierTest, says_not_found_for_a_tag_that_is_not_there) { EXPECT_EQ(verify({}, "v2").error().code, ErrorCode::not_found); }

TEST_F(VerifierTest, does_not_call_it_unsigned_when_the_classic_tag_cannot_be_asked) {
  repository_.bend_manifest = [](const std::string& name, Result<RawManifest> found) -> Result<RawManifest> {
    if (name.ends_with(".sig")) return fail(ErrorCode::denied, "no");
    return found;
  };

  EXPECT_EQ(verify().error().code, ErrorCode::denied);
}

TEST_F(VerifierTest, does_not_call_it_untrusted_when_a_candidate_cannot_be_fetched) {
  sign(key_);
  repository_.bend_blob = [](const Descriptor&) { return fail(ErrorCode::network, "the line is down"); };

  EXPECT_EQ(verify().error().code, ErrorCode::network);
}

TEST_F(VerifierTest, CVE_2022_47633_resolves_a_tag_once_and_then_goes_by_the_digest) {
  sign(key_);
  int by_tag = 0;
  repository_.bend_manifest = [&](const std::string& name, Result<RawManifest> found) {
    by_tag += name == "v1" ? 1 : 0;
    return found;
  };

  const auto verification = verify();

  ASSERT_TRUE(verification && verification->proof);
  EXPECT_EQ(by_tag, 0);
  EXPECT_EQ(verification->proof->digest(), subject_->digest);
}

TEST_F(VerifierTest, finds_one_good_signature_among_two_signers) {
  sign(other_);
  sign(key_);
  sign(other_, SignatureFormat::classic);
  sign(key_, SignatureFormat::classic);

  const auto verification = verify();

  ASSERT_TRUE(verification && verification->proof);
  EXPECT_EQ(verification->findings.size(), 4U);
  EXPECT_EQ(std::ranges::count(verification->findings, true, &Finding::verified), 2);
}

TEST_F(VerifierTest, refuses_a_payload_changed_after_signing) {
  auto bundle = *parse_bundle(bundle_over(statement_about(digest_of("something else"))));
  std::get<Envelope>(bundle.content).payload = to_bytes(statement_about(subject_->digest));
  repository_.put_bundle(write_bundle(bundle), *subject_);

  expect_refused("does not fit the signed bytes");
}

TEST_F(VerifierTest, refuses_a_payload_type_changed_after_signing) {
  auto bundle = *parse_bundle(bundle_over(statement_about(subject_->digest), "application/other"));
  std::get<Envelope>(bundle.content).payload_type = std::string(k_statement_payload_type);
  repository_.put_bundle(write_bundle(bundle), *subject_);

  expect_refused("does not fit the signed bytes");
}

TEST_F(VerifierTest, refuses_a_good_signature_over_another_payload_type) {
  repository_.put_bundle(bundle_over(statement_about(subject_->digest), "application/other"), *subject_);

  expect_refused("the signed payload is");
}

TEST_F(VerifierTest, refuses_a_statement_about_another_artifact) {
  repository_.put_bundle(bundle_over(statement_about(digest_of("something else"))), *subject_);

  expect_refused("about something else");
}

TEST_F(VerifierTest, refuses_an_attestation_in_place_of_a_signature) {
  repository_.put_bundle(bundle_over(statement_about(subject_->digest, "https://slsa.dev/provenance/v1")), *subject_);

  expect_refused("attestation of type \"https://slsa.dev/provenance/v1\"");
}

TEST_F(VerifierTest, refuses_a_well_signed_payload_that_is_no_statement) {
  repository_.put_bundle(bundle_over("not json"), *subject_);

  expect_refused("statement cannot be read");
}

TEST_F(VerifierTest, refuses_a_files_signature_for_a_manifest) {
  repository_.put_bundle(*sign_file({.sha256 = subject_->digest}, key_), *subject_);

  expect_refused("a file's signature");
}

TEST_F(VerifierTest, refuses_a_certificate_when_a_key_was_given) {
  std::string bundle = bundle_over(statement_about(subject_->digest));
  const std::string material = "\"publicKey\":{\"hint\":\"" + key_.public_key().hint() + "\"}";
  bundle.replace(bundle.find(material), material.size(), R"("certificate":{"rawBytes":"AA=="})");
  repository_.put_bundle(bundle, *subject_);

  expect_refused("signed with a certificate");
}

TEST_F(VerifierTest, does_not_choose_by_the_hint) {
  auto bundle = *parse_bundle(bundle_over(statement_about(subject_->digest)));
  bundle.key_hint = "somebody else";
  repository_.put_bundle(write_bundle(bundle), *subject_);

  const auto verification = verify();

  ASSERT_TRUE(verification);
  EXPECT_TRUE(verification->proof);
}

TEST_F(VerifierTest, CVE_2023_46737_stops_at_more_candidates_than_the_limit) {
  for (int i = 0; i < 5; ++i) repository_.put_bundle(bundle_over("x" + std::to_string(i)), *subject_);

  const auto verification = verify({.max_signatures = 4});

  ASSERT_FALSE(verification);
  EXPECT_EQ(verification.error().code, ErrorCode::limit);
  EXPECT_LE(repository_.manifests_fetched, 5);
}

TEST_F(VerifierTest, stops_at_more_classic_layers_than_the_limit) {
  std::string layers;
  for (int i = 0; i < 5; ++i) {
    Descriptor layer = repository_.put_content("payload", k_simple_signing_media_type);
    layer.annotations.emplace(k_classic_signature_annotation, encode_base64(as_bytes("s" + std::to_string(i))));
    layers += (i > 0 ? "," : "") + write_json(to_json(layer));
  }
  repository_.put_text(R"({"layers":[)" + layers + "]}", classic_signature_tag(subject_->digest));

  EXPECT_EQ(verify({.max_signatures = 4}).error().code, ErrorCode::limit);
}

TEST_F(VerifierTest, does_not_fetch_what_claims_to_be_huge) {
  Descriptor layer = repository_.put_content("{}", media_type::k_sigstore_bundle);
  layer.size = std::uint64_t{1} << 60;
  repository_.put_text(write_json(
      JsonObject{{"artifactType", media_type::k_sigstore_bundle}, {"layers", JsonArray{to_json(layer)}}, {"subject", to_json(*subject_)}}));

  expect_refused("over the limit");
}

TEST_F(VerifierTest, refuses_a_candidate_whose_manifest_was_swapped) {
  sign(key_);
  repository_.bend_manifest = [&](const std::string& name, Result<RawManifest> found) -> Result<RawManifest> {
    if (found && name.starts_with("sha256:")) found->bytes.push_back(std::byte{' '});
    return found;
  };

  expect_refused("does not have the digest");
}

TEST_F(VerifierTest, refuses_a_bundle_whose_bytes_were_swapped) {
  sign(key_);
  repository_.bend_blob = [&](const Descriptor&) -> Result<std::unique_ptr<Source>> { return make_memory_source(to_bytes("{}")); };

  expect_refused("does not have the digest");
}

TEST_F(VerifierTest, reports_referrers_that_are_listed_and_missing) {
  repository_.bend_referrers = [](std::vector<Descriptor> list) {
    list.push_back({.media_type = std::string(media_type::k_oci_manifest),
                    .digest = davit::digest_of("gone"),
                    .size = 4,
                    .artifact_type = std::string(media_type::k_sigstore_bundle)});
    return Result<std::vector<Descriptor>>(std::move(list));
  };

  expect_refused("not in this repository");
}

TEST_F(VerifierTest, passes_over_garbage_and_foreign_referrers) {
  const std::string subject = R"("subject":)" + write_json(to_json(*subject_));
  repository_.put_text("{" + subject + R"(,"artifactType":"application/vnd.example.sbom"})");
  repository_.put_text("{" + subject + R"(,"layers":[]})");
  repository_.put_text("{" + subject + R"(,"manifests":[]})");
  sign(key_);

  const auto verification = verify();

  ASSERT_TRUE(verification && verification->proof);
  EXPECT_EQ(verification->findings.size(), 1U);
}

TEST_F(VerifierTest, reports_garbage_that_claims_to_be_a_bundle) {
  const std::string subject = R"("subject":)" + write_json(to_json(*subject_));
  const std::string type = R"(,"artifactType":")" + std::string(media_type::k_sigstore_bundle) + '"';
  repository_.put_text("{" + subject + type + "}");
  repository_.put_text("{" + subject + type + R"(,"layers":[]})");
  repository_.put_text("{" + subject + type + R"(,"layers":[7]})");
  repository_.put_text("{" + subject + type + R"(,"layers":"many"})");
  repository_.put_bundle("not a bundle", *subject_);

  const auto verification = verify();

  ASSERT_TRUE(verification);
  EXPECT_FALSE(verification->proof);
  EXPECT_EQ(verification->findings.size(), 5U);
  EXPECT_EQ(refusal(*verification).code, ErrorCode::untrusted);
}

TEST_F(VerifierTest, ends_when_referrers_name_each_other_or_repeat) {
  repository_.bend_referrers = [&](std::vector<Descriptor> list) {
    // The subject named as a referrer of itself, over and over.
    for (int i = 0; i < 1000; ++i) list.push_back(*subject_);
    return Result<std::vector<Descriptor>>(std::move(list));
  };

  const auto verification = verify();

  ASSERT_TRUE(verification);
  EXPECT_EQ(refusal(*verification).code, ErrorCode::unsigned_content);
  EXPECT_LE(repository_.manifests_fetched, 2);
}

TEST_F(VerifierTest, checks_a_file_against_its_bundle) {
  const Verifier verifier = *Verifier::make({key_.public_key()}, {});
  const auto accepts = [&](const Descriptor& what, const std::string& text) {
    const ArtifactView view{.digest = what.digest, .size = what.size, .message = {.sha256 = what.digest}, .is_file = true};
    return verifier.verify_file(view, {BundleText{to_bytes(text)}}).proof.has_value();
  };
  const Descriptor file = describe(as_bytes("content"), media_type::k_wasm);
  const Descriptor another = describe(as_bytes("contents"), media_type::k_wasm);
  const std::string bundle = *sign_file({.sha256 = file.digest}, key_);

  EXPECT_TRUE(accepts(file, bundle));
  EXPECT_TRUE(accepts(file, bundle_over(statement_about(file.digest))));
  EXPECT_FALSE(accepts(another, bundle));
  EXPECT_FALSE(accepts(another, bundle_over(statement_about(file.digest))));
  EXPECT_FALSE(accepts(file, *sign_file({.sha256 = file.digest}, other_)));
  EXPECT_FALSE(accepts(file, bundle_over(statement_about(file.digest, "p"))));
}

}  // namespace
}  // namespace davit::oci
