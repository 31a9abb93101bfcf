// From a policy file to the plan that the verifier follows for one artifact: keys are loaded, expressions compiled, and
// what the rule says about formats and capabilities becomes the check that comes after the signatures.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "manifests/policy.hpp"
#include "manifests/reference.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::cli {

struct CompiledRule {
  std::string name{};     ///< of the rule
  std::string pattern{};  ///< the pattern that chose it
  oci::TrustPlan plan{};
  oci::ContentCheck content_check{};
  std::string trusted_root{};  ///< path; empty when the policy names none
};

/// Errors: not_found, malformed, limit, unsupported
Result<Policy> load_policy(const std::string& path);

/// @param policy_path  paths in the policy are beside it
/// Errors: malformed (a key or expression that is none), not_found, and those of load_public_keys
Result<oci::TrustPlan> compile_rule(const Policy& policy, const PolicyRule& rule, const std::string& policy_path);

/// @param reference  null for files, which rules know as `file`
/// @param as         the repository to judge it as; empty: its own
/// Errors: those above; untrusted (no rule fits, or the rule denies)
Result<CompiledRule> compile_for(Context& context, const std::string& policy_path, const Reference* reference, const std::string& as);

/// Replaces paths of keys and authorities by what stands in those files.
Result<void> inline_keys(Policy& policy, const std::string& policy_path);

/// Every rule compiled, so that a policy that checks is one that runs.
Result<void> compile_all(const Policy& policy, const std::string& policy_path);

}  // namespace davit::cli
