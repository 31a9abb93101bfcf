// A policy as the documents that admission controllers and container engines read. Kubernetes takes JSON for YAML, so all
// of them are JSON.
//
// A document never accepts what the policy refuses: what cannot be expressed is left stricter where that is possible, and
// each such thing is named. Where leaving it out would accept more, the export is refused for that rule.
#pragma once

#include <string>
#include <vector>

#include "manifests/policy.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

/// A policy with its keys read in, so that documents hold them: every key and authority is a PEM block.
struct ExportedPolicy {
  JsonArray documents{};                     ///< one for containers-policy, else objects of Kubernetes
  std::vector<std::string> not_expressed{};  ///< one sentence each
};

/// @param target  kyverno, policy-controller, ratify or containers-policy
/// Errors: unsupported (a rule that the target could only hold more loosely)
Result<ExportedPolicy> export_policy(const Policy& policy, const std::string& target);

}  // namespace davit::cli
