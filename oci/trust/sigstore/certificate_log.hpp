// Signed certificate timestamps (RFC 6962 section 3.2 and 3.3): a certificate log's promise, inside the certificate,
// that it holds the certificate. What the log signed is the certificate without these promises, and its issuer's key.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::oci {

inline constexpr std::string_view k_oid_certificate_timestamps = "1.3.6.1.4.1.11129.2.4.2";
inline constexpr std::size_t k_max_certificate_timestamps = 32;

struct CertificateTimestamp {
  Bytes log_id;                     ///< 32 bytes
  std::uint64_t milliseconds = 0;   ///< since 1970
  Bytes extensions;                 ///< signed along; may be empty
  std::uint8_t hash_algorithm = 0;  ///< as TLS 1.2 numbers them
  std::uint8_t signature_algorithm = 0;
  Bytes signature;
};

/// Reads the content of the extension.
/// Errors: malformed, unsupported (version), limit
Result<std::vector<CertificateTimestamp>> parse_certificate_timestamps(ByteView extension);

/// Ids of the distinct trusted logs that promise this certificate. A promise of an unknown log counts for nothing; one
/// in the name of a trusted log that does not fit is an error.
/// Errors: malformed, unsupported, untrusted
Result<std::set<Bytes>> find_certificate_logs(const Certificate& leaf, const Certificate& issuer, std::span<const TrustedLog> logs);

}  // namespace davit::oci
