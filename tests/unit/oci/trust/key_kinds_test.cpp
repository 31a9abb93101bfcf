#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/ed25519ph.hpp"
#include "oci/trust/keys.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

using enum SignatureScheme;
constexpr std::array k_schemes{ecdsa_sha256,     ecdsa_sha384,     ecdsa_sha512,   ed25519,        ed25519ph,     rsa_pkcs1_sha256,
                               rsa_pkcs1_sha384, rsa_pkcs1_sha512, rsa_pss_sha256, rsa_pss_sha384, rsa_pss_sha512};

// One key of each kind for all cases: making RSA keys is slow under the sanitizers.
const PrivateKey& key_of(KeyKind kind) {
  static std::map<KeyKind, PrivateKey> keys;
  const auto found = keys.find(kind);
  if (found != keys.end()) return found->second;
  return keys.emplace(kind, *PrivateKey::generate(kind, 2048)).first->second;
}

class KeyOfKind : public testing::TestWithParam<KeyKind> {};

TEST_P(KeyOfKind, verifies_each_scheme_that_fits_it_and_only_as_that_scheme) {
  const PrivateKey& key = key_of(GetParam());
  const SignedMessageView message = message_of(as_bytes("the message"));
  const SignedMessageView other = message_of(as_bytes("another message"));

  for (const SignatureScheme scheme : k_schemes) {
    const auto signature = key.sign(scheme, message);
    ASSERT_EQ(signature.has_value(), fits(scheme, GetParam()));
    if (!signature) {
      EXPECT_EQ(signature.error().code, ErrorCode::unsupported);
      continue;
    }
    for (const SignatureScheme asked : k_schemes) {
      EXPECT_EQ(key.public_key().verifies(asked, message, *signature), asked == scheme)
          << static_cast<int>(scheme) << static_cast<int>(asked);
    }
    EXPECT_FALSE(key.public_key().verifies(scheme, other, *signature));
  }
}

TEST_P(KeyOfKind, refuses_a_signature_changed_in_any_byte_cut_or_extended) {
  const PrivateKey& key = key_of(GetParam());
  const SignedMessageView message = message_of(as_bytes("the message"));

  for (const SignatureScheme scheme : {sigstore_scheme(GetParam(), SignedWhat::bytes), sigstore_scheme(GetParam(), SignedWhat::digest)}) {
    const Bytes good = *key.sign(scheme, message);
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes changed = good;
      changed[i] ^= std::byte{1};
      EXPECT_FALSE(key.public_key().verifies(scheme, message, changed)) << i;
      EXPECT_FALSE(key.public_key().verifies(scheme, message, ByteView(good).first(i))) << i;
    }
    Bytes longer = good;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(key.public_key().verifies(scheme, message, longer));
  }
}

TEST_P(KeyOfKind, is_read_again_from_what_it_writes) {
  const PrivateKey& key = key_of(GetParam());

  const auto public_half = PublicKey::parse(key.public_key().pem());
  const auto private_half = PrivateKey::parse(SecretBytes(to_bytes(key.pkcs8().view())));

  ASSERT_TRUE(public_half);
  EXPECT_EQ(*public_half, key.public_key());
  EXPECT_EQ(public_half->kind(), GetParam());
  ASSERT_TRUE(private_half);
  EXPECT_EQ(private_half->public_key(), key.public_key());
}

TEST_P(KeyOfKind, is_refused_at_every_cut_and_with_anything_after_it) {
  const PrivateKey& key = key_of(GetParam());
  const Bytes& spki = key.public_key().der();
  const ByteView pkcs8 = key.pkcs8().view();

  for (std::size_t length = 0; length < spki.size(); ++length) EXPECT_FALSE(PublicKey::from_der(ByteView(spki).first(length))) << length;
  for (std::size_t length = 0; length < pkcs8.size(); ++length) {
    EXPECT_FALSE(PrivateKey::parse(SecretBytes(to_bytes(pkcs8.first(length))))) << length;
  }
  Bytes longer = spki;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(PublicKey::from_der(longer));
}

