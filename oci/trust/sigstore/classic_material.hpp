// What the classic form keeps beside a signature, in annotations of its layer:
//
//   certificate, chain   PEM; the chain may end in a root, which is not believed for being there
//   bundle               {"SignedEntryTimestamp":b64,"Payload":{"body":b64,"integratedTime":n,"logIndex":n,"logID":hex}}
//   rfc3161timestamp     {"SignedRFC3161Timestamp":b64}
#pragma once

#include <vector>

#include "oci/trust/bundle.hpp"
#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/judge.hpp"

namespace davit::oci {

struct ClassicMaterial {
  std::vector<Certificate> certificates{};  ///< the signer's first, then what the chain holds without roots
  std::vector<LogEntry> entries{};
  std::vector<Bytes> timestamps{};
};

/// Errors: malformed, limit
Result<ClassicMaterial> parse_classic_material(const ClassicEntry& entry);

/// The annotation `dev.sigstore.cosign/bundle` for an entry with a promise.
std::string write_classic_bundle(const LogEntry& entry);
/// The annotation `dev.sigstore.cosign/rfc3161timestamp`.
std::string write_classic_timestamp(ByteView response);

}  // namespace davit::oci
