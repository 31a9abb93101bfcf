// notation's files on disk, and envelopes in stores.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "manifests/media_type.hpp"
#include "manifests/time_text.hpp"
#include "oci/io/file.hpp"
#include "oci/layout.hpp"
#include "oci/trust/crypto/timestamp.hpp"
#include "oci/trust/notation/countersignature.hpp"
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/manifest.hpp"
#include "oci/trust/notation/trust_store.hpp"
#include "support/forge/certificates.hpp"

namespace davit::oci {
namespace {

namespace fs = std::filesystem;

const forge::CertificateSpec k_root_spec{.common_name = "root", .ca = true, .key_usage = "critical,keyCertSign", .extended_key_usage = ""};
constexpr const char* k_policy =
    R"({"version":"1.0","trustPolicies":[{"name":"a","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:e2e"],"trustedIdentities":["*"]}]})";

void put(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  ASSERT_TRUE(write_file(path.string(), as_bytes(text), 0644));
}

struct Folder {
  TempDir dir = *TempDir::create("");
  fs::path root = dir.path();
  [[nodiscard]] fs::path store(const std::string& kind = "ca", const std::string& name = "e2e") const {
    return root / "truststore/x509" / kind / name;
  }
  [[nodiscard]] std::string text() const { return root.string(); }
};

std::string root_pem(const forge::CertificateSpec& spec = k_root_spec) {
  const forge::Key key = forge::Key::ec();
  return forge::pem("CERTIFICATE", forge::make_certificate(key, spec, {}, key));
}

TEST(notation_files_on_disk, the_policy_is_found_under_its_new_name_then_its_old_one) {
  const Folder folder;
  EXPECT_EQ(load_notation_policy(folder.text(), TrustPolicyKind::oci).error().code, ErrorCode::not_found);
  put(folder.root / "trustpolicy.json", k_policy);
  EXPECT_EQ(load_notation_policy(folder.text(), TrustPolicyKind::oci)->path, folder.text() + "/trustpolicy.json");
  put(folder.root / "trustpolicy.oci.json", k_policy);
  EXPECT_EQ(load_notation_policy(folder.text(), TrustPolicyKind::oci)->path, folder.text() + "/trustpolicy.oci.json");
  EXPECT_EQ(load_notation_policy(folder.text(), TrustPolicyKind::blob).error().code, ErrorCode::not_found);
  // A broken new file is an error, not a reason to fall back.
  put(folder.root / "trustpolicy.oci.json", "{}");
  EXPECT_EQ(load_notation_policy(folder.text(), TrustPolicyKind::oci).error().code, ErrorCode::malformed);
}

TEST(notation_files_on_disk, a_policy_must_be_a_regular_file_that_only_its_owner_writes) {
  const Folder folder;
  put(folder.root / "real.json", k_policy);
  EXPECT_TRUE(load_policy_file(folder.text() + "/real.json", TrustPolicyKind::oci)->warnings.empty());
  ::chmod((folder.text() + "/real.json").c_str(), 0666);
  EXPECT_EQ(load_policy_file(folder.text() + "/real.json", TrustPolicyKind::oci)->warnings.size(), 1U);
  fs::create_symlink("real.json", folder.root / "link.json");
  EXPECT_EQ(load_policy_file(folder.text() + "/link.json", TrustPolicyKind::oci).error().code, ErrorCode::io);
  fs::create_directory(folder.root / "dir.json");
  EXPECT_EQ(load_policy_file(folder.text() + "/dir.json", TrustPolicyKind::oci).error().code, ErrorCode::io);
}

TEST(notation_files_on_disk, a_store_holds_certificates_in_pem_and_der_and_nothing_else) {
  const Folder folder;
  const TrustStoreName name{.kind = TrustStoreKind::ca, .name = "e2e"};
  EXPECT_EQ(load_trust_store(folder.text(), name).error().code, ErrorCode::not_found);
  fs::create_directories(folder.store());
  EXPECT_EQ(load_trust_store(folder.text(), name).error().code, ErrorCode::not_found);
  put(folder.store() / "two.pem", root_pem() + root_pem());
  const forge::Key key = forge::Key::ec();
  put(folder.store() / "one.der", davit::as_text(forge::make_certificate(key, k_root_spec, {}, key)));
  EXPECT_EQ(load_trust_store(folder.text(), name)->size(), 3U);
  put(folder.store() / "notes.txt", "not a certificate");
  EXPECT_EQ(load_trust_store(folder.text(), name).error().code, ErrorCode::malformed);
}

TEST(notation_files_on_disk, a_store_has_no_links_and_no_folders) {
  const Folder folder;
  const TrustStoreName name{.kind = TrustStoreKind::ca, .name = "e2e"};
  put(folder.root / "elsewhere.pem", root_pem());
  fs::create_directories(folder.store());
  fs::create_symlink(folder.root / "elsewhere.pem", folder.store() / "link.pem");
  EXPECT_EQ(load_trust_store(folder.text(), name).error().code, ErrorCode::io);
  fs::remove(folder.store() / "link.pem");
  put(folder.store() / "deeper/root.pem", root_pem());
  EXPECT_EQ(load_trust_store(folder.text(), name).error().code, ErrorCode::io);
  fs::create_directory_symlink(folder.store(), folder.store("ca", "linked"));
  EXPECT_EQ(load_trust_store(folder.text(), {.kind = TrustStoreKind::ca, .name = "linked"}).error().code, ErrorCode::io);
}

TEST(notation_files_on_disk, only_what_can_stand_at_the_top_of_a_chain_is_an_anchor) {
  const Folder folder;
  const forge::Authority authority("a");
  const std::string middle = forge::pem("CERTIFICATE", authority.issuer);
  const std::string leaf = forge::pem("CERTIFICATE", authority.issue(forge::Key::ec(), {.common_name = "leaf"}));
  put(folder.store("ca") / "middle.pem", middle);
  put(folder.store("tsa") / "middle.pem", middle);
  put(folder.store("ca", "leaf") / "leaf.pem", leaf);
  EXPECT_TRUE(load_trust_store(folder.text(), {.kind = TrustStoreKind::ca, .name = "e2e"}));
  EXPECT_EQ(load_trust_store(folder.text(), {.kind = TrustStoreKind::tsa, .name = "e2e"}).error().code, ErrorCode::untrusted);
  EXPECT_EQ(load_trust_store(folder.text(), {.kind = TrustStoreKind::ca, .name = "leaf"}).error().code, ErrorCode::untrusted);
}

TEST(notation_files_on_disk, a_statement_comes_with_each_of_its_stores) {
  const Folder folder;
  put(folder.store("ca", "one") / "a.pem", root_pem());
  put(folder.store("signingAuthority", "two") / "a.pem", root_pem() + root_pem());
  put(folder.store("tsa", "three") / "a.pem", root_pem());
  TrustStatement statement{
      .stores = {{TrustStoreKind::ca, "one"}, {TrustStoreKind::signing_authority, "two"}, {TrustStoreKind::tsa, "three"}}};
  const auto trust = load_notation_trust(folder.text(), statement);
  ASSERT_TRUE(trust) << trust.error().message;
  EXPECT_EQ(trust->authorities.size(), 1U);
  EXPECT_EQ(trust->signing_authorities.size(), 2U);
  EXPECT_EQ(trust->timestamp_authorities.size(), 1U);
  EXPECT_TRUE(trust->names_timestamp_store);
  statement.stores.push_back({TrustStoreKind::ca, "absent"});
  EXPECT_EQ(load_notation_trust(folder.text(), statement).error().code, ErrorCode::not_found);
}

ImageManifest signature_manifest(const Digest& subject) {
  const Descriptor config{.media_type = std::string(media_type::k_oci_empty), .digest = davit::digest_of("{}"), .size = 2};
  return {.artifact_type = std::string(k_notation_artifact_type),
          .config = config,
          .layers = {{.media_type = std::string(k_jws_media_type), .digest = davit::digest_of("e"), .size = 1}},
          .subject = Descriptor{.media_type = "m", .digest = subject, .size = 1}};
}

TEST(notation_manifest, is_known_by_its_type_or_by_that_of_its_configuration) {
  const Digest subject = davit::digest_of("subject");
  ImageManifest manifest = signature_manifest(subject);
  ASSERT_TRUE(find_notation_candidate(manifest, subject));
  EXPECT_EQ((*find_notation_candidate(manifest, subject))->format, SignatureFormat::notation_jws);
  manifest.artifact_type.clear();
  EXPECT_FALSE(*find_notation_candidate(manifest, subject));
  manifest.config.media_type = k_notation_artifact_type;
  manifest.layers[0].media_type = k_cose_media_type;
  EXPECT_EQ((*find_notation_candidate(manifest, subject))->format, SignatureFormat::notation_cose);
  manifest.artifact_type = "something/else";
  EXPECT_FALSE(*find_notation_candidate(manifest, subject));
}

TEST(notation_manifest, refuses_one_that_says_it_is_one_and_is_not_whole) {
  const Digest subject = davit::digest_of("subject");
  const auto code = [&](auto change) {
    ImageManifest manifest = signature_manifest(subject);
    change(manifest);
    const auto found = find_notation_candidate(manifest, subject);
    return found ? ErrorCode::internal : found.error().code;
  };
  EXPECT_EQ(code([](ImageManifest& m) { m.config.media_type = k_notation_artifact_type; }), ErrorCode::malformed);
  EXPECT_EQ(code([](ImageManifest& m) { m.layers.clear(); }), ErrorCode::malformed);
  EXPECT_EQ(code([](ImageManifest& m) { m.layers.push_back(m.layers[0]); }), ErrorCode::malformed);
  EXPECT_EQ(code([](ImageManifest& m) { m.subject.reset(); }), ErrorCode::malformed);
  EXPECT_EQ(code([](ImageManifest& m) { m.subject->digest = davit::digest_of("other"); }), ErrorCode::malformed);
  EXPECT_EQ(code([](ImageManifest& m) { m.layers[0].media_type = "application/json"; }), ErrorCode::unsupported);
  EXPECT_EQ(code([](ImageManifest& m) { m.layers[0].size = k_max_notary_bytes + 1; }), ErrorCode::limit);
}

TEST(notation_manifest, is_written_as_notation_writes_it) {
  const auto repository = make_memory_repository();
  const forge::Key key = forge::Key::ec();
  const Certificate certificate = *Certificate::parse(forge::make_certificate(key, k_root_spec, {}, key));
  const Descriptor subject{.media_type = std::string(media_type::k_oci_manifest), .digest = davit::digest_of("s"), .size = 1};

  const auto put =
      put_notation_envelope(*repository, subject, as_bytes("{}x"), k_jws_media_type, std::span(&certificate, 1), "2026-01-01T00:00:00Z");

  ASSERT_TRUE(put) << put.error().message;
  const auto raw = repository->fetch_manifest(put->digest.text());
  EXPECT_EQ(davit::as_text(raw->bytes),
            R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
            R"("config":{"mediaType":"application/vnd.cncf.notary.signature",)"
            R"("digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},)"
            R"("layers":[{"mediaType":"application/jose+json","digest":")" +
                davit::digest_of("{}x").text() +
                R"(","size":3}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" + subject.digest.text() +
                R"(","size":1},"annotations":{"io.cncf.notary.x509chain.thumbprint#S256":"[\")" + certificate.fingerprint().hex() +
                R"(\"]","org.opencontainers.image.created":"2026-01-01T00:00:00Z"}})");
}

