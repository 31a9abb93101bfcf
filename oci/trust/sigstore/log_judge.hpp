// Judges the log entries that came with a signature: each must be of a log in the trust root, be promised or included
// (both, where both are there), and be about this signature. One that is not fails the whole.
#pragma once

#include <span>
#include <vector>

#include "oci/trust/sigstore/log_body.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::oci {

/// An entry that stands.
struct JudgedEntry {
  const TrustedLog* log = nullptr;
  LogRecord record{};
  std::optional<std::int64_t> time{};  ///< only when a promise covers it (CVE-2026-48816)
};

/// @param now  nothing integrated later, by more than the tolerance of clocks, is believed
/// Appends what stands; nothing returned: no objection.
Objection judge_log_entries(std::span<const LogEntry> entries, const SignedThing& thing, const TrustedRoot& root, std::int64_t now,
                            std::vector<JudgedEntry>& out);

/// The bytes that a signed entry timestamp is over (RFC 8785 form).
std::string promised_text(const LogEntry& entry);

}  // namespace davit::oci
