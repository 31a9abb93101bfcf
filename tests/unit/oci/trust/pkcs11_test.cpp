#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/pkcs11_encoding.hpp"
#include "oci/trust/crypto/pkcs11_key.hpp"

namespace davit::oci {
namespace {

TEST(pkcs11_uri, reads_what_names_a_key) {
  const auto uri = parse_pkcs11_uri(
      "pkcs11:token=My%20Token;object=signing;id=%01%fF;serial=7;type=private?module-path=/usr/lib/x.so&pin-source=file:///run/pin");

  ASSERT_TRUE(uri) << uri.error().message;
  EXPECT_EQ(uri->token, "My Token");
  EXPECT_EQ(uri->object, "signing");
  EXPECT_EQ(encode_hex(*uri->id), "01ff");
  EXPECT_EQ(uri->serial, "7");
  EXPECT_EQ(uri->module_path, "/usr/lib/x.so");
  EXPECT_EQ(uri->pin_source, "/run/pin");
  EXPECT_FALSE(uri->slot_id);
}

TEST(pkcs11_uri, refuses_the_shelf_of_malformations) {
  for (const std::string_view text :
       {"pkcs11", "pkcs12:token=x", "pkcs11:token", "pkcs11:token=%", "pkcs11:token=%1", "pkcs11:token=%gg", "pkcs11:token=a;token=b",
        "pkcs11:slot-id=x", "pkcs11:slot-id=", "pkcs11:slot-id=99999999999999999999", "pkcs11:type=cert",
        "pkcs11:a=b?pin-source=", "pkcs11:token=a?pin-source=|cat%20x", "pkcs11:token=a?module-path=a&module-path=b", "pkcs11:;;"}) {
    const auto uri = parse_pkcs11_uri(text);
    EXPECT_FALSE(uri) << text;
  }
  EXPECT_EQ(parse_pkcs11_uri("pkcs11:" + std::string(k_max_pkcs11_uri_bytes, 'a')).error().code, ErrorCode::limit);
  EXPECT_EQ(parse_pkcs11_uri("pkcs11:library-version=3").error().code, ErrorCode::unsupported);
}

TEST(pkcs11_uri, takes_no_pin) {
  const auto uri = parse_pkcs11_uri("pkcs11:token=a?pin-value=1234");

  ASSERT_FALSE(uri);
  EXPECT_EQ(uri.error().code, ErrorCode::usage);
  EXPECT_EQ(uri.error().message.find("1234"), std::string::npos);
}

TEST(pkcs11_encoding, builds_the_public_keys_that_openssl_writes) {
  // A key's SubjectPublicKeyInfo is built again from the parts that a token would hand out.
  const Bytes ec = PrivateKey::generate(KeyKind::ecdsa_p256)->public_key().der();
  const Bytes point(ec.end() - 65, ec.end());
  Bytes wrapped = *decode_hex("0441");
  wrapped.insert(wrapped.end(), point.begin(), point.end());
  EXPECT_EQ(spki_of_ec(*decode_hex("06082a8648ce3d030107"), point), ec);
  EXPECT_EQ(spki_of_ec(*decode_hex("06082a8648ce3d030107"), wrapped), ec);

  const Bytes p521 = PrivateKey::generate(KeyKind::ecdsa_p521)->public_key().der();
  wrapped = *decode_hex("048185");
  wrapped.insert(wrapped.end(), p521.end() - 133, p521.end());
  EXPECT_EQ(spki_of_ec(*decode_hex("06052b81040023"), wrapped), p521);

  const Bytes edwards = PrivateKey::generate(KeyKind::ed25519)->public_key().der();
  EXPECT_EQ(spki_of_ed25519(ByteView(edwards).last(32)), edwards);

  const Bytes rsa = PrivateKey::generate(KeyKind::rsa, 2048)->public_key().der();
  const ByteView modulus = ByteView(rsa).subspan(rsa.size() - 5 - 256, 256);
  EXPECT_EQ(spki_of_rsa(modulus, *decode_hex("010001")), rsa);
}

TEST(pkcs11_encoding, turns_two_numbers_into_der) {
  EXPECT_EQ(encode_hex(*ecdsa_to_der(*decode_hex("00010080"))), "300702010102020080");
  EXPECT_EQ(encode_hex(*ecdsa_to_der(*decode_hex("0000"))), "3006020100020100");
  EXPECT_FALSE(ecdsa_to_der({}));
  EXPECT_FALSE(ecdsa_to_der(*decode_hex("010203")));
}

TEST(pkcs11_encoding, names_the_digest_of_a_pkcs1_signature) {
  EXPECT_EQ(encode_hex(ByteView(digest_info(Bytes(32))).first(19)), "3031300d060960864801650304020105000420");
  EXPECT_EQ(encode_hex(ByteView(digest_info(Bytes(48))).first(19)), "3041300d060960864801650304020205000430");
  EXPECT_EQ(encode_hex(ByteView(digest_info(Bytes(64))).first(19)), "3051300d060960864801650304020305000440");
}

TEST(pkcs11, says_that_a_module_is_none) {
  const auto ask = []() -> Result<SecretBytes> { return fail(ErrorCode::usage, "asked for a PIN"); };

  EXPECT_EQ(open_pkcs11_key({.uri = {}, .module = "/no/such/module.so", .pin = ask}).error().code, ErrorCode::unsupported);
  EXPECT_EQ(open_pkcs11_key({.uri = {}, .module = "libm.so.6", .pin = ask}).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace davit::oci
