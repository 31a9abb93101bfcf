// Makes keys and certificates of every kind for the tests: good ones, and ones with exactly one fault. Uses OpenSSL
// directly, so that what davit reads was not written by davit.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"

namespace davit::forge {

/// 2026-01-01T00:00:00Z: the tests' "some time ago"; nothing depends on the clock.
inline constexpr std::int64_t k_epoch = 1767225600;
inline constexpr std::int64_t k_year = 31536000;

class Key {
 public:
  static Key ec(const char* curve = "P-256");
  static Key rsa(unsigned bits = 2048);
  static Key ed25519();
  static Key from_private_pem(const std::string& pem);
  static Key from_public_der(ByteView spki);
  [[nodiscard]] Bytes spki() const;
  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string private_pem() const;
  /// ECDSA and RSA PKCS#1 v1.5 over this hash, or pure Ed25519.
  [[nodiscard]] Bytes sign(ByteView message, const char* hash = "SHA256") const;
  [[nodiscard]] EVP_PKEY* get() const { return key_.get(); }
  [[nodiscard]] bool is_ed25519() const { return EVP_PKEY_is_a(key_.get(), "ED25519") == 1; }

 private:
  explicit Key(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}
  std::shared_ptr<EVP_PKEY> key_;
};

struct Extra {
  std::string oid;
  Bytes content;
  bool critical = false;
};

struct CertificateSpec {
  std::string common_name{};
  std::string organization{};
  /// As OpenSSL's configuration writes it: `email:a@b.example`, `URI:https://…`; empty: none.
  std::string alternative_names{};
  bool names_critical = true;
  std::int64_t not_before = k_epoch;
  std::int64_t not_after = k_epoch + k_year;
  bool ca = false;
  int path_length = -1;
  std::string key_usage = "critical,digitalSignature";  ///< empty: none
  std::string extended_key_usage = "codeSigning";       ///< empty: none
  const char* hash = "SHA256";
  std::vector<Extra> extras{};
  std::string country{}, state{};
  int serial = 0;  ///< 0: the next one
};

/// A certificate for `subject`, issued by `issuer_der` (empty: by itself) with its key.
Bytes make_certificate(const Key& subject, const CertificateSpec& spec, const Bytes& issuer_der, const Key& issuer_key);

/// The signed part of a certificate.
Bytes tbs_of(const Bytes& certificate);
/// Its issuer's name and serial number as CMS names a signer: SEQUENCE { name, serial }.
Bytes issuer_and_serial_of(const Bytes& certificate);
Bytes hash_of(ByteView bytes, const char* algorithm = "SHA256");

/// An authority: a root, and an issuer below it.
struct Authority {
  Key root_key, key;
  Bytes root, issuer;
  explicit Authority(const std::string& name, std::int64_t not_before = k_epoch, std::int64_t not_after = k_epoch + 10 * k_year);
  [[nodiscard]] Bytes issue(const Key& subject, const CertificateSpec& spec) const { return make_certificate(subject, spec, issuer, key); }
};

/// One DER element.
Bytes tlv(unsigned tag, ByteView content);
Bytes concat(std::initializer_list<ByteView> parts);
/// A DER OBJECT IDENTIFIER, whole.
Bytes oid(const char* dotted);
std::string pem(const char* label, ByteView der);

}  // namespace davit::forge
