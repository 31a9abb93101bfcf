// What stands beside a signature - log entries, timestamps, certificates - held against what the caller trusts. Both
// forms of Sigstore's signatures come through here.
#pragma once

#include <span>
#include <vector>

#include "oci/trust/bundle.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/sigstore/signed_thing.hpp"
#include "oci/trust/trust_inputs.hpp"

namespace davit::oci {

struct Evidence {
  std::span<const LogEntry> entries{};
  std::span<const Bytes> timestamps{};
  std::span<const Certificate> intermediates{};
};

/// Logs, timestamps, trusted times; then, for a certificate, its chain at every trusted time and the promises of
/// certificate logs; for a key, its own validity. Fills logs and times of the finding, also when it objects.
/// Does not look at the signature itself, nor at who the certificate names.
Objection judge_evidence(const SignedThing& thing, const Evidence& evidence, const SigstoreTrust& trust, Finding& finding);

/// Whether some rule of the caller fits the certificate; fills the finding's signer.
Objection judge_identity(const CertificateIdentity& identity, const SigstoreTrust& trust, Finding& finding);

}  // namespace davit::oci
