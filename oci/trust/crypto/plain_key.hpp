// The SubjectPublicKeyInfo of the usual keys (RFC 5480 section 2, RFC 8410 section 4) is the same bytes for every key of a
// kind, and then the key. Such a key needs no search for a decoder, which costs more than checking a signature does.
#pragma once

#include <optional>

#include "manifests/bytes.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

/// A key in the one canonical form of its kind.
struct PlainKey {
  KeyKind kind;
  unsigned bits;
  ByteView content;  ///< ECDSA: the point, uncompressed, perhaps none of its curve; Ed25519: the 32 bytes
};

/// Nothing for every other form, valid or not, and for RSA.
std::optional<PlainKey> find_plain_key(ByteView spki);

}  // namespace davit::oci
