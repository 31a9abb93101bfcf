#include "oci/trust/crypto/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/trust/crypto/der.hpp"
#include "support/forge/certificates.hpp"

namespace davit::oci {
namespace {

using forge::Authority;
using forge::Key;
using testing::ElementsAre;

Bytes some_certificate() {
  static const Bytes der = [] {
    const Authority authority("test");
    return authority.issue(Key::ec(), {.common_name = "builder",
                                       .organization = "Example, Inc",
                                       .alternative_names = "email:a@b.example,URI:https://x.example/y",
                                       .extras = {{"1.3.6.1.4.1.57264.1.1", to_bytes("https://issuer.example")}}});
  }();
  return der;
}

TEST(certificate, tells_what_it_says) {
  const auto certificate = Certificate::parse(some_certificate());
  ASSERT_TRUE(certificate);

  EXPECT_EQ(certificate->subject_name(), "CN=builder,O=Example\\, Inc");
  EXPECT_EQ(certificate->issuer_name(), "CN=test issuer,O=forge");
  EXPECT_THAT(certificate->subject_attributes(), ElementsAre(NameAttribute{"O", "Example, Inc"}, NameAttribute{"CN", "builder"}));
  EXPECT_EQ(certificate->not_before(), forge::k_epoch);
  EXPECT_EQ(certificate->not_after(), forge::k_epoch + forge::k_year);
  EXPECT_FALSE(certificate->is_ca());
  EXPECT_TRUE(certificate->allows(KeyUse::digital_signature));
  EXPECT_FALSE(certificate->allows(KeyUse::certificate_sign));
  EXPECT_THAT(certificate->purposes(), ElementsAre(std::string(k_purpose_code_signing)));
  EXPECT_FALSE(certificate->purposes_are_critical());
  EXPECT_THAT(certificate->alternative_names(), ElementsAre(AlternativeName{AlternativeNameKind::email, "a@b.example", ""},
                                                            AlternativeName{AlternativeNameKind::uri, "https://x.example/y", ""}));
  EXPECT_EQ(certificate->extension("1.3.6.1.4.1.57264.1.1"), to_bytes("https://issuer.example"));
  EXPECT_EQ(certificate->extension("1.3.6.1.4.1.57264.1.2"), std::nullopt);
  EXPECT_TRUE(certificate->public_key());
  EXPECT_EQ(certificate->fingerprint(), davit::digest_of(some_certificate()));
}

TEST(certificate, validity_holds_at_both_ends) {
  const Certificate certificate = *Certificate::parse(some_certificate());
  EXPECT_FALSE(certificate.is_valid_at(forge::k_epoch - 1));
  EXPECT_TRUE(certificate.is_valid_at(forge::k_epoch));
  EXPECT_TRUE(certificate.is_valid_at(forge::k_epoch + forge::k_year));
  EXPECT_FALSE(certificate.is_valid_at(forge::k_epoch + forge::k_year + 1));
}

TEST(certificate, knows_its_issuer_and_no_other) {
  const Authority authority("test"), twin("test");
  const Certificate leaf = *Certificate::parse(authority.issue(Key::ec(), {.common_name = "leaf"}));

  EXPECT_TRUE(leaf.is_issued_by(*Certificate::parse(authority.issuer)));
  EXPECT_FALSE(leaf.is_issued_by(*Certificate::parse(twin.issuer))) << "same name, another key";
  EXPECT_FALSE(leaf.is_issued_by(*Certificate::parse(authority.root)));
  EXPECT_FALSE(leaf.is_self_signed());
  EXPECT_TRUE(Certificate::parse(authority.root)->is_self_signed());
}

TEST(certificate, leaves_out_one_extension_and_nothing_else) {
  const Key key = Key::ec();
  const Authority authority("test");
  const forge::CertificateSpec spec{.alternative_names = "email:a@b.example", .extras = {{"1.3.6.1.4.1.11129.2.4.2", Bytes(300)}}};
  const Certificate with = *Certificate::parse(authority.issue(key, spec));

  const auto tbs = with.tbs_without("1.3.6.1.4.1.11129.2.4.2");

  ASSERT_TRUE(tbs);
  EXPECT_LT(tbs->size(), with.der().size() - 300);
  DerReader reader(*tbs);
  EXPECT_TRUE(reader.expect(der::k_sequence));
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(with.tbs_without("1.2.3").error().code, ErrorCode::malformed);
}

TEST(certificate, refuses_every_cut_and_everything_appended) {
  const Bytes der = some_certificate();
  for (std::size_t length = 0; length < der.size(); ++length) EXPECT_FALSE(Certificate::parse(ByteView(der).first(length))) << length;
  Bytes longer = der;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(Certificate::parse(longer));
  EXPECT_EQ(Certificate::parse(Bytes(k_max_certificate_bytes + 1)).error().code, ErrorCode::limit);
}

TEST(certificate, no_flipped_bit_keeps_the_issuer) {
  const Authority authority("test");
  const Certificate issuer = *Certificate::parse(authority.issuer);
  Bytes der = authority.issue(Key::ec(), {.alternative_names = "email:a@b.example"});
  ASSERT_TRUE(Certificate::parse(der)->is_issued_by(issuer));
  for (std::size_t i = 0; i < der.size() * 8; ++i) {
    der[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
    const auto mutant = Certificate::parse(der);
    EXPECT_FALSE(mutant && mutant->is_issued_by(issuer)) << "bit " << i;
    der[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
  }
}

TEST(certificate, refuses_an_extension_that_stands_twice) {
  const Authority authority("test");
  const Bytes der = authority.issue(Key::ec(), {.extras = {{"1.2.3.4", to_bytes("a")}, {"1.2.3.4", to_bytes("b")}}});
  EXPECT_EQ(Certificate::parse(der).error().code, ErrorCode::malformed);
}

TEST(certificate, reads_chains_of_pem_blocks) {
  const Authority authority("test");
  const std::string both = forge::pem("CERTIFICATE", authority.issuer) + "\n" + forge::pem("CERTIFICATE", authority.root);
  const auto chain = Certificate::parse_pem_chain(both);
  ASSERT_TRUE(chain);
  ASSERT_EQ(chain->size(), 2U);
  EXPECT_EQ((*chain)[1].der(), authority.root);
  EXPECT_EQ((*chain)[1].pem(), forge::pem("CERTIFICATE", authority.root));

  EXPECT_FALSE(Certificate::parse_pem_chain(""));
  EXPECT_FALSE(Certificate::parse_pem_chain("text\n" + both));
  EXPECT_FALSE(Certificate::parse_pem_chain(both + "text"));
  EXPECT_FALSE(Certificate::parse_pem_chain(forge::pem("PUBLIC KEY", authority.root)));
  std::string many;
  for (std::size_t i = 0; i <= k_max_chain_certificates; ++i) many += forge::pem("CERTIFICATE", authority.root);
  EXPECT_EQ(Certificate::parse_pem_chain(many).error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace davit::oci
