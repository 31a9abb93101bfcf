// What authorities say about certificates that were taken back: OCSP answers (RFC 6960) and revocation lists (RFC 5280).
// Both are documents with a signature and a time; where they came from proves nothing.
#pragma once

#include <cstdint>
#include <string>

#include "oci/trust/crypto/certificate.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_ocsp_bytes = std::uint64_t{64} * 1024;
inline constexpr std::uint64_t k_max_crl_bytes = std::uint64_t{32} << 20;  ///< large authorities have lists of some MiB

enum class RevocationWord { good, revoked, nothing };

/// What a document says; of `nothing`, why it says nothing.
struct RevocationStatement {
  RevocationWord word = RevocationWord::nothing;
  std::string reason{};
};

/// A question about one certificate, DER. Errors: malformed
Result<Bytes> make_ocsp_request(const Certificate& certificate, const Certificate& issuer);

/// Believed when the issuer, or a responder that it made for this, signed it, it is about this certificate, and `now`
/// is between its two times. One that begins later by no more than the tolerance of clocks has begun.
RevocationStatement read_ocsp_answer(ByteView der, const Certificate& certificate, const Certificate& issuer, std::int64_t now);

/// Believed when the issuer signed it and may, `now` is between its two times as above, it has no critical part that is not
/// understood, neither of its own nor of an entry, and it is whole (no delta, not indirect, RFC 5280, 5.2). A list with a
/// scope (IssuingDistributionPoint) speaks of certificates in it only, and one about some reasons never says good.
RevocationStatement read_revocation_list(ByteView der, const Certificate& certificate, const Certificate& issuer, std::int64_t now);

}  // namespace davit::oci
