#include "oci/trust/notation/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "oci/trust/clock_tolerance.hpp"
#include "oci/trust/key_forms.hpp"
#include "oci/trust/notation/certificate_rules.hpp"
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/sign.hpp"
#include "support/forge/certificates.hpp"

namespace davit::oci {
namespace {

using forge::CertificateSpec;
using forge::k_epoch;
using forge::k_year;
using forge::Key;

constexpr std::int64_t k_now = k_epoch + 1000;

const CertificateSpec k_root_spec{
    .common_name = "root", .organization = "Example", .ca = true, .key_usage = "critical,keyCertSign", .extended_key_usage = ""};
const CertificateSpec k_leaf_spec{.common_name = "signer", .organization = "Example", .country = "US", .state = "WA"};

Certificate read(const Bytes& der) { return *Certificate::parse(der); }

struct Signer {
  Key root_key = Key::ec();
  Key key;
  Certificate root, leaf;
  PrivateKey private_key;
  explicit Signer(Key with = Key::ec(), const CertificateSpec& spec = k_leaf_spec, const CertificateSpec& root_spec = k_root_spec)
      : key(std::move(with)),
        root(read(forge::make_certificate(root_key, root_spec, {}, root_key))),
        leaf(read(forge::make_certificate(key, spec, root.der(), root_key))),
        private_key(*open_key_file(key.private_pem(), [] { return SecretBytes(); })) {}

  [[nodiscard]] NotationSigning signing(SignatureFormat format = SignatureFormat::notation_jws) const {
    return {.format = format, .chain = {leaf, root}, .time = k_now, .agent = "test/1"};
  }
  [[nodiscard]] NotationTrust trust() const { return trust_in_chain({root}, {}); }
};

const Bytes& content() {
  static const Bytes bytes = to_bytes("a manifest");
  return bytes;
}

ArtifactView artifact(bool is_file = false) {
  return {.digest = davit::digest_of(content()),
          .size = content().size(),
          .media_type = "type/a",
          .message = message_of(content()),
          .is_file = is_file};
}

NotationTarget target() { return {.media_type = "type/a", .digest = artifact().digest.text(), .size = content().size()}; }

Bytes sign(const Signer& signer, SignatureFormat format = SignatureFormat::notation_jws) {
  return *sign_notation(target(), signer.private_key, signer.signing(format));
}

Finding judge(const Bytes& envelope, const NotationTrust& trust, SignatureFormat format = SignatureFormat::notation_jws,
              std::int64_t now = k_now) {
  return judge_notation(envelope, media_type_of(format), artifact(), trust, now);
}

// Signs whatever the envelope says, without the rules that signing keeps.
Bytes sign_anyhow(const Signer& signer, NotationContent content, NotationAlgorithm sign_as = NotationAlgorithm::es256,
                  std::vector<Certificate> chain = {}) {
  if (content.payload.empty()) content.payload = to_bytes(write_notation_payload(target()));
  if (content.content_type.empty()) content.content_type = std::string(k_notation_payload_type);
  if (content.signing_time == 0) content.signing_time = k_now;
  content.certificates.clear();
  if (chain.empty()) chain = {signer.leaf, signer.root};
  for (const Certificate& certificate : chain) content.certificates.push_back(certificate.der());
  const NotationDraft draft = draft_jws(content);
  content.signature = *signature_to_raw(sign_as, *signer.private_key.sign(scheme_of(sign_as), message_of(draft.signed_bytes)));
  return finish_jws(draft, content);
}

TEST(notation_judge, accepts_what_is_signed_with_every_key_in_both_forms) {
  for (Key key : {Key::ec("P-256"), Key::ec("P-384"), Key::ec("P-521"), Key::rsa(2048), Key::rsa(3072), Key::rsa(4096)}) {
    const Signer signer(std::move(key));
    for (const SignatureFormat format : {SignatureFormat::notation_jws, SignatureFormat::notation_cose}) {
      const auto envelope = sign_notation(target(), signer.private_key, signer.signing(format));
      ASSERT_TRUE(envelope) << envelope.error().message;

      const Finding finding = judge(*envelope, signer.trust(), format);

      EXPECT_TRUE(finding.verified) << finding.reason;
      EXPECT_EQ(finding.format, format);
      EXPECT_EQ(finding.refusal, Refusal::none);
      EXPECT_EQ(finding.signer, signer.leaf.subject_name());
      ASSERT_TRUE(finding.certificate);
      EXPECT_EQ(finding.certificate->issuer, signer.root.subject_name());
      EXPECT_TRUE(finding.warnings.empty());
    }
  }
}

TEST(notation_judge, no_flipped_byte_of_an_envelope_is_accepted_unless_nothing_that_was_judged_changed) {
  const Signer signer;
  for (const SignatureFormat format : {SignatureFormat::notation_jws, SignatureFormat::notation_cose}) {
    const Bytes good = sign(signer, format);
    const auto original = parse_notation_envelope(good, media_type_of(format));
    std::size_t harmless = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const int flip : {0x01, 0x20}) {
        Bytes changed = good;
        changed[i] ^= static_cast<std::byte>(flip);
        if (!judge(changed, signer.trust(), format).verified) continue;
        // The agent, which nobody signs and nothing is decided by, is the only member that may differ.
        const auto again = parse_notation_envelope(changed, media_type_of(format));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->signed_bytes, original->signed_bytes) << i;
        EXPECT_EQ(again->certificates, original->certificates) << i;
        EXPECT_EQ(again->signature, original->signature) << i;
        ++harmless;
      }
    }
    EXPECT_GT(harmless, 0U);
    EXPECT_LT(harmless, 200U);
  }
}

