// The timestamp of an envelope: an RFC 3161 token over the value of its signature, from an authority whose root stands
// in a trust store `tsa:…`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "oci/trust/crypto/certificate.hpp"

namespace davit::oci {

struct Countersignature {
  std::int64_t earliest = 0;  ///< seconds since 1970: the time less the accuracy that the authority states
  std::int64_t latest = 0;
  std::int64_t time = 0;
  std::vector<Certificate> chain{};  ///< of the authority, leaf first, root last
};

/// Errors: malformed, unsupported, untrusted
Result<Countersignature> check_countersignature(ByteView token, ByteView signature, std::span<const Certificate> authorities);

/// The token inside an authority's whole answer, which must be about this signature.
/// Errors: malformed, untrusted (the authority refused, or stamped something else)
Result<Bytes> token_of_answer(ByteView answer, ByteView signature);

}  // namespace davit::oci
