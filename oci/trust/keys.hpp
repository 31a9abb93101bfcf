// ECDSA P-256 keys (FIPS 186-4, SEC 1), the default of cosign and the one kind of key davit signs with. Signatures are
// ASN.1 DER over SHA-256. OpenSSL stands behind this header and does not show.
#pragma once

#include <string>
#include <string_view>

#include "manifests/digest.hpp"
#include "manifests/result.hpp"
#include "oci/trust/secret.hpp"

namespace davit::oci {

/// A public key that is a point on P-256.
class PublicKey {
 public:
  /// Reads the PEM block `PUBLIC KEY` (SubjectPublicKeyInfo).
  /// Errors: malformed (no PEM, not a key, not a point on the curve), unsupported (other kind of key)
  static Result<PublicKey> parse(std::string_view pem);

  [[nodiscard]] std::string pem() const;
  /// base64(SHA-256(SubjectPublicKeyInfo)): the hint in Sigstore bundles. On the wire: never change.
  [[nodiscard]] std::string hint() const;
  /// How people and reports name it: `sha256:` and the digest of the SubjectPublicKeyInfo.
  [[nodiscard]] std::string name() const;
  /// True only if `signature` is this key's over a message with this digest. Any other input is false.
  [[nodiscard]] bool verifies(const Digest& message_digest, ByteView signature) const;

  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  friend class PrivateKey;
  explicit PublicKey(Bytes der) : der_(std::move(der)) {}
  Bytes der_;
};

/// A private key; its bytes are wiped with it.
class PrivateKey {
 public:
  static Result<PrivateKey> generate();
  /// Reads PKCS#8 DER.
  /// Errors: malformed, unsupported (other kind of key)
  static Result<PrivateKey> parse(SecretBytes pkcs8);

  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }
  [[nodiscard]] const SecretBytes& pkcs8() const noexcept { return pkcs8_; }
  /// Signs a message with this sha256 digest; DER.
  [[nodiscard]] Result<Bytes> sign(const Digest& message_digest) const;

 private:
  PrivateKey(SecretBytes pkcs8, PublicKey public_key) : pkcs8_(std::move(pkcs8)), public_key_(std::move(public_key)) {}
  SecretBytes pkcs8_;
  PublicKey public_key_;
};

}  // namespace davit::oci
