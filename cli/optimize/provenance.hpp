// Where an optimized file comes from: the predicate of a SLSA provenance statement (slsa.dev, provenance v1), for `attest`.
// It holds no times and no paths, so the same work gives the same bytes.
#pragma once

#include "cli/optimize/request.hpp"
#include "manifests/bytes.hpp"
#include "manifests/json.hpp"

namespace davit::cli {

/// On the wire: never change.
inline constexpr std::string_view k_provenance_predicate = "https://slsa.dev/provenance/v1";
inline constexpr std::string_view k_optimize_build_type = "urn:davit:optimize:1";

struct ProvenanceNames {
  std::string input{};
  std::string output{};
};

Json optimize_provenance(const OptimizeRequest& request, const std::vector<std::string>& strip, const Optimized& optimized, ByteView input,
                         const ProvenanceNames& names);

}  // namespace davit::cli