TEST(notation_judge, refuses_another_artifact) {
  const Signer signer;
  const Bytes envelope = sign(signer);
  const auto refusal = [&](ArtifactView view) { return judge_notation(envelope, k_jws_media_type, view, signer.trust(), k_now).refusal; };
  EXPECT_EQ(refusal(artifact()), Refusal::none);
  ArtifactView other = artifact();
  other.digest = davit::digest_of("other");
  EXPECT_EQ(refusal(other), Refusal::wrong_subject);
  other = artifact();
  other.size += 1;
  EXPECT_EQ(refusal(other), Refusal::wrong_subject);
  other = artifact();
  other.media_type = "type/b";
  EXPECT_EQ(refusal(other), Refusal::wrong_subject);
}

TEST(notation_judge, asks_for_the_metadata_that_the_caller_wants_signed) {
  const Signer signer;
  NotationTarget with = target();
  with.annotations = {{"stage", "prod"}};
  const Bytes envelope = *sign_notation(with, signer.private_key, signer.signing());
  NotationTrust trust = signer.trust();
  trust.required_metadata = {{"stage", "prod"}};
  EXPECT_TRUE(judge(envelope, trust).verified);
  trust.required_metadata = {{"stage", "test"}};
  EXPECT_EQ(judge(envelope, trust).refusal, Refusal::wrong_subject);
  trust.required_metadata = {{"other", "prod"}};
  EXPECT_EQ(judge(envelope, trust).refusal, Refusal::wrong_subject);
}

TEST(notation_judge, trusts_nobody_when_nothing_is_trusted) {
  const Signer signer, stranger;
  EXPECT_EQ(judge(sign(signer), NotationTrust{}).refusal, Refusal::untrusted_chain);
  EXPECT_EQ(judge(sign(signer), stranger.trust()).refusal, Refusal::untrusted_chain);
  NotationTrust nameless = signer.trust();
  nameless.statement.any_identity = false;
  EXPECT_EQ(judge(sign(signer), nameless).refusal, Refusal::wrong_identity);
}

