// X.509 certificates (RFC 5280) as plain values. Reading believes nothing: whether a certificate may be trusted is
// asked of chain.hpp, with a time and anchors. OpenSSL stands behind this header and does not show.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/result.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_certificate_bytes = 64 * 1024;
inline constexpr std::size_t k_max_chain_certificates = 16;
inline constexpr std::size_t k_max_alternative_names = 64;

/// Errors: limit
Result<void> check_certificate_size(ByteView der);

/// One attribute of a distinguished name.
struct NameAttribute {
  std::string type;   ///< short name such as `CN`, or the OID when it has none
  std::string value;  ///< UTF-8
  friend bool operator==(const NameAttribute&, const NameAttribute&) = default;
};

enum class AlternativeNameKind { email, uri, dns, other };

struct AlternativeName {
  AlternativeNameKind kind = AlternativeNameKind::other;
  std::string value{};  ///< of `other`: the text when it holds one, else empty
  std::string oid{};    ///< only of `other`
  friend bool operator==(const AlternativeName&, const AlternativeName&) = default;
};

enum class KeyUse { digital_signature, certificate_sign };

// Purposes in the extension "extended key usage".
inline constexpr std::string_view k_purpose_code_signing = "1.3.6.1.5.5.7.3.3";
inline constexpr std::string_view k_purpose_time_stamping = "1.3.6.1.5.5.7.3.8";
inline constexpr std::string_view k_purpose_any = "2.5.29.37.0";

class Certificate {
 public:
  /// One DER certificate and nothing after it.
  /// Errors: malformed, limit
  static Result<Certificate> parse(ByteView der);
  /// One or more PEM blocks `CERTIFICATE`, in their order.
  /// Errors: malformed (none, other text between them), limit (over 16)
  static Result<std::vector<Certificate>> parse_pem_chain(std::string_view text);

  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] std::string pem() const;
  /// `sha256:…` of the DER bytes.
  [[nodiscard]] Digest fingerprint() const;
  /// SubjectPublicKeyInfo, DER.
  [[nodiscard]] const Bytes& public_key_der() const;
  /// Errors: unsupported (a kind of key that davit does not judge), malformed
  [[nodiscard]] Result<PublicKey> public_key() const;

  /// RFC 4514, such as `CN=builder,O=Example`.
  [[nodiscard]] const std::string& subject_name() const;
  [[nodiscard]] const std::string& issuer_name() const;
  /// In the order of the certificate (most general first as a rule).
  [[nodiscard]] const std::vector<NameAttribute>& subject_attributes() const;
  /// DER of the names, and of the serial number's content.
  [[nodiscard]] const Bytes& subject_der() const;
  [[nodiscard]] const Bytes& issuer_der() const;
  [[nodiscard]] const Bytes& serial() const;

  [[nodiscard]] std::int64_t not_before() const;
  [[nodiscard]] std::int64_t not_after() const;
  /// Both ends belong to the validity.
  [[nodiscard]] bool is_valid_at(std::int64_t seconds) const { return not_before() <= seconds && seconds <= not_after(); }

  /// Basic constraints say it may issue certificates.
  [[nodiscard]] bool is_ca() const;
  [[nodiscard]] std::optional<std::uint32_t> path_length() const;
  [[nodiscard]] bool has_key_usage() const;
  /// False when the extension is absent.
  [[nodiscard]] bool allows(KeyUse use) const;
  [[nodiscard]] const std::vector<std::string>& purposes() const;
  [[nodiscard]] bool purposes_are_critical() const;
  [[nodiscard]] const std::vector<AlternativeName>& alternative_names() const;

  /// Content of an extension, by OID.
  [[nodiscard]] std::optional<Bytes> extension(std::string_view oid) const;
  /// OIDs of critical extensions that davit does not understand; such a certificate must not be accepted.
  [[nodiscard]] const std::vector<std::string>& unknown_critical_extensions() const;
  /// Bits of strength of the algorithm that signed this certificate and of its own key; 112 is the least to accept.
  [[nodiscard]] int signature_strength() const;
  [[nodiscard]] int key_strength() const;

  /// Names fit and the issuer's key made the signature. Says nothing of validity or of what the issuer may do. Safe to
  /// call from several threads; the answer is kept, so that asking early makes asking later cheap.
  [[nodiscard]] bool is_issued_by(const Certificate& issuer) const;
  /// Whether is_issued_by() was asked before; it then answers at once about the same issuer.
  [[nodiscard]] bool has_told_issuer() const;
  [[nodiscard]] bool is_self_signed() const { return is_issued_by(*this); }
  /// TBSCertificate without one extension and otherwise the same bytes: what a certificate transparency log signed.
  /// Errors: malformed (no such extension, not DER)
  [[nodiscard]] Result<Bytes> tbs_without(std::string_view oid) const;

  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

 private:
  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;  ///< owners: every copy; never changed but for answers that are kept
};

}  // namespace davit::oci
