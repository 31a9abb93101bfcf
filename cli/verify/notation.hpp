// Trust in signatures of the Notary Project: notation's own policy and stores at their own paths, a policy that is named,
// or an authority that is named.
#pragma once

#include <vector>

#include "cli/verify/options.hpp"
#include "oci/trust/trust_plan.hpp"

namespace davit::cli {

/// Adds a signer to the plan when something speaks for one: --trust-policy, --certificate-chain, or, when nothing else was
/// said at all, notation's own policy where there is one.
/// @param reference  null for files; then the policy is one of blobs
/// @param names      subject and issuer that --certificate-identity and --certificate-oidc-issuer ask for; may be empty
/// Errors: not_found, io, malformed, untrusted (no statement of the policy applies)
Result<void> add_notation_signer(Context& context, const TrustOptions& options, const Reference* reference,
                                 const std::vector<oci::IdentityRule>& names, oci::TrustPlan& plan);

/// notation's configuration folder: $XDG_CONFIG_HOME/notation, else ~/.config/notation.
std::string notation_folder(const Context& context);

}  // namespace davit::cli
