// From a certificate to an anchor that the caller trusts, as it was at one time. Every certificate on the way is held
// to that time, not only the first (CVE-2026-24122 was the other way), and to what its issuer allowed.
#pragma once

#include <span>
#include <vector>

#include "oci/trust/crypto/certificate.hpp"

namespace davit::oci {

struct ChainQuestion {
  std::span<const Certificate> intermediates{};  ///< help to find the way; not trusted
  std::span<const Certificate> anchors{};        ///< trusted; their own signatures are not asked
  std::int64_t at = 0;                           ///< seconds since 1970
  std::string_view purpose{};                    ///< an extended key usage that the leaf must have and no issuer may exclude; empty: none
};

/// The chain, leaf first and anchor last. A leaf that is itself an anchor is a chain of one.
/// Errors: untrusted (no way to an anchor; the message names the obstacle that came nearest), limit
Result<std::vector<Certificate>> find_chain(const Certificate& leaf, const ChainQuestion& question);
/// As above, by parts.
Result<std::vector<Certificate>> find_chain(const Certificate& leaf, std::span<const Certificate> intermediates,
                                            std::span<const Certificate> anchors, std::int64_t at_seconds);

}  // namespace davit::oci
