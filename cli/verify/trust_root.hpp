// The trust root of a run: the file that was named, else what `trust update` fetched. Its age is said, never hidden.
#pragma once

#include <memory>
#include <string>

#include "cli/context.hpp"
#include "oci/trust/trust_plan.hpp"

namespace davit::cli {

/// @param path  of trusted_root.json; empty: the fetched one, if there is one
/// @return null when there is none and the plan can do without (keys that need no log)
/// Errors: usage (the plan needs one and there is none), not_found, malformed, unsupported
Result<std::shared_ptr<const oci::TrustedRoot>> load_trust_root(Context& context, const std::string& path, const oci::TrustPlan& plan);

}  // namespace davit::cli
