// Ed25519ph (RFC 8032 section 5.1): Ed25519 over the SHA-512 of a message, which Sigstore uses where an artifact is known
// by its digest. OpenSSL 3.0 has the pure form only, and libsodium wants the message; so the equations stand here, over
// libsodium's group operations:
//
//   dom2 = "SigEd25519 no Ed25519 collisions" ‖ 01 ‖ 00
//   r = SHA-512(dom2 ‖ prefix ‖ PH) mod L     R = rB     k = SHA-512(dom2 ‖ R ‖ A ‖ PH) mod L     S = r + k·s mod L
//
// A signature is R ‖ S, and it is accepted only if S < L and the bytes of R are those of S·B − k·A.
#pragma once

#include <array>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "oci/trust/secret.hpp"
#include "oci/trust/signed_message.hpp"

namespace davit::oci {

inline constexpr std::size_t k_ed25519_key_bytes = 32;
inline constexpr std::size_t k_ed25519_signature_bytes = 64;

/// Whether this is the one encoding of a point of the prime-order group. With other points there are signatures that
/// fit every message.
bool is_sound_ed25519_key(ByteView public_key);

bool verify_ed25519ph(ByteView public_key, const Sha512& prehash, ByteView signature);

/// @param seed  the 32 bytes of the private key
Result<Bytes> sign_ed25519ph(const SecretBytes& seed, const Sha512& prehash);

}  // namespace davit::oci