// --- the layouts that notation itself wrote ---

class NotationVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* vectors = std::getenv("DAVIT_VECTORS");
    folder_ = fs::path(vectors != nullptr ? vectors : "") / "notation";
    if (!fs::exists(folder_)) GTEST_SKIP() << "the vectors are not at " << folder_;
  }

  [[nodiscard]] std::vector<Certificate> anchor() const {
    return *Certificate::parse_pem_chain(davit::as_text(*read_file((folder_ / "e2e.crt").string(), 65536)));
  }

  // Every signature of the layout's tag v1, judged.
  [[nodiscard]] std::vector<Finding> judge_layout(const std::string& name, const NotationTrust& trust, std::int64_t now) const {
    const auto layout = open_layout((folder_ / "layouts" / name).string());
    std::vector<Finding> findings;
    const Descriptor subject = *layout->resolve("v1");
    const auto referrers = layout->list_referrers(subject.digest, "");
    for (const Descriptor& referrer : *referrers) {
      EXPECT_TRUE(may_be_notation(referrer));
      const auto raw = layout->fetch_manifest(referrer.digest.text());
      const auto candidate = find_notation_candidate(*parse_image_manifest(raw->bytes), subject.digest);
      EXPECT_TRUE(candidate && *candidate) << name;
      const auto source = layout->open_blob((*candidate)->envelope);
      const Bytes envelope = *read_all(**source, k_max_notary_bytes);
      const ArtifactView artifact{
          .digest = subject.digest, .size = subject.size, .media_type = subject.media_type, .message = {.sha256 = subject.digest}};
      findings.push_back(judge_notation(envelope, (*candidate)->envelope.media_type, artifact, trust, now));
    }
    return findings;
  }

  [[nodiscard]] NotationContent timestamped() const {
    const auto bytes = read_file(
        (folder_ / "layouts/e2e-with-timestamped-signature/blobs/sha256/603ff134e97a79cd7a15560b76137c2c4a10451daab11327a7c6f86dac250fee")
            .string(),
        65536);
    return *parse_jws(davit::as_text(*bytes));
  }
  [[nodiscard]] std::vector<Certificate> leaf_of_timestamped() const { return {*Certificate::parse(timestamped().certificates.back())}; }

  fs::path folder_{};
};

