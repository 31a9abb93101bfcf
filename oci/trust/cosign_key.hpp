// Encrypted private key files as cosign reads and writes them. A PEM block whose content is not DER but JSON:
//
//   {"kdf":{"name":"scrypt","params":{"N":65536,"r":8,"p":1},"salt":base64(32 bytes)},
//    "cipher":{"name":"nacl/secretbox","nonce":base64(24 bytes)},"ciphertext":base64}
//
// key = scrypt(password, salt, N, r, p, 32 bytes); ciphertext = XSalsa20-Poly1305 (tag first) of PKCS#8 DER.
// The parameters come from the file, so they are held to the three values cosign ever wrote before any memory
// is taken: 128 * N * r bytes is 128 MiB at the most. libsodium stands behind this header and does not show.
#pragma once

#include <string>
#include <string_view>

#include "manifests/result.hpp"
#include "oci/trust/keys.hpp"
#include "oci/trust/sealing.hpp"

namespace davit::oci {

/// The PEM text of the key, sealed with the password (label `ENCRYPTED SIGSTORE PRIVATE KEY`).
Result<std::string> seal_private_key(const PrivateKey& key, const SecretBytes& password);

/// What the file says without its password.
/// Errors: malformed, unsupported (other cipher), limit (scrypt parameters)
Result<SealingFacts> describe_sealed_key(std::string_view pem);

/// Errors: malformed (file), unsupported (other cipher or key type), limit (scrypt parameters), denied (wrong password)
Result<PrivateKey> open_private_key(std::string_view pem, const SecretBytes& password);

}  // namespace davit::oci
