// Reads keys, trust roots and policies and puts them together: one verifier for each artifact of a run. What does not
// depend on the artifact is read once, when it is first needed, and so is the same for all of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/policy/compile.hpp"
#include "cli/verify/options.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::cli {

class VerifierSource {
 public:
  /// Both must outlive it.
  /// @param one_of_many  others are verified at the same time, so that nothing is gained by asking several things at once
  VerifierSource(Context& context, const TrustOptions& options, bool one_of_many = false)
      : context_(context), options_(options), one_of_many_(one_of_many) {}

  /// @param reference  what will be verified; null for files
  /// Errors: usage (nothing to trust, options that exclude each other), not_found, malformed, untrusted (the policy refuses)
  Result<oci::Verifier> make(const Reference* reference);

 private:
  Result<oci::TrustPlan> plan_by_hand(const Reference* reference);
  Result<CompiledRule> rule_for(const Reference* reference);
  Result<void> add_trust_root(const std::string& path, oci::TrustPlan& plan);

  Context& context_;
  const TrustOptions& options_;
  bool one_of_many_;
  std::optional<std::vector<oci::PublicKey>> keys_{};
  std::optional<PolicyBook> policy_{};
  std::optional<std::vector<std::string>> chain_{};
  std::shared_ptr<const oci::TrustedRoot> root_{};
};

/// The verifier of a run about one thing.
Result<oci::Verifier> make_verifier(Context& context, const TrustOptions& options, const Reference* reference);

}  // namespace davit::cli
