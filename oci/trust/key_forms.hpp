// The files that people keep keys in, all of them PEM text; the label on its first line says which:
//
//   PUBLIC KEY                       SubjectPublicKeyInfo
//   PRIVATE KEY                      PKCS#8, open to whoever reads it
//   ENCRYPTED PRIVATE KEY            PKCS#8 sealed with PBES2
//   ENCRYPTED SIGSTORE PRIVATE KEY   cosign's (and ENCRYPTED COSIGN PRIVATE KEY, its older name)
//   EC PRIVATE KEY, RSA PRIVATE KEY  SEC 1 and PKCS#1, the forms before PKCS#8; read, never written
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "oci/trust/keys.hpp"
#include "oci/trust/sealing.hpp"

namespace davit::oci {

/// Names in JSON: never change.
enum class KeyForm { spki, pkcs8, pkcs8_sealed, cosign, sec1, pkcs1 };
std::string_view to_text(KeyForm form);

/// What a key file says without a password.
struct KeyFileFacts {
  KeyForm form = KeyForm::spki;
  std::string label{};
  std::optional<SealingFacts> sealing{};  ///< nothing: it is not sealed
};

/// Errors: malformed (no PEM, other label, broken content), unsupported (sealed in a way that is not opened), limit
Result<KeyFileFacts> describe_key_file(std::string_view pem);

/// Opens a private key in any of its forms.
/// @param password  asked only for sealed forms
/// Errors: those above, denied (wrong password), and those of `password`
Result<PrivateKey> open_key_file(std::string_view pem, const PasswordSource& password);

/// `PRIVATE KEY`, with nothing that protects it.
SecretBytes write_plain_key(const PrivateKey& key);
/// `ENCRYPTED PRIVATE KEY`.
Result<std::string> seal_standard_key(const PrivateKey& key, const SecretBytes& password);

}  // namespace davit::oci
