// EncryptedPrivateKeyInfo (RFC 5958 section 3), sealed with PBES2 (RFC 8018): PBKDF2 or scrypt, then AES in CBC mode.
//
// The costs come from the file, so they have bounds that are looked at before anything is derived. PBES1 and DES are
// refused: what they seal is as good as open.
#pragma once

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "oci/trust/sealing.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_pbkdf2_iterations = 10'000'000;
inline constexpr std::uint64_t k_max_pkcs8_scrypt_bytes = std::uint64_t{32} << 20;  ///< 128 * N * r; OpenSSL's own bound
inline constexpr std::uint64_t k_max_pkcs8_scrypt_p = 16;

/// Errors: malformed, unsupported (derivation, cipher), limit (costs)
Result<SealingFacts> describe_sealed_pkcs8(ByteView der);

/// @return PKCS#8 DER
/// Errors: those above, denied (wrong password), limit (password)
Result<SecretBytes> open_sealed_pkcs8(ByteView der, const SecretBytes& password);

/// Seals PKCS#8 DER with PBKDF2-HMAC-SHA-256 and AES-256-CBC, which every tool reads.
Result<Bytes> seal_pkcs8(const SecretBytes& pkcs8, const SecretBytes& password);

}  // namespace davit::oci
