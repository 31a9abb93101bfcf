// What `optimize` says about its result.
#pragma once

#include "cli/optimize/request.hpp"
#include "manifests/json.hpp"

namespace davit::cli {

struct OptimizedSizes {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

JsonObject optimized_to_json(const Optimized& optimized, const std::string& output, const std::string& level, OptimizedSizes sizes);
/// One line for the result, then one for each thing that was left as it was or went.
std::vector<std::string> optimized_to_lines(const Optimized& optimized, const std::string& output, const std::string& level,
                                            OptimizedSizes sizes);

}  // namespace davit::cli
