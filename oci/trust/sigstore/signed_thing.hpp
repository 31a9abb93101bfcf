// One signature with all that is known of it, whatever form carried it: every check of sigstore/ speaks of this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/envelope.hpp"
#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/keys.hpp"
#include "oci/trust/signed_message.hpp"

namespace davit::oci {

/// A view; what it points to must outlive it.
struct SignedThing {
  SignedMessageView message;           ///< what the signature is over: the artifact, or the envelope's encoding
  ByteView signature;                  ///< raw
  ByteView stamped;                    ///< what a timestamp is over: as a rule the signature
  const Envelope* envelope = nullptr;  ///< of statements
  ByteView envelope_bytes{};           ///< the envelope exactly as it was stored, where it was stored by itself
  const Certificate* leaf = nullptr;   ///< exactly one of these two
  const PublicKey* key = nullptr;
};

/// An objection: the one reason why a candidate is refused.
struct Refused {
  Refusal refusal = Refusal::malformed;
  std::string reason{};
};

/// Nothing: no objection.
using Objection = std::optional<Refused>;

/// An error as an objection; what is untrusted becomes `untrusted`.
inline Refused objection_of(const Error& error, Refusal untrusted) {
  Refused out{.reason = error.place.empty() ? error.message : error.message + " at " + error.place};
  switch (error.code) {
    case ErrorCode::unsupported: out.refusal = Refusal::unsupported; break;
    case ErrorCode::limit: out.refusal = Refusal::over_limit; break;
    case ErrorCode::untrusted: out.refusal = untrusted; break;
    default: out.refusal = Refusal::malformed; break;
  }
  return out;
}

}  // namespace davit::oci
