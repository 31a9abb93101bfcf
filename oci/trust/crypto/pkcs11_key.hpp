// Keys on tokens and hardware modules, through the interface PKCS#11 (OASIS, 2.40 and 3.0). The library of the token
// is loaded when a key on it is named. The private key never leaves the token; what comes back is checked with the
// public half, so that a broken or wrong token cannot put a bad signature into a registry.
//
// Tokens write ECDSA signatures as r ‖ s; here they become DER like everywhere else.
#pragma once

#include <memory>
#include <string>

#include "oci/trust/keys.hpp"
#include "oci/trust/pkcs11_uri.hpp"
#include "oci/trust/sealing.hpp"

namespace davit::oci {

struct Pkcs11Request {
  Pkcs11Uri uri{};
  std::string module{};  ///< path of the library
  PasswordSource pin{};  ///< asked only when the token wants a PIN
};

/// Errors: unsupported (library, kind of key), not_found (no such token or key), usage (several fit), denied (PIN)
Result<std::unique_ptr<SigningKey>> open_pkcs11_key(const Pkcs11Request& request);

/// Without a PIN: the token's public object.
Result<PublicKey> read_pkcs11_public_key(const Pkcs11Request& request);

}  // namespace davit::oci
