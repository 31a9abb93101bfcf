#include "oci/trust/objection.hpp"

namespace davit::oci {

std::optional<Refusal> refusal_of(const Error& error, Refusal untrusted) {
  switch (error.code) {
    case ErrorCode::not_found:
    case ErrorCode::malformed:
    case ErrorCode::mismatch: return Refusal::malformed;
    case ErrorCode::untrusted: return untrusted;
    case ErrorCode::limit: return Refusal::over_limit;
    case ErrorCode::unsupported: return Refusal::unsupported;
    case ErrorCode::internal:
    case ErrorCode::usage:
    case ErrorCode::io:
    case ErrorCode::denied:
    case ErrorCode::network:
    case ErrorCode::registry:
    case ErrorCode::conflict:
    case ErrorCode::capability_refused:
    case ErrorCode::unsigned_content: return std::nullopt;
  }
  return std::nullopt;
}

Refused objection_of(const Error& error, Refusal untrusted) {
  return {.refusal = refusal_of(error, untrusted).value_or(Refusal::malformed),
          .reason = error.place.empty() ? error.message : error.message + " at " + error.place};
}

}  // namespace davit::oci