TEST(notation_judge, a_root_that_is_only_appended_proves_nothing) {
  const Signer signer, trusted;
  EXPECT_EQ(judge(sign_anyhow(signer, {.algorithm = NotationAlgorithm::es256}, NotationAlgorithm::es256, {signer.leaf, trusted.root}),
                  trusted.trust())
                .refusal,
            Refusal::untrusted_chain);
  EXPECT_EQ(judge(sign_anyhow(signer, {.algorithm = NotationAlgorithm::es256}, NotationAlgorithm::es256,
                              {signer.leaf, signer.root, trusted.root}),
                  trusted.trust())
                .refusal,
            Refusal::untrusted_chain);
}

TEST(notation_judge, holds_the_leaf_to_the_identities_of_the_statement) {
  const Signer signer;
  NotationTrust trust = signer.trust();
  trust.statement.any_identity = false;
  trust.statement.identities = {*parse_name_rule("C=US,ST=WA,O=Example")};
  EXPECT_TRUE(judge(sign(signer), trust).verified);
  trust.statement.identities = {*parse_name_rule("C=US,ST=WA,O=Example,CN=other")};
  EXPECT_EQ(judge(sign(signer), trust).refusal, Refusal::wrong_identity);
  trust.statement.identities = {};
  trust.names = {{.name = TextRule::exactly(signer.leaf.subject_name()), .issuer = TextRule::exactly(signer.root.subject_name())}};
  EXPECT_TRUE(judge(sign(signer), trust).verified);
  trust.names = {{.name = TextRule::exactly(signer.leaf.subject_name()), .issuer = TextRule::exactly("CN=other")}};
  EXPECT_EQ(judge(sign(signer), trust).refusal, Refusal::wrong_identity);
}

TEST(notation_judge, refuses_an_algorithm_that_is_not_the_one_of_the_key) {
  const Signer ec, rsa(Key::rsa(3072));
  EXPECT_EQ(judge(sign_anyhow(ec, {.algorithm = NotationAlgorithm::es384}, NotationAlgorithm::es256), ec.trust()).refusal,
            Refusal::malformed);
  EXPECT_EQ(judge(sign_anyhow(rsa, {.algorithm = NotationAlgorithm::ps256}, NotationAlgorithm::ps256), rsa.trust()).refusal,
            Refusal::malformed);
  EXPECT_TRUE(judge(sign_anyhow(rsa, {.algorithm = NotationAlgorithm::ps384}, NotationAlgorithm::ps384), rsa.trust()).verified);
  EXPECT_EQ(judge(sign_anyhow(rsa, {.algorithm = NotationAlgorithm::ps384}, NotationAlgorithm::ps256), rsa.trust()).refusal,
            Refusal::bad_signature);
}

TEST(notation_judge, refuses_another_payload_type_and_a_payload_that_says_more) {
  const Signer signer;
  EXPECT_EQ(judge(sign_anyhow(signer, {.algorithm = NotationAlgorithm::es256, .content_type = "application/json"}), signer.trust()).refusal,
            Refusal::wrong_type);
  EXPECT_EQ(judge(sign_anyhow(signer, {.algorithm = NotationAlgorithm::es256, .payload = to_bytes("{}")}), signer.trust()).refusal,
            Refusal::malformed);
}

TEST(notation_judge, refuses_an_expired_signature_from_the_very_second) {
  const Signer signer;
  NotationSigning signing = signer.signing();
  signing.expiry = k_now + 60;
  const Bytes envelope = *sign_notation(target(), signer.private_key, signing);
  EXPECT_TRUE(judge(envelope, signer.trust(), SignatureFormat::notation_jws, k_now + 59).verified);
  EXPECT_EQ(judge(envelope, signer.trust(), SignatureFormat::notation_jws, k_now + 60).refusal, Refusal::expired);
}

