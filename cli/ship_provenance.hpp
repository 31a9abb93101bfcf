// What `ship` says about its own work: SLSA provenance v1. Like all that davit writes it names no clock, host or path:
// the same inputs give the same statement.
#pragma once

#include <string>
#include <vector>

#include "cli/ship_plan.hpp"
#include "manifests/json.hpp"

namespace davit::cli {

struct ShipEvidence {
  std::string toolchain{};  ///< name and version, as the build step reported them; empty: nothing was built
  std::string toolchain_version{};
  std::string wasm_file{};                ///< what was pushed
  std::string optimization_provenance{};  ///< file that `optimize --provenance` wrote; empty: none
};

/// Errors: io (a source that cannot be read any more)
Result<Json> make_provenance(const ShipPlan& plan, const ShipEvidence& evidence);

}  // namespace davit::cli
