// What tokens hand out and take in, in the encodings that the rest of the world uses: X.690 DER.
#pragma once

#include <optional>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

/// SubjectPublicKeyInfo of an EC key. @param parameters  CKA_EC_PARAMS; @param point  CKA_EC_POINT (an OCTET STRING,
/// or the bare point as some tokens have it)
Bytes spki_of_ec(ByteView parameters, ByteView point);
Bytes spki_of_ed25519(ByteView point);
Bytes spki_of_rsa(ByteView modulus, ByteView exponent);

/// r ‖ s as ECDSA-Sig-Value. Errors: malformed (no or odd length)
Result<Bytes> ecdsa_to_der(ByteView r_s);

/// DigestInfo (RFC 8017 section 9.2) of a SHA-2 digest, by its length.
Bytes digest_info(ByteView digest);

}  // namespace davit::oci