TEST_P(KeyOfKind, lacks_what_the_message_does_not_have) {
  const PrivateKey& key = key_of(GetParam());
  const SignedMessageView whole = message_of(as_bytes("m"));
  const SignedMessageView digest_only{.sha256 = whole.sha256};

  for (const SignatureScheme scheme : k_schemes) {
    if (!fits(scheme, GetParam())) continue;
    const bool enough = scheme == ecdsa_sha256 || scheme == rsa_pkcs1_sha256 || scheme == rsa_pss_sha256;
    const auto signature = key.sign(scheme, digest_only);
    ASSERT_EQ(signature.has_value(), enough);
    EXPECT_EQ(key.public_key().verifies(scheme, digest_only, *key.sign(scheme, whole)), enough);
  }
}

INSTANTIATE_TEST_SUITE_P(all, KeyOfKind,
                         testing::Values(KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ecdsa_p521, KeyKind::ed25519, KeyKind::rsa),
                         [](const testing::TestParamInfo<KeyKind>& kind) {
                           std::string name(to_text(kind.param));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ed25519ph, makes_the_signature_of_rfc_8032_section_7_3) {
  const auto bytes = [](std::string_view hex) { return *decode_hex(hex); };
  const SecretBytes seed(bytes("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"));
  const Bytes public_key = bytes("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
  const Bytes expected = bytes(
      "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
      "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406");
  const SignedMessageView message = message_of(as_bytes("abc"));

  const auto signature = sign_ed25519ph(seed, *message.sha512);

  ASSERT_TRUE(signature);
  EXPECT_EQ(encode_hex(*signature), encode_hex(expected));
  EXPECT_TRUE(verify_ed25519ph(public_key, *message.sha512, *signature));
}

TEST(ed25519, refuses_points_for_which_signatures_fit_every_message) {
  for (const std::string_view point : {"0100000000000000000000000000000000000000000000000000000000000000",
                                       "0000000000000000000000000000000000000000000000000000000000000000",
                                       "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                       "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    Bytes der = *decode_hex("302a300506032b6570032100");
    const Bytes raw = *decode_hex(point);
    der.insert(der.end(), raw.begin(), raw.end());
    EXPECT_FALSE(PublicKey::from_der(der)) << point;
  }
}

// Keys that openssl makes and davit refuses; the sentence names what is wrong.
void expect_refused(const std::string& options, std::string_view saying) {
  const std::string file = testing::TempDir() + "refused-key.pem";
  const std::string command = "openssl genpkey " + options + " 2>/dev/null | openssl pkey -pubout > " + file + " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(concurrency-mt-unsafe): one thread
  std::ifstream stream(file);
  const std::string pem{std::istreambuf_iterator<char>(stream), {}};
  std::remove(file.c_str());

  const auto key = PublicKey::parse(pem);

  ASSERT_FALSE(key) << options;
  EXPECT_EQ(key.error().code, ErrorCode::unsupported);
  EXPECT_NE(key.error().message.find(saying), std::string::npos) << key.error().message;
}

TEST(keys, of_weak_or_foreign_kinds_are_refused_with_their_reason) {
  expect_refused("-algorithm RSA -pkeyopt rsa_keygen_bits:1024", "1024 bits");
  expect_refused("-algorithm EC -pkeyopt ec_paramgen_curve:secp224r1", "secp224r1");
  expect_refused("-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", "secp256k1");
  expect_refused("-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", "spells out its curve");
  expect_refused("-algorithm X25519", "X25519");
  expect_refused("-algorithm ED448", "ED448");
}

// One DER value: tag, length, content.
Bytes der_value(std::uint8_t tag, const Bytes& content) {
  Bytes out{std::byte{tag}, std::byte{0x82}, static_cast<std::byte>(content.size() >> 8U), static_cast<std::byte>(content.size() & 0xffU)};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Bytes joined(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

TEST(keys, of_rsa_over_4096_bits_are_refused_before_any_arithmetic) {
  // A modulus of 8192 bits, all ones: a check of its factors would be slow, the size is seen first.
  Bytes modulus(1025, std::byte{0xff});
  modulus.front() = std::byte{0};
  const Bytes numbers = der_value(0x30, joined(der_value(0x02, modulus), *decode_hex("0203010001")));
  const Bytes algorithm = *decode_hex("300d06092a864886f70d0101010500");
  const Bytes spki = der_value(0x30, joined(algorithm, der_value(0x03, joined(Bytes{std::byte{0}}, numbers))));

  const auto key = PublicKey::from_der(spki);

  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::unsupported) << key.error().message;
  EXPECT_NE(key.error().message.find("8192 bits"), std::string::npos) << key.error().message;
}

}  // namespace
}  // namespace davit::oci
