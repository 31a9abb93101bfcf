// The trust root of a run: the file that was named, else what `trust update` fetched. Its age is said, never hidden.
#pragma once

#include <memory>
#include <string>

#include "cli/context.hpp"
#include "oci/trust/trust_plan.hpp"

namespace davit::cli {

/// The file of the run; empty when none was named and none was fetched.
/// @param named  path of trusted_root.json; empty: the fetched one, if there is one
Result<std::string> find_trust_root(const Context& context, const std::string& named);

/// Reads one and says its age. Errors: not_found, malformed, unsupported, limit
Result<std::shared_ptr<const oci::TrustedRoot>> read_trust_root(const Context& context, const std::string& path);

/// Whether the plan asks for anything that only a trust root can vouch for.
bool needs_trust_root(const oci::TrustPlan& plan);

/// @param path  as for `find_trust_root`
/// @return null when there is none and the plan can do without (keys that need no log)
/// Errors: usage (the plan needs one and there is none), and those of `read_trust_root`
Result<std::shared_ptr<const oci::TrustedRoot>> load_trust_root(Context& context, const std::string& path, const oci::TrustPlan& plan);

}  // namespace davit::cli
