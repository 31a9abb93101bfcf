#include "oci/trust/crypto/ed25519ph.hpp"

#include <sodium.h>

#include <algorithm>
#include <initializer_list>
#include <span>

namespace davit::oci {
namespace {

constexpr std::string_view k_domain("SigEd25519 no Ed25519 collisions\x01\x00", 34);

using Scalar = std::array<std::byte, crypto_core_ed25519_SCALARBYTES>;
using Point = std::array<std::byte, crypto_core_ed25519_BYTES>;
using Wide = std::array<std::byte, crypto_core_ed25519_NONREDUCEDSCALARBYTES>;

template <std::size_t N>
unsigned char* raw(std::array<std::byte, N>& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// SHA-512 of the parts, reduced modulo the order of the group.
Scalar hash_to_scalar(std::initializer_list<ByteView> parts) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (const ByteView part : parts) crypto_hash_sha512_update(&state, raw(part), part.size());
  Wide wide{};
  crypto_hash_sha512_final(&state, raw(wide));
  Scalar out{};
  crypto_core_ed25519_scalar_reduce(raw(out), raw(wide));
  sodium_memzero(wide.data(), wide.size());
  sodium_memzero(&state, sizeof state);
  return out;
}

bool is_reduced(ByteView scalar) {
  Wide wide{};
  std::ranges::copy(scalar, wide.begin());
  Scalar reduced{};
  crypto_core_ed25519_scalar_reduce(raw(reduced), raw(wide));
  return std::ranges::equal(reduced, scalar);
}

}  // namespace

bool is_sound_ed25519_key(ByteView public_key) {
  return sodium_init() >= 0 && public_key.size() == k_ed25519_key_bytes && crypto_core_ed25519_is_valid_point(raw(public_key)) == 1;
}

bool verify_ed25519ph(ByteView public_key, const Sha512& prehash, ByteView signature) {
  if (signature.size() != k_ed25519_signature_bytes || !is_sound_ed25519_key(public_key)) return false;
  const ByteView nonce_point = signature.first(k_ed25519_key_bytes);
  const ByteView response = signature.last(crypto_core_ed25519_SCALARBYTES);
  if (!is_reduced(response)) return false;
  const Scalar challenge = hash_to_scalar({as_bytes(k_domain), nonce_point, public_key, prehash});
  Point left{};
  Point right{};
  Point difference{};
  // Each of these refuses what only a signature made for the purpose could bring about: a zero scalar, the identity.
  if (crypto_scalarmult_ed25519_base_noclamp(raw(left), raw(response)) != 0) return false;
  if (crypto_scalarmult_ed25519_noclamp(raw(right), raw(challenge), raw(public_key)) != 0) return false;
  if (crypto_core_ed25519_sub(raw(difference), raw(left), raw(right)) != 0) return false;
  return std::ranges::equal(difference, nonce_point);
}

Result<Bytes> sign_ed25519ph(const SecretBytes& seed, const Sha512& prehash) {
  CHECK(seed.view().size() == k_ed25519_key_bytes);
  if (sodium_init() < 0) return fail(ErrorCode::internal, "libsodium did not start");
  Wide expanded{};
  crypto_hash_sha512(raw(expanded), raw(seed.view()), seed.view().size());
  expanded.front() &= std::byte{0xf8};
  expanded[31] = (expanded[31] & std::byte{0x7f}) | std::byte{0x40};
  Wide wide_secret{};
  std::ranges::copy(std::span(expanded).first<k_ed25519_key_bytes>(), wide_secret.begin());
  Scalar secret{};
  crypto_core_ed25519_scalar_reduce(raw(secret), raw(wide_secret));
  Point public_key{};
  Point nonce_point{};
  Scalar nonce = hash_to_scalar({as_bytes(k_domain), ByteView(expanded).last<k_ed25519_key_bytes>(), prehash});
  const bool made = crypto_scalarmult_ed25519_base_noclamp(raw(public_key), raw(secret)) == 0 &&
                    crypto_scalarmult_ed25519_base_noclamp(raw(nonce_point), raw(nonce)) == 0;
  const Scalar challenge = hash_to_scalar({as_bytes(k_domain), nonce_point, public_key, prehash});
  Scalar product{};
  Scalar response{};
  crypto_core_ed25519_scalar_mul(raw(product), raw(challenge), raw(secret));
  crypto_core_ed25519_scalar_add(raw(response), raw(product), raw(nonce));
  for (const std::span<std::byte> used : {std::span<std::byte>(expanded), std::span<std::byte>(wide_secret), std::span<std::byte>(secret),
                                          std::span<std::byte>(nonce), std::span<std::byte>(product)}) {
    wipe_memory(used);
  }
  if (!made) return fail(ErrorCode::internal, "the key did not yield a signature");
  Bytes signature = to_bytes(nonce_point);
  signature.insert(signature.end(), response.begin(), response.end());
  return signature;
}

}  // namespace davit::oci
