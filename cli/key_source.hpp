// From the words after --key to a key: a file, `env://VARIABLE`, or a token's `pkcs11:` URI (RFC 7512).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "oci/trust/keys.hpp"

namespace davit::cli {

/// What the user said about getting at keys.
struct KeyAccess {
  std::string password_fd{};    ///< value of --password-fd; empty when not given
  std::string pkcs11_module{};  ///< value of --pkcs11-module; else DAVIT_PKCS11_MODULE
};

/// Adds the options that fill it in, the same for every command that signs.
std::vector<Option> with_key_access(std::vector<Option> options, KeyAccess& access);

/// The PEM text that a source other than a token names.
/// Errors: not_found (file or variable), io, limit
Result<oci::SecretBytes> read_key_text(const std::string& source);

/// A key to sign with; its password or PIN is asked for when it is sealed (see password.hpp).
/// Errors: not_found, malformed, unsupported, denied (wrong password or PIN), usage (no password, ambiguous token)
Result<std::unique_ptr<oci::SigningKey>> load_signing_key(const Context& context, const std::string& source, const KeyAccess& access);

/// The same for what needs the key itself, so that tokens are refused.
Result<oci::PrivateKey> load_private_key(const std::string& source, const KeyAccess& access);

/// The public key of a PEM file. Errors: not_found, io, limit, malformed, unsupported
Result<oci::PublicKey> read_public_key(const std::string& path);

/// The public key that a source holds or belongs to: a public key file, a token's public object, or a private key.
Result<oci::PublicKey> load_public_half(const Context& context, const std::string& source, const KeyAccess& access);

}  // namespace davit::cli