TEST(notation_judge, CVE_2024_23332_GHSA_57wx_m636_g3g8_an_expired_signature_passes_only_a_policy_that_logs_expiry_and_with_a_warning) {
  const Signer signer;
  NotationSigning signing = signer.signing();
  signing.expiry = k_now + 60;
  const Bytes envelope = *sign_notation(target(), signer.private_key, signing);
  NotationTrust trust = signer.trust();
  EXPECT_FALSE(judge(envelope, trust, SignatureFormat::notation_jws, k_now + 60).verified);
  trust.statement.actions = {.timestamp = CheckAction::log, .expiry = CheckAction::log, .revocation = CheckAction::log};

  const Finding finding = judge(envelope, trust, SignatureFormat::notation_jws, k_now + 60);

  EXPECT_TRUE(finding.verified);
  EXPECT_THAT(finding.warnings, testing::ElementsAre(testing::HasSubstr("expired")));
}

TEST(notation_judge, asks_that_every_certificate_is_valid_now) {
  CertificateSpec short_root = k_root_spec;
  short_root.not_after = k_epoch + 2000;
  const Signer signer(Key::ec(), k_leaf_spec, short_root);
  const Bytes envelope = sign(signer);
  EXPECT_TRUE(judge(envelope, signer.trust(), SignatureFormat::notation_jws, k_epoch + 2000).verified);
  EXPECT_EQ(judge(envelope, signer.trust(), SignatureFormat::notation_jws, k_epoch + 2001).refusal, Refusal::expired);
  EXPECT_EQ(judge(envelope, signer.trust(), SignatureFormat::notation_jws, k_epoch - 1).refusal, Refusal::expired);
}

TEST(notation_judge, a_signing_authority_is_trusted_by_its_own_store_and_its_time_counts) {
  const Signer signer;
  const Bytes envelope = sign_anyhow(signer, {.algorithm = NotationAlgorithm::es256, .scheme = SigningScheme::signing_authority});
  EXPECT_EQ(judge(envelope, signer.trust()).refusal, Refusal::untrusted_chain);
  NotationTrust trust = signer.trust();
  std::swap(trust.authorities, trust.signing_authorities);
  const Finding finding = judge(envelope, trust, SignatureFormat::notation_jws, k_epoch + 5 * k_year);
  EXPECT_TRUE(finding.verified) << finding.reason;
  ASSERT_EQ(finding.times.size(), 1U);
  EXPECT_EQ(finding.times[0].seconds, k_now);
  EXPECT_EQ(judge(envelope, trust, SignatureFormat::notation_jws, k_now - k_clock_tolerance_seconds - 1).refusal, Refusal::expired);
  EXPECT_EQ(judge(sign(signer), trust).refusal, Refusal::untrusted_chain);
}

TEST(notation_judge, a_policy_that_skips_accepts_nothing) {
  const Signer signer;
  NotationTrust trust = signer.trust();
  trust.statement.skips = true;
  const Finding finding = judge(sign(signer), trust);
  EXPECT_FALSE(finding.verified);
  EXPECT_EQ(finding.refusal, Refusal::unsupported);
}

TEST(notation_judge, audit_accepts_a_whole_signature_of_a_stranger_and_does_not_name_him_as_signer) {
  const Signer signer, stranger;
  NotationTrust trust = stranger.trust();
  trust.statement.actions = {
      .authenticity = CheckAction::log, .timestamp = CheckAction::log, .expiry = CheckAction::log, .revocation = CheckAction::log};
  const Finding finding = judge(sign(signer), trust);
  EXPECT_TRUE(finding.verified);
  EXPECT_EQ(finding.signer, "");
  EXPECT_EQ(finding.warnings.size(), 1U);
  Bytes broken = sign(signer);
  broken[broken.size() - 10] ^= std::byte{1};
  EXPECT_FALSE(judge(broken, trust).verified);
}

