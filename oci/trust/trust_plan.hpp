// What a verification is held against, whichever way the caller said it: keys and identities on the command line, or one
// rule of a policy. Signers are who may sign; demands say how many of them must have, and what must be attested.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/policy.hpp"
#include "oci/trust/trust_inputs.hpp"

namespace davit::oci {

struct NotationTrust;  // notation/judge.hpp

/// Somebody whose signatures count, under a name that demands use.
struct TrustedSigner {
  std::string name;
  std::vector<PublicKey> keys{};
  std::vector<IdentityRule> identities{};
  bool logged = false;  ///< with a key: a transparency log must hold the signature
  /// Notary Project signatures that are this signer's. Owners: every copy of the plan; never changed.
  std::shared_ptr<const NotationTrust> notation{};
};

struct SignatureDemand {
  std::string role{};                ///< for people; may be empty
  std::vector<std::string> signers;  ///< names of trusted signers
  std::size_t threshold = 1;         ///< distinct signers
};

/// What must hold at one place of a predicate.
struct PredicateCondition {
  std::string pointer;
  std::vector<Json> one_of{};
  std::optional<TextRule> pattern{};
  std::optional<double> at_most{};
};

struct AttestationDemand {
  std::string type;  ///< predicate type URI
  std::vector<std::string> signers;
  std::size_t threshold = 1;
  std::optional<TextRule> builder{};
  std::optional<TextRule> source{};
  std::int64_t max_age_seconds = 0;  ///< 0: any age
  std::map<std::string, std::uint64_t> severities{};
  std::vector<PredicateCondition> conditions{};
};

/// A plan without demands, or with a demand that names nobody, is refused by the verifier.
struct TrustPlan {
  std::vector<TrustedSigner> signers;
  std::vector<SignatureDemand> signatures;
  std::vector<AttestationDemand> attestations{};
  /// Logs, authorities and thresholds that hold for all signers; its keys and identities are filled from them.
  SigstoreTrust sigstore{};
  bool lax_type = false;           ///< an attestation counts as a signature, as it does for cosign; with a warning
  std::string docker_reference{};  ///< classic signatures must name this repository; empty: reported only
};

/// One question of a decision and its answer; a decision is the tree of them.
struct Decision {
  bool passed = false;
  std::string text{};
  ErrorCode code = ErrorCode::untrusted;  ///< what a refusal because of this is
  std::vector<Decision> parts{};
};

}  // namespace davit::oci
