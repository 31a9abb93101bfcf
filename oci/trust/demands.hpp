// From findings to an answer: whose signature each is, and whether the demands of a plan are met. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "oci/trust/finding.hpp"
#include "oci/trust/trust_plan.hpp"

namespace davit::oci {

/// Whether the finding is an attestation and no signature.
bool is_attestation(const Finding& finding);

/// Names of the signers whose this accepted finding is; empty: of none.
std::vector<std::string> signers_of(const TrustPlan& plan, const Finding& finding);

/// An accepted finding that does not count for the plan becomes a refused one, with its reason: an attestation where
/// signatures are asked for, a signature that had to be logged, another repository's name.
void hold_against(const TrustPlan& plan, Finding& finding);

/// Answers every demand. @param now  seconds since 1970, UTC
Decision answer_demands(const TrustPlan& plan, std::span<const Finding> findings);

}  // namespace davit::oci