TEST(notation_judge, a_policy_with_a_timestamp_store_asks_for_a_timestamp) {
  const Signer signer;
  NotationTrust trust = signer.trust();
  trust.names_timestamp_store = true;
  EXPECT_EQ(judge(sign(signer), trust).refusal, Refusal::not_timestamped);
  trust.statement.timestamps_only_after_expiry = true;
  EXPECT_TRUE(judge(sign(signer), trust).verified);
  EXPECT_EQ(judge(sign(signer), trust, SignatureFormat::notation_jws, k_epoch + 2 * k_year).refusal, Refusal::not_timestamped);
}

// One answer for every question.
class Oracle : public RevocationSource {
 public:
  explicit Oracle(RevocationState state) : state_(state) {}
  [[nodiscard]] RevocationAnswer ask(const Certificate&, const Certificate&, const RevocationPlaces& places, std::int64_t) const override {
    EXPECT_FALSE(places.ocsp.empty() && places.crl.empty());
    return {.state = state_, .reason = "oracle"};
  }

 private:
  RevocationState state_;
};

CertificateSpec revocable_leaf() {
  CertificateSpec spec = k_leaf_spec;
  const std::string url = "http://ocsp.example/";
  const Bytes place = forge::tlv(0x86, as_bytes(url));
  const Bytes access = forge::tlv(0x30, forge::concat({forge::oid("1.3.6.1.5.5.7.48.1"), place}));
  spec.extras = {{.oid = "1.3.6.1.5.5.7.1.1", .content = forge::tlv(0x30, access)}};
  return spec;
}

TEST(notation_judge, revocation_that_cannot_be_asked_fails_where_it_is_enforced_and_nowhere_else) {
  const Signer signer(Key::ec(), revocable_leaf());
  const Bytes envelope = sign(signer);
  NotationTrust trust = signer.trust();
  EXPECT_EQ(judge(envelope, trust).refusal, Refusal::untrusted_chain);
  EXPECT_THAT(judge(envelope, trust).reason, testing::HasSubstr("offline"));
  trust.statement.actions.revocation = CheckAction::log;
  EXPECT_TRUE(judge(envelope, trust).verified);
  EXPECT_EQ(judge(envelope, trust).warnings.size(), 1U);
  trust.statement.actions.revocation = CheckAction::skip;
  EXPECT_TRUE(judge(envelope, trust).warnings.empty());
}

TEST(notation_judge, believes_what_those_who_know_say_about_revocation) {
  const Signer signer(Key::ec(), revocable_leaf());
  const Bytes envelope = sign(signer);
  const auto with = [&](RevocationState state) {
    NotationTrust trust = signer.trust();
    trust.revocation = std::make_shared<Oracle>(state);
    return judge(envelope, trust);
  };
  EXPECT_TRUE(with(RevocationState::good).verified);
  EXPECT_FALSE(with(RevocationState::revoked).verified);
  EXPECT_FALSE(with(RevocationState::unknown).verified);
}

TEST(notation_judge, a_certificate_that_was_taken_back_has_a_reason_of_its_own) {
  const Signer signer(Key::ec(), revocable_leaf());
  NotationTrust trust = signer.trust();
  const Bytes envelope = sign(signer);
  trust.revocation = std::make_shared<Oracle>(RevocationState::revoked);
  EXPECT_EQ(judge(envelope, trust).refusal, Refusal::revoked);
  EXPECT_EQ(to_text(judge(envelope, trust).refusal), "revoked");
  trust.revocation = std::make_shared<Oracle>(RevocationState::unknown);
  EXPECT_EQ(judge(envelope, trust).refusal, Refusal::untrusted_chain);
}

