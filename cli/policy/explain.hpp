// A policy in sentences, one paragraph for each rule, in the order in which rules are tried.
#pragma once

#include <string>

#include "manifests/policy.hpp"

namespace davit::cli {

std::string explain_policy(const Policy& policy);
std::string explain_rule(const Policy& policy, const PolicyRule& rule);

}  // namespace davit::cli
