#include "oci/trust/keys.hpp"

#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

PrivateKey make_key() {
  auto key = PrivateKey::generate();
  EXPECT_TRUE(key);
  return *std::move(key);
}

TEST(keys, accept_their_own_signature_and_no_other) {
  const PrivateKey key = make_key();
  const PrivateKey other = make_key();
  const Digest message = digest_of("the message");

  const auto signature = key.sign(SignatureScheme::ecdsa_sha256, {.sha256 = message});

  ASSERT_TRUE(signature);
  EXPECT_TRUE(key.public_key().verifies(message, *signature));
  EXPECT_FALSE(key.public_key().verifies(digest_of("another message"), *signature));
  EXPECT_FALSE(other.public_key().verifies(message, *signature));
}

TEST(keys, refuse_a_signature_changed_in_any_byte_cut_or_extended) {
  const PrivateKey key = make_key();
  const Digest message = digest_of("the message");
  const Bytes good = *key.sign(SignatureScheme::ecdsa_sha256, {.sha256 = message});

  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes changed = good;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(key.public_key().verifies(message, changed)) << i;
    EXPECT_FALSE(key.public_key().verifies(message, ByteView(good).first(i))) << i;
  }
  Bytes longer = good;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(key.public_key().verifies(message, longer));
}

TEST(keys, refuse_a_digest_that_is_not_sha256) {
  const PrivateKey key = make_key();
  const Bytes signature = *key.sign(SignatureScheme::ecdsa_sha256, {.sha256 = digest_of("m")});

  EXPECT_FALSE(key.public_key().verifies(*Digest::parse("sha512:" + std::string(128, '0')), signature));
}

TEST(keys, read_the_public_pem_they_write) {
  const PrivateKey key = make_key();

  const auto again = PublicKey::parse(key.public_key().pem());

  ASSERT_TRUE(again);
  EXPECT_EQ(*again, key.public_key());
  EXPECT_EQ(again->hint().size(), 44U);
  EXPECT_EQ(again->name(), "sha256:" + encode_hex(*decode_base64(again->hint())));
}

TEST(keys, refuse_every_prefix_of_a_public_pem) {
  const std::string pem = make_key().public_key().pem();

  for (std::size_t length = 0; length + 1 < pem.size(); ++length) {
    const auto key = PublicKey::parse(std::string_view(pem).substr(0, length));
    ASSERT_FALSE(key) << length;
    EXPECT_EQ(key.error().code, ErrorCode::malformed);
  }
}

TEST(keys, refuse_a_point_that_is_not_on_the_curve) {
  auto block = *parse_pem(make_key().public_key().pem());
  block.content.back() ^= std::byte{1};

  const auto key = PublicKey::parse(write_pem("PUBLIC KEY", block.content));

  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::malformed);
}

TEST(keys, refuse_a_key_followed_by_other_bytes) {
  auto block = *parse_pem(make_key().public_key().pem());
  block.content.push_back(std::byte{0});

  EXPECT_EQ(PublicKey::parse(write_pem("PUBLIC KEY", block.content)).error().code, ErrorCode::malformed);
}

TEST(keys, hint_at_the_public_half_when_given_the_private_one) {
  const auto key = PublicKey::parse(write_pem("PRIVATE KEY", make_key().pkcs8().view()));

  ASSERT_FALSE(key);
  EXPECT_NE(key.error().hint.find("key public"), std::string::npos);
}

TEST(pem, refuses_the_shelf_of_malformations) {
  const std::string good = write_pem("X", as_bytes("hello"));
  ASSERT_TRUE(parse_pem(good));
  ASSERT_TRUE(parse_pem("\n \r\n" + good + "\n\n"));
  const std::string shelf[] = {"",
                               "hello",
                               "-----BEGIN X-----",
                               "-----BEGIN X-----\n",
                               "-----BEGIN -----\naGk=\n-----END -----\n",
                               "-----BEGIN X-----\naGk=\n-----END Y-----\n",
                               "-----BEGIN X-----\na Gk=\n-----END X-----\n",
                               "-----BEGIN X-----\nA: b\n\naGk=\n-----END X-----\n",
                               "before\n" + good,
                               good + "after",
                               good + good,
                               "-----BEGIN X----\naGk=\n-----END X-----\n"};
  for (const std::string& text : shelf) EXPECT_EQ(parse_pem(text).error().code, ErrorCode::malformed) << text;
  EXPECT_EQ(parse_pem(std::string(k_max_pem_bytes + 1, ' ')).error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace davit::oci