TEST(notation_signing, signs_only_what_can_be_accepted) {
  const Signer signer, other;
  const auto error = [&](auto change) {
    NotationSigning signing = signer.signing();
    change(signing);
    const auto envelope = sign_notation(target(), signer.private_key, signing);
    return envelope ? ErrorCode::internal : envelope.error().code;
  };
  EXPECT_EQ(error([](NotationSigning& s) { s.chain.clear(); }), ErrorCode::untrusted);
  EXPECT_EQ(error([](NotationSigning& s) { s.chain.pop_back(); }), ErrorCode::untrusted);
  EXPECT_EQ(error([](NotationSigning& s) { std::swap(s.chain[0], s.chain[1]); }), ErrorCode::untrusted);
  EXPECT_EQ(error([&](NotationSigning& s) { s.chain = {other.leaf, other.root}; }), ErrorCode::mismatch);
  EXPECT_EQ(error([](NotationSigning& s) { s.time = k_epoch - 1; }), ErrorCode::untrusted);
  EXPECT_EQ(error([](NotationSigning& s) { s.expiry = s.time; }), ErrorCode::usage);
  const PrivateKey edwards = *PrivateKey::generate(KeyKind::ed25519);
  EXPECT_FALSE(sign_notation(target(), edwards, signer.signing()));
}

TEST(notation_files, a_file_is_named_by_the_hash_of_the_key) {
  for (Key key : {Key::ec("P-256"), Key::rsa(3072), Key::ec("P-521")}) {
    const Signer signer(std::move(key));
    const auto digest = digest_for_key(signer.private_key.public_key(), message_of(content()));
    ASSERT_TRUE(digest);
    const NotationTarget named{.media_type = "application/octet-stream", .digest = *digest, .size = content().size()};
    const Bytes envelope = *sign_notation(named, signer.private_key, signer.signing());
    EXPECT_TRUE(judge_notation(envelope, k_jws_media_type, artifact(true), signer.trust(), k_now).verified) << *digest;
    ArtifactView other = artifact(true);
    other.message = message_of(as_bytes("another"));
    other.digest = davit::digest_of("another");
    EXPECT_EQ(judge_notation(envelope, k_jws_media_type, other, signer.trust(), k_now).refusal, Refusal::wrong_subject);
  }
}

struct Rule {
  const char* name;
  std::function<void(CertificateSpec& leaf, CertificateSpec& root)> change;
};

TEST(notation_certificates, every_broken_rule_is_refused) {
  const std::vector<Rule> rules{
      {"leaf is an authority", [](auto& leaf, auto&) { leaf.ca = true; }},
      {"no key usage", [](auto& leaf, auto&) { leaf.key_usage = ""; }},
      {"key usage not critical", [](auto& leaf, auto&) { leaf.key_usage = "digitalSignature"; }},
      {"other key usage", [](auto& leaf, auto&) { leaf.key_usage = "critical,keyEncipherment"; }},
      {"more key usage", [](auto& leaf, auto&) { leaf.key_usage = "critical,digitalSignature,keyEncipherment"; }},
      {"leaf may sign certificates", [](auto& leaf, auto&) { leaf.key_usage = "critical,digitalSignature,keyCertSign"; }},
      {"server purpose", [](auto& leaf, auto&) { leaf.extended_key_usage = "codeSigning,serverAuth"; }},
      {"client purpose", [](auto& leaf, auto&) { leaf.extended_key_usage = "clientAuth"; }},
      {"mail purpose", [](auto& leaf, auto&) { leaf.extended_key_usage = "codeSigning,emailProtection"; }},
      {"time purpose", [](auto& leaf, auto&) { leaf.extended_key_usage = "critical,timeStamping"; }},
      {"revocation purpose", [](auto& leaf, auto&) { leaf.extended_key_usage = "OCSPSigning"; }},
      {"any purpose", [](auto& leaf, auto&) { leaf.extended_key_usage = "anyExtendedKeyUsage"; }},
      {"SHA-1", [](auto& leaf, auto&) { leaf.hash = "SHA1"; }},
      {"unknown critical extension",
       [](auto& leaf, auto&) { leaf.extras = {{.oid = "1.3.6.1.4.1.99999.1", .content = forge::tlv(0x05, {}), .critical = true}}; }},
      {"root is no authority", [](auto&, auto& root) { root.ca = false; }},
      {"root without key usage", [](auto&, auto& root) { root.key_usage = ""; }},
      {"root key usage not critical", [](auto&, auto& root) { root.key_usage = "keyCertSign"; }},
      {"root may not sign certificates", [](auto&, auto& root) { root.key_usage = "critical,cRLSign"; }},
      {"SHA-1 root", [](auto&, auto& root) { root.hash = "SHA1"; }}};
  for (const Rule& rule : rules) {
    CertificateSpec leaf = k_leaf_spec, root = k_root_spec;
    rule.change(leaf, root);
    const Signer signer(Key::ec(), leaf, root);
    EXPECT_FALSE(check_signing_chain(std::vector{signer.leaf, signer.root})) << rule.name;
    EXPECT_EQ(judge(sign_anyhow(signer, {.algorithm = NotationAlgorithm::es256}), signer.trust()).refusal, Refusal::untrusted_chain)
        << rule.name;
  }
}

