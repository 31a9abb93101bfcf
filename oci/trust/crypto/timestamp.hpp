// Timestamps of RFC 3161: an authority's signed word that some bytes existed at some time. Read strictly as DER; what
// is not signed and not needed (unsigned attributes, revocation lists) is refused, so that a token means one thing.
// Whether the authority is trusted is the caller's question; this says only whether a certificate made the token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "oci/trust/crypto/certificate.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_timestamp_bytes = 64 * 1024;

enum class ImprintHash { sha256, sha384, sha512 };

class Timestamp {
 public:
  /// A whole TimeStampResp, as Sigstore carries it.
  /// Errors: malformed, unsupported (algorithm, critical extension), untrusted (the authority refused), limit
  static Result<Timestamp> parse_response(ByteView der);
  /// The token alone (CMS ContentInfo), as notation carries it.
  static Result<Timestamp> parse_token(ByteView der);

  /// Seconds since 1970, UTC; fractions are cut off.
  [[nodiscard]] std::int64_t time() const noexcept { return time_; }
  [[nodiscard]] const std::string& policy() const noexcept { return policy_; }
  /// How far the time may be off, in seconds, rounded up; 0 when the token does not say.
  [[nodiscard]] std::int64_t accuracy() const noexcept { return accuracy_; }
  /// Certificates that came along; they prove nothing.
  [[nodiscard]] const std::vector<Certificate>& certificates() const noexcept { return certificates_; }
  /// Content of the number that the asker sent along; empty when the token has none.
  [[nodiscard]] const Bytes& nonce() const noexcept { return nonce_; }
  /// Whether the token is about exactly these bytes.
  [[nodiscard]] bool covers(ByteView bytes) const;
  /// Whether the token names this certificate as its signer.
  [[nodiscard]] bool names(const Certificate& signer) const;

  /// The signer's certificate is one for timestamps and nothing else, the token names it (by name and by hash), and
  /// its key made the signature. Chain, validity and trust are not asked here.
  /// Errors: untrusted, unsupported
  [[nodiscard]] Result<void> check_signer(const Certificate& signer) const;

 private:
  friend class TimestampReader;
  Timestamp() = default;
  std::int64_t time_ = 0;
  std::int64_t accuracy_ = 0;
  std::string policy_;
  ImprintHash imprint_hash_ = ImprintHash::sha256;
  Bytes imprint_;
  Bytes nonce_;
  std::vector<Certificate> certificates_;
  Bytes signer_issuer_, signer_serial_, signer_key_id_;
  std::string signature_algorithm_;
  ImprintHash digest_hash_ = ImprintHash::sha256;
  Bytes signed_attributes_;  ///< as a SET, the way they are signed
  Bytes signature_;
  struct CertificateHash {
    std::string algorithm;  ///< OID
    Bytes hash;
  };
  std::vector<CertificateHash> certificate_hashes_;
};

/// A question for a timestamp authority: SHA-256 of the bytes, a fresh number, and the wish for its certificate.
struct TimestampRequest {
  Bytes der;
  Bytes nonce;  ///< as Timestamp::nonce has it
};
TimestampRequest make_timestamp_request(ByteView stamped);

}  // namespace davit::oci
