// Checkpoints: a transparency log's signed statement "my tree of this size has this root", written as a signed note
// (C2SP signed-note and tlog-checkpoint, and Rekor's older form).
//
//   origin \n size \n base64(root) \n [further lines \n] \n — name base64(hint ‖ signature) \n …
//
// Signed is everything up to and with the line break before the blank line. Signatures of others (witnesses, another
// key of the same origin) may stand beside the log's; they are neither needed nor believed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_note_signatures = 64;

struct NoteSignature {
  std::string name;
  Bytes hint;  ///< four bytes
  Bytes signature;
};

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Bytes root{};               ///< 32 bytes
  std::string signed_text{};  ///< the exact bytes that are signed
  std::vector<NoteSignature> signatures{};
};

/// Errors: malformed, limit
Result<Checkpoint> parse_checkpoint(std::string_view note);

/// Whether this log signed it: the origin is the log's, and a line with the log's name and key hint holds its signature.
/// Errors: untrusted (no such line, signature does not fit, origin of another log)
Result<void> check_checkpoint(const Checkpoint& checkpoint, const TrustedLog& log);

}  // namespace davit::oci
