// Why a candidate is refused, and how an error becomes such a reason: the same for every form of signature.
#pragma once

#include <optional>
#include <string>

#include "manifests/error.hpp"
#include "oci/trust/finding.hpp"

namespace davit::oci {

/// The one reason why a candidate is refused.
struct Refused {
  Refusal refusal = Refusal::malformed;
  std::string reason{};
};

/// Nothing: no objection.
using Objection = std::optional<Refused>;

/// What an error says of the candidate; nothing when it speaks of the way to it (network, registry, bugs of ours).
/// @param untrusted  what ErrorCode::untrusted becomes
std::optional<Refusal> refusal_of(const Error& error, Refusal untrusted);

/// An error about a candidate whose bytes are here, with its place; what says nothing of it is `malformed`.
Refused objection_of(const Error& error, Refusal untrusted);

}  // namespace davit::oci
