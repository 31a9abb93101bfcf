// From a policy file to the plan that the verifier follows for one artifact: keys are loaded, expressions compiled, and
// what the rule says about formats and capabilities becomes the check that comes after the signatures.
#pragma once

#include <map>
#include <memory>
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

/// A policy that was read once and is asked about many artifacts: each of its rules is compiled when it is first chosen.
class PolicyBook {
 public:
  /// Errors: those of load_policy
  static Result<PolicyBook> load(const std::string& path);

  /// @param reference  null for files, which rules know as `file`
  /// @param as         the repository to judge it as; empty: its own
  /// Errors: those of compile_rule; untrusted (no rule fits, or the rule denies)
  Result<CompiledRule> rule_for(Context& context, const Reference* reference, const std::string& as);

 private:
  PolicyBook(std::string path, Policy policy) : path_(std::move(path)), policy_(std::make_unique<Policy>(std::move(policy))) {}
  std::string path_;
  std::unique_ptr<Policy> policy_;  ///< stays where it is: the plans are found by the addresses of its rules
  std::map<const PolicyRule*, oci::TrustPlan> plans_{};
};

/// Replaces paths of keys and authorities by what stands in those files.
Result<void> inline_keys(Policy& policy, const std::string& policy_path);

/// Every rule compiled, so that a policy that checks is one that runs.
Result<void> compile_all(const Policy& policy, const std::string& policy_path);

}  // namespace davit::cli
