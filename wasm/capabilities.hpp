// From imports to capabilities: what a wasm file can reach of the outside. The answer is never too small: an import
// that davit does not know becomes `host:NAMESPACE`, and where a call's arguments decide (path_open) every
// possibility counts.
#pragma once

#include <string>
#include <vector>

#include "manifests/capability_manifest.hpp"
#include "wasm/summary.hpp"

namespace davit::wasm {

struct ReachedCapability {
  Capability capability;
  std::vector<std::string> via{};  ///< `module.name` of each import (or the export through which a host calls in)
};

/// Everything the file can reach, sorted by capability.
std::vector<ReachedCapability> reach_of(const BinarySummary& summary);

/// The smallest manifest that covers a reach; patterns are as wide as they can be, since imports name no paths or hosts.
CapabilityManifest derive_manifest(const std::vector<ReachedCapability>& reach);

struct ReachComparison {
  std::vector<ReachedCapability> not_requested{};  ///< reachable, but no request covers it
  std::vector<Capability> unreachable{};           ///< requested, but nothing in the file can reach it
};

ReachComparison compare_reach(const std::vector<ReachedCapability>& reach, const CapabilityRequests& requests);

}  // namespace davit::wasm
