// What an entry of a transparency log says, and that it says it of this signature. One function binds an entry to a
// signature, whatever form carried them: an entry that is in a log proves nothing about another signature
// (CVE-2022-23649, CVE-2022-36056, CVE-2026-22703).
//
// Kinds: hashedrekord 0.0.1, dsse 0.0.1, intoto 0.0.1 and 0.0.2 (Rekor v1), hashedrekord 0.0.2 (Rekor v2).
#pragma once

#include "oci/trust/bundle.hpp"
#include "oci/trust/sigstore/signed_thing.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_log_body_bytes = std::size_t{8} << 20;

/// Whether the body is of the second generation of Rekor: no promise and no time in its entries.
bool is_second_generation(std::string_view kind, std::string_view version);

/// kind and version as the body itself says.
/// Errors: malformed, limit
Result<std::pair<std::string, std::string>> log_body_kind(ByteView body);

/// Nothing when the entry is about exactly this signature: digest, signature, and key or certificate.
Objection bind_log_body(ByteView body, const SignedThing& thing);

}  // namespace davit::oci
