#include "oci/trust/crypto/plain_key.hpp"

#include <gtest/gtest.h>

#include "oci/trust/keys.hpp"

namespace davit::oci {
namespace {

constexpr std::array k_plain_kinds{KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ecdsa_p521, KeyKind::ed25519};

Bytes make_spki(KeyKind kind) { return PrivateKey::generate(kind)->public_key().der(); }

TEST(plain_keys, are_found_with_their_kind_and_the_bytes_of_the_key) {
  for (const KeyKind kind : k_plain_kinds) {
    const Bytes spki = make_spki(kind);
    const auto plain = find_plain_key(spki);
    ASSERT_TRUE(plain) << to_text(kind);
    EXPECT_EQ(plain->kind, kind);
    EXPECT_EQ(plain->content.data() + plain->content.size(), spki.data() + spki.size());
    EXPECT_EQ(plain->content.size(), kind == KeyKind::ed25519 ? 32U : 2 * ((plain->bits + 7) / 8) + 1);
    const auto key = PublicKey::from_der(spki);
    ASSERT_TRUE(key) << to_text(kind);
    EXPECT_EQ(key->kind(), kind);
    EXPECT_EQ(key->bits(), plain->bits);
    EXPECT_EQ(key->der(), spki);
  }
}

TEST(plain_keys, are_not_those_of_other_forms) {
  EXPECT_FALSE(find_plain_key({}));
  EXPECT_FALSE(find_plain_key(PrivateKey::generate(KeyKind::rsa, 2048)->public_key().der()));
}

// Every bit of what is the same for all keys of a kind: such bytes are never taken for that kind, nor for a key at all.
TEST(plain_keys, with_any_other_head_are_refused) {
  for (const KeyKind kind : k_plain_kinds) {
    const Bytes good = make_spki(kind);
    const std::size_t head = good.size() - find_plain_key(good)->content.size() + (kind == KeyKind::ed25519 ? 0 : 1);
    for (std::size_t i = 0; i < head * 8; ++i) {
      Bytes changed = good;
      changed[i / 8] ^= std::byte{1} << (i % 8);
      EXPECT_FALSE(find_plain_key(changed)) << to_text(kind) << " bit " << i;
      const auto key = PublicKey::from_der(changed);
      ASSERT_FALSE(key) << to_text(kind) << " bit " << i;
      EXPECT_TRUE(key.error().code == ErrorCode::malformed || key.error().code == ErrorCode::unsupported);
    }
  }
}

TEST(plain_keys, cut_anywhere_or_extended_are_refused) {
  for (const KeyKind kind : k_plain_kinds) {
    Bytes good = make_spki(kind);
    for (std::size_t length = 0; length < good.size(); ++length) {
      EXPECT_FALSE(find_plain_key(ByteView(good).first(length)));
      EXPECT_FALSE(PublicKey::from_der(ByteView(good).first(length))) << to_text(kind) << " " << length;
    }
    good.push_back(std::byte{0});
    EXPECT_FALSE(find_plain_key(good));
    EXPECT_FALSE(PublicKey::from_der(good));
  }
}

TEST(plain_keys, whose_point_is_none_of_the_curve_are_refused_on_every_curve) {
  for (const KeyKind kind : {KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ecdsa_p521}) {
    const Bytes good = make_spki(kind);
    const std::size_t begin = good.size() - find_plain_key(good)->content.size() + 1;
    Bytes beside = good, zero = good, over = good;
    beside.back() ^= std::byte{1};
    std::fill(zero.begin() + static_cast<std::ptrdiff_t>(begin), zero.end(), std::byte{0});
    std::fill(over.begin() + static_cast<std::ptrdiff_t>(begin), over.end(), std::byte{0xff});  // not below the prime
    for (const Bytes& bad : {beside, zero, over}) {
      ASSERT_TRUE(find_plain_key(bad)) << "its form is right";
      const auto key = PublicKey::from_der(bad);
      ASSERT_FALSE(key) << to_text(kind);
      EXPECT_EQ(key.error().code, ErrorCode::malformed);
      EXPECT_EQ(key.error().message, "this is not a valid public key");
    }
  }
}

TEST(plain_keys, of_Ed25519_with_a_small_order_are_refused) {
  Bytes spki = make_spki(KeyKind::ed25519);
  std::fill(spki.begin() + 12, spki.end(), std::byte{0});
  spki[12] = std::byte{1};  // the neutral element
  const auto key = PublicKey::from_der(spki);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().message, "this is not a valid Ed25519 key");
}

}  // namespace
}  // namespace davit::oci