const std::int64_t k_today = *parse_time("2026-11-21T00:00:00Z");

TEST_F(NotationVectors, an_unsigned_layout_has_no_signature) {
  EXPECT_TRUE(judge_layout("e2e", trust_in_chain(anchor(), {}), k_today).empty());
}

TEST_F(NotationVectors, a_valid_signature_is_accepted_with_its_certificate_and_with_no_other) {
  const auto findings = judge_layout("e2e-valid-signature", trust_in_chain(anchor(), {}), k_today);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_TRUE(findings[0].verified) << findings[0].reason;
  EXPECT_EQ(findings[0].signer, anchor().front().subject_name());
  const forge::Key key = forge::Key::ec();
  const Certificate other = *Certificate::parse(forge::make_certificate(key, k_root_spec, {}, key));
  EXPECT_EQ(judge_layout("e2e-valid-signature", trust_in_chain({other}, {}), k_today)[0].refusal, Refusal::untrusted_chain);
}

TEST_F(NotationVectors, an_expired_signature_is_refused_under_strict_and_warned_of_under_permissive) {
  NotationTrust trust = trust_in_chain(anchor(), {});
  const auto strict = judge_layout("e2e-expired-signature", trust, k_today);
  ASSERT_EQ(strict.size(), 1U);
  EXPECT_EQ(strict[0].refusal, Refusal::expired);
  trust.statement.actions = {.timestamp = CheckAction::log, .expiry = CheckAction::log, .revocation = CheckAction::log};
  const auto permissive = judge_layout("e2e-expired-signature", trust, k_today);
  EXPECT_TRUE(permissive[0].verified);
  EXPECT_EQ(permissive[0].warnings.size(), 1U);
  // It was good while it had not expired.
  trust.statement.actions = {};
  EXPECT_TRUE(judge_layout("e2e-expired-signature", trust, *parse_time("2023-06-27T05:21:00Z"))[0].verified);
}

