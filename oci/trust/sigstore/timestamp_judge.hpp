// Judges timestamps against the authorities of the trust root: the token is about this signature, the authority's own
// certificate made it, that certificate's whole chain was valid then, and the trust root believed the authority then.
#pragma once

#include <span>
#include <vector>

#include "oci/trust/crypto/timestamp.hpp"
#include "oci/trust/sigstore/signed_thing.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::oci {

struct JudgedTimestamp {
  const TrustedAuthority* authority = nullptr;
  std::int64_t time = 0;
};

/// @param timestamps  DER of TimeStampResp
/// @param now         nothing stamped later, by more than the tolerance of clocks, is believed
/// Appends what stands; nothing returned: no objection.
Objection judge_timestamps(std::span<const Bytes> timestamps, ByteView stamped, const TrustedRoot& root, std::int64_t now,
                           std::vector<JudgedTimestamp>& out);

}  // namespace davit::oci
