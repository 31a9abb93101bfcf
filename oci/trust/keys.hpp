// Keys of every kind that signatures in registries are made with: ECDSA on the NIST curves (FIPS 186-5), Ed25519
// (RFC 8032) and RSA of 2048 to 4096 bits (RFC 8017). OpenSSL stands behind this header and does not show.
//
// A kind of key does not say how a message was signed: that is a `SignatureScheme`, named by the form of the signature
// or fixed by its ecosystem. ECDSA signatures are ASN.1 DER here; forms that write r and s side by side convert.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "manifests/digest.hpp"
#include "manifests/result.hpp"
#include "oci/trust/secret.hpp"
#include "oci/trust/signed_message.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace davit::oci {

inline constexpr unsigned k_min_rsa_bits = 2048;
inline constexpr unsigned k_max_rsa_bits = 4096;
inline constexpr unsigned k_default_rsa_bits = 3072;
inline constexpr std::size_t k_max_key_bytes = 16 * 1024;  ///< DER of one key

enum class KeyKind { ecdsa_p256, ecdsa_p384, ecdsa_p521, ed25519, rsa };

enum class SignatureScheme {
  ecdsa_sha256,
  ecdsa_sha384,
  ecdsa_sha512,
  ed25519,    ///< over the message itself
  ed25519ph,  ///< over its SHA-512 (RFC 8032 section 5.1, no context)
  rsa_pkcs1_sha256,
  rsa_pkcs1_sha384,
  rsa_pkcs1_sha512,
  rsa_pss_sha256,  ///< PSS: MGF1 with the same hash, and a salt as long as it
  rsa_pss_sha384,
  rsa_pss_sha512
};

/// In words of the command line: `ecdsa-p256`, `rsa`.
std::string_view to_text(KeyKind kind);

/// A public key of a kind that davit trusts at all.
class PublicKey {
 public:
  /// Reads the PEM block `PUBLIC KEY` (SubjectPublicKeyInfo).
  /// Errors: malformed (no PEM, not a key, not a point on its curve), unsupported (other kind, curve or size)
  static Result<PublicKey> parse(std::string_view pem);
  /// The same from DER. Only the one canonical encoding of a key is taken, so that a key has one name.
  static Result<PublicKey> from_der(ByteView spki);

  [[nodiscard]] KeyKind kind() const noexcept { return kind_; }
  [[nodiscard]] unsigned bits() const noexcept { return bits_; }
  [[nodiscard]] const Bytes& der() const noexcept { return der_; }
  [[nodiscard]] std::string pem() const;
  /// base64(SHA-256(SubjectPublicKeyInfo)): the hint in Sigstore bundles. On the wire: never change.
  [[nodiscard]] std::string hint() const;
  /// How people and reports name it: `sha256:` and the digest of the SubjectPublicKeyInfo.
  [[nodiscard]] std::string name() const;

  /// True only if `signature` is this key's over the message, made in exactly this way. Any other input is false.
  [[nodiscard]] bool verifies(SignatureScheme scheme, const SignedMessageView& message, ByteView signature) const;
  /// In any way that Sigstore signs with this kind of key.
  [[nodiscard]] bool verifies(const SignedMessageView& message, ByteView signature) const;
  /// The same over a message of which only the sha256 digest is known.
  [[nodiscard]] bool verifies(const Digest& message_digest, ByteView signature) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.der_ == b.der_; }

 private:
  PublicKey(KeyKind kind, unsigned bits, Bytes der, std::shared_ptr<evp_pkey_st> key)
      : kind_(kind), bits_(bits), der_(std::move(der)), key_(std::move(key)) {}
  KeyKind kind_;
  unsigned bits_;
  Bytes der_;
  std::shared_ptr<evp_pkey_st> key_;  ///< the same key; owners: every copy, and nobody changes it
};

/// The port to whatever holds a private key: memory (PrivateKey) or a token (Pkcs11Key).
class SigningKey {
 public:
  virtual ~SigningKey() = default;
  [[nodiscard]] virtual const PublicKey& public_key() const noexcept = 0;
  /// Errors: unsupported (the key cannot sign in this way), usage (the message lacks the shape that the scheme
  /// signs), and those of the token
  [[nodiscard]] virtual Result<Bytes> sign(SignatureScheme scheme, const SignedMessageView& message) const = 0;

 protected:
  SigningKey() = default;
  SigningKey(const SigningKey&) = default;
  SigningKey(SigningKey&&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  SigningKey& operator=(SigningKey&&) = default;
};

/// What is signed with a scheme of Sigstore: the bytes, or an artifact known by its digest.
enum class SignedWhat { bytes, digest };

/// How Sigstore's clients sign with a key of this kind: the hash that fits the curve, RSA as PKCS#1 with SHA-256,
/// Ed25519 pure over bytes and prehashed over a digest.
SignatureScheme sigstore_scheme(KeyKind kind, SignedWhat what);
/// As cosign checks a key that was given to it: SHA-256 for all but Ed25519, which is pure.
SignatureScheme classic_scheme(KeyKind kind);
/// Whether a key of this kind can sign in this way.
bool fits(SignatureScheme scheme, KeyKind kind);

/// A private key in memory; its bytes are wiped with it.
class PrivateKey final : public SigningKey {
 public:
  /// @param rsa_bits  2048 to 4096 in steps of 1024; of no meaning for other kinds
  /// Errors: usage (bits)
  static Result<PrivateKey> generate(KeyKind kind = KeyKind::ecdsa_p256, unsigned rsa_bits = k_default_rsa_bits);
  /// Reads PKCS#8 DER.
  /// Errors: malformed (also when the halves do not fit), unsupported (other kind, curve or size)
  static Result<PrivateKey> parse(SecretBytes pkcs8);
  /// Reads the older forms: SEC 1 `ECPrivateKey` or PKCS#1 `RSAPrivateKey`, DER.
  static Result<PrivateKey> parse_traditional(KeyKind family, SecretBytes der);

  [[nodiscard]] const PublicKey& public_key() const noexcept override { return public_key_; }
  [[nodiscard]] const SecretBytes& pkcs8() const noexcept { return pkcs8_; }
  [[nodiscard]] Result<Bytes> sign(SignatureScheme scheme, const SignedMessageView& message) const override;

 private:
  PrivateKey(SecretBytes pkcs8, PublicKey public_key) : pkcs8_(std::move(pkcs8)), public_key_(std::move(public_key)) {}
  SecretBytes pkcs8_;
  PublicKey public_key_;
};

}  // namespace davit::oci
