// Whether the predicate of a verified statement says what a demand asks: SLSA builder and source, age, counts of
// vulnerabilities, and conditions at places of its JSON. What cannot be found is not fulfilled.
#pragma once

#include <cstdint>
#include <span>

#include "oci/trust/finding.hpp"
#include "oci/trust/trust_plan.hpp"

namespace davit::oci {

/// One part for each thing that the demand asks of the content; a demand that asks nothing has no parts and passes.
/// @param finding  verified, with its statement
/// @param now      seconds since 1970, UTC
Decision check_predicate(const AttestationDemand& demand, const Finding& finding, std::int64_t now);

}  // namespace davit::oci
