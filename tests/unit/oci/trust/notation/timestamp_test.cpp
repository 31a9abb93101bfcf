// Envelopes with a timestamp over their signature, from an authority in a trust store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/trust/clock_tolerance.hpp"
#include "oci/trust/key_forms.hpp"
#include "oci/trust/notation/countersignature.hpp"
#include "oci/trust/notation/judge.hpp"
#include "oci/trust/notation/sign.hpp"
#include "support/forge/sigstore.hpp"

namespace davit::oci {
namespace {

using forge::k_epoch;
using forge::k_year;
using forge::Key;
using forge::TimestampAuthority;

constexpr std::int64_t k_signed_at = k_epoch + 1000;
constexpr std::int64_t k_after_expiry = k_epoch + 2 * k_year;

Certificate read(const Bytes& der) { return *Certificate::parse(der); }

// Signed by a certificate that lasts a year, stamped by an authority that lasts longer.
struct Stage {
  Key root_key = Key::ec(), key = Key::ec();
  Certificate root = read(forge::make_certificate(root_key,
                                                  {.common_name = "root",
                                                   .not_after = k_epoch + 10 * k_year,
                                                   .ca = true,
                                                   .key_usage = "critical,keyCertSign",
                                                   .extended_key_usage = ""},
                                                  {}, root_key));
  Certificate leaf = read(forge::make_certificate(key, {.common_name = "signer"}, root.der(), root_key));
  PrivateKey private_key = *open_key_file(key.private_pem(), [] { return SecretBytes(); });
  TimestampAuthority authority;
  forge::TimestampSpec spec{};
  explicit Stage(forge::CertificateSpec authority_spec = TimestampAuthority::default_spec())
      : authority("stamps", std::move(authority_spec)) {
    spec.time = k_signed_at;
    spec.bag = {authority.certificate, authority.authority.issuer};
  }

  [[nodiscard]] Result<Bytes> sign(SignatureFormat format, std::string_view stamp_other = "") const {
    const NotationSigning signing{
        .format = format, .chain = {leaf, root}, .time = k_signed_at, .timestamp = [&](ByteView signature) -> Result<Bytes> {
          return authority.stamp(stamp_other.empty() ? signature : davit::as_bytes(stamp_other), spec);
        }};
    return sign_notation({.media_type = "m", .digest = davit::digest_of("a").text(), .size = 1}, private_key, signing);
  }
  [[nodiscard]] NotationTrust trust() const {
    NotationTrust trust = trust_in_chain({root}, {});
    trust.timestamp_authorities = {read(authority.authority.root)};
    trust.names_timestamp_store = true;
    return trust;
  }
};

Finding judge(const Bytes& envelope, SignatureFormat format, const NotationTrust& trust, std::int64_t now = k_after_expiry) {
  const ArtifactView artifact{.digest = davit::digest_of("a"), .size = 1, .media_type = "m", .message = message_of(davit::as_bytes("a"))};
  return judge_notation(envelope, media_type_of(format), artifact, trust, now);
}

TEST(notation_timestamp, keeps_a_signature_good_after_its_certificate_expired) {
  const Stage stage;
  for (const SignatureFormat format : {SignatureFormat::notation_jws, SignatureFormat::notation_cose}) {
    const auto envelope = stage.sign(format);
    ASSERT_TRUE(envelope) << envelope.error().message;

    const Finding finding = judge(*envelope, format, stage.trust());

    EXPECT_TRUE(finding.verified) << finding.reason;
    ASSERT_EQ(finding.times.size(), 1U);
    EXPECT_EQ(finding.times[0].seconds, k_signed_at);
    EXPECT_THAT(finding.times[0].source, testing::HasSubstr("stamper"));
    EXPECT_EQ(judge(*envelope, format, trust_in_chain({stage.root}, {})).refusal, Refusal::expired);
  }
}

TEST(notation_timestamp, counts_only_from_a_trusted_authority_and_at_a_time_that_fits) {
  constexpr SignatureFormat format = SignatureFormat::notation_jws;
  Stage stage, other;
  EXPECT_EQ(judge(*stage.sign(format), format,
                  [&] {
                    NotationTrust trust = stage.trust();
                    trust.timestamp_authorities = {read(other.authority.authority.root)};
                    return trust;
                  }())
                .refusal,
            Refusal::not_timestamped);
  EXPECT_EQ(judge(*stage.sign(format), format, stage.trust(), k_signed_at - k_clock_tolerance_seconds - 100).refusal,
            Refusal::not_timestamped);
  stage.spec.time = k_epoch + k_year + 100;  // after the signer's certificate
  EXPECT_EQ(judge(*stage.sign(format), format, stage.trust()).refusal, Refusal::expired);
  stage.spec.time = k_epoch - 100;  // before everybody's
  EXPECT_FALSE(judge(*stage.sign(format), format, stage.trust()).verified);
}

TEST(notation_timestamp, an_answer_about_something_else_is_not_put_into_an_envelope) {
  const Stage stage;
  EXPECT_EQ(stage.sign(SignatureFormat::notation_cose, "something else").error().code, ErrorCode::untrusted);
}

// Says that every certificate but the signer's was taken back.
class Accuser : public RevocationSource {
 public:
  [[nodiscard]] RevocationAnswer ask(const Certificate& certificate, const Certificate&, const RevocationPlaces&,
                                     std::int64_t) const override {
    return {.state = RevocationState::revoked, .reason = certificate.subject_name() + " was taken back"};
  }
};

TEST(notation_timestamp, CVE_2024_56138_GHSA_45v3_38pc_874v_the_authoritys_certificate_must_not_be_taken_back) {
  constexpr SignatureFormat format = SignatureFormat::notation_jws;
  forge::CertificateSpec spec = TimestampAuthority::default_spec();
  const Bytes place = forge::tlv(0x86, davit::as_bytes("http://ocsp.example/"));
  spec.extras = {{.oid = "1.3.6.1.5.5.7.1.1",
                  .content = forge::tlv(0x30, forge::tlv(0x30, forge::concat({forge::oid("1.3.6.1.5.5.7.48.1"), place})))}};
  const Stage stage(spec);
  NotationTrust trust = stage.trust();
  EXPECT_THAT(judge(*stage.sign(format), format, trust).reason, testing::HasSubstr("offline"));
  trust.revocation = std::make_shared<Accuser>();
  const Finding finding = judge(*stage.sign(format), format, trust);
  EXPECT_EQ(finding.refusal, Refusal::not_timestamped);
  EXPECT_THAT(finding.reason, testing::HasSubstr("taken back"));
}

}  // namespace
}  // namespace davit::oci
