// From what others write to a davit policy. What would come out weaker than it was is refused, not approximated.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "manifests/policy.hpp"

namespace davit::cli {

/// A ClusterImagePolicy of policy-controller, or a list of them, in JSON (`kubectl get clusterimagepolicy -o json`).
/// Errors: malformed, unsupported (what a davit policy cannot say)
Result<Policy> import_cluster_image_policies(std::string_view text);

/// A trust policy of the Notary Project; the certificates of its stores are copied into the policy.
/// @param folder  notation's configuration folder, where the trust stores are
/// Errors: those of NotationPolicy and the trust stores; unsupported (a level that only logs, or skips)
Result<Policy> import_notation_policy(const std::string& path, const std::string& folder);

}  // namespace davit::cli
