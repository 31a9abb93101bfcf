// Judges one envelope of the Notary Project: no network but through the port for revocation, no clock, no state.
//
// The order is that of specifications/trust-store-trust-policy.md: integrity (form, chain rules, algorithm, signature,
// payload), then authenticity (a certificate of the chain stands in a trust store, and the leaf's name is trusted),
// expiry, time (a timestamp, or the certificates being valid now), revocation. Integrity and what the signature is about
// are always enforced; the rest as the policy's statement says, and what it only logs becomes a warning.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "manifests/descriptor.hpp"
#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/judge.hpp"
#include "oci/trust/notation/revocation.hpp"
#include "oci/trust/notation/trust_policy.hpp"

namespace davit::oci {

/// A statement of a trust policy with the certificates of its stores.
struct NotationTrust {
  TrustStatement statement{};
  std::vector<Certificate> authorities{};                ///< of its stores `ca:…`
  std::vector<Certificate> signing_authorities{};        ///< of its stores `signingAuthority:…`
  std::vector<Certificate> timestamp_authorities{};      ///< of its stores `tsa:…`
  bool names_timestamp_store = false;                    ///< then a timestamp is asked for
  std::vector<IdentityRule> names{};                     ///< whole subject and issuer names, besides the statement's identities
  Annotations required_metadata{};                       ///< what the signer must have said
  std::shared_ptr<const RevocationSource> revocation{};  ///< owners: the caller and every judge of the run; null: offline
};

/// Trust in these certificates, strictly and in any name below them unless `names` says which.
NotationTrust trust_in_chain(std::vector<Certificate> authorities, std::vector<IdentityRule> names);

/// @param now  seconds since 1970, UTC
Finding judge_notation(ByteView envelope, std::string_view media_type, const ArtifactView& artifact, const NotationTrust& trust,
                       std::int64_t now);

}  // namespace davit::oci