TEST_F(NotationVectors, a_signature_with_a_timestamp_and_metadata_is_accepted_while_it_lasts) {
  const auto at = [&](const char* time, const std::string& purpose) {
    NotationTrust trust = trust_in_chain(leaf_of_timestamped(), {});
    trust.required_metadata = {{"purpose", purpose}};
    return judge_layout("e2e-with-timestamped-signature", trust, *parse_time(time))[0];
  };
  EXPECT_TRUE(at("2025-01-21T10:00:00Z", "e2e").verified) << at("2025-01-21T10:00:00Z", "e2e").reason;
  EXPECT_EQ(at("2025-01-21T10:00:00Z", "other").refusal, Refusal::wrong_subject);
  EXPECT_EQ(at("2026-11-21T00:00:00Z", "e2e").refusal, Refusal::expired);
}

TEST_F(NotationVectors, a_real_timestamp_is_accepted_from_its_authority_and_over_its_signature_only) {
  const NotationContent envelope = timestamped();
  const auto token = Timestamp::parse_token(envelope.timestamp_token);
  ASSERT_TRUE(token) << token.error().message;
  std::vector<Certificate> authorities;
  for (const Certificate& certificate : token->certificates()) {
    if (certificate.is_ca()) authorities.push_back(certificate);
  }
  ASSERT_FALSE(authorities.empty());

  const auto stamp = check_countersignature(envelope.timestamp_token, envelope.signature, authorities);

  ASSERT_TRUE(stamp) << stamp.error().message;
  EXPECT_EQ(stamp->time, *parse_time("2025-01-21T09:17:46Z"));
  EXPECT_LT(stamp->earliest, stamp->latest);
  EXPECT_FALSE(check_countersignature(envelope.timestamp_token, envelope.payload, authorities));
  EXPECT_FALSE(check_countersignature(envelope.timestamp_token, envelope.signature, anchor()));
  EXPECT_FALSE(check_countersignature(envelope.timestamp_token, envelope.signature, {}));
  // Whether the authority was taken back can be asked, and offline that is not known: strict refuses, and says so.
  NotationTrust trust = trust_in_chain(leaf_of_timestamped(), {});
  trust.timestamp_authorities = authorities;
  trust.names_timestamp_store = true;
  trust.statement.actions.expiry = CheckAction::log;
  const Finding finding = judge_layout("e2e-with-timestamped-signature", trust, k_today)[0];
  EXPECT_EQ(finding.refusal, Refusal::not_timestamped);
  EXPECT_NE(finding.reason.find("offline"), std::string::npos) << finding.reason;
}

TEST_F(NotationVectors, identities_of_the_policies_fit_the_certificate_they_were_written_for) {
  NotationTrust trust = trust_in_chain(anchor(), {});
  trust.statement.any_identity = false;
  const auto policy = NotationPolicy::parse(
      davit::as_text(*read_file((folder_ / "trustpolicies/multiple_trusted_identity_trustpolicy.json").string(), 65536)),
      TrustPolicyKind::oci);
  ASSERT_TRUE(policy);
  trust.statement.identities = policy->statements()[0].identities;
  EXPECT_TRUE(judge_layout("e2e-valid-signature", trust, k_today)[0].verified);
  trust.statement.identities.erase(trust.statement.identities.begin());
  EXPECT_EQ(judge_layout("e2e-valid-signature", trust, k_today)[0].refusal, Refusal::wrong_identity);
}

}  // namespace
}  // namespace davit::oci