TEST(notation_certificates, a_signer_may_stand_alone_and_without_purpose) {
  const Key key = Key::ec();
  CertificateSpec spec = k_leaf_spec;
  const Certificate alone = read(forge::make_certificate(key, spec, {}, key));
  EXPECT_TRUE(check_signing_chain(std::span(&alone, 1)));
  spec.extended_key_usage = "";
  spec.key_usage = "critical,digitalSignature,nonRepudiation";
  const Certificate plain = read(forge::make_certificate(key, spec, {}, key));
  EXPECT_TRUE(check_signing_chain(std::span(&plain, 1)));
}

TEST(notation_certificates, honours_the_length_of_the_path_and_its_order) {
  const Key root_key = Key::ec(), middle_key = Key::ec(), leaf_key = Key::ec();
  for (const int length : {0, 1, -1}) {
    CertificateSpec root_spec = k_root_spec, middle_spec = k_root_spec;
    root_spec.path_length = length;
    middle_spec.common_name = "middle";
    const Certificate root = read(forge::make_certificate(root_key, root_spec, {}, root_key));
    const Certificate middle = read(forge::make_certificate(middle_key, middle_spec, root.der(), root_key));
    const Certificate leaf = read(forge::make_certificate(leaf_key, k_leaf_spec, middle.der(), middle_key));
    EXPECT_EQ(check_signing_chain(std::vector{leaf, middle, root}).has_value(), length != 0);
    EXPECT_FALSE(check_signing_chain(std::vector{leaf, root, middle}));
    EXPECT_FALSE(check_signing_chain(std::vector{leaf, middle}));
    EXPECT_FALSE(check_signing_chain(std::vector{leaf, root}));
    EXPECT_FALSE(check_signing_chain(std::vector{leaf, middle, root, root}));
  }
}

TEST(notation_certificates, turns_ecdsa_signatures_around_and_refuses_other_lengths) {
  Bytes raw(64, std::byte{0});
  raw[31] = std::byte{1};
  raw[32] = std::byte{0x80};
  const auto der = signature_from_raw(NotationAlgorithm::es256, raw);
  ASSERT_TRUE(der);
  EXPECT_EQ(*signature_to_raw(NotationAlgorithm::es256, *der), raw);
  for (const std::size_t length : {0U, 1U, 63U, 65U, 96U}) EXPECT_FALSE(signature_from_raw(NotationAlgorithm::es256, Bytes(length)));
  EXPECT_FALSE(signature_to_raw(NotationAlgorithm::es256, raw));
  EXPECT_FALSE(signature_to_raw(NotationAlgorithm::es256, *signature_from_raw(NotationAlgorithm::es384, Bytes(96, std::byte{1}))));
}

}  // namespace
}  // namespace davit::oci
