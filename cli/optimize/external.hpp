// A wasm-opt of the user's own, newer than the linked Binaryen: for modules with features that one does not know. It is held
// to the same limits as the worker and its result is checked in the same way.
#pragma once

#include "cli/context.hpp"
#include "cli/optimize/request.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {

struct ExternalOptimizer {
  std::string path;
  std::string name;                        ///< `wasm-opt 132`
  std::vector<std::string> environment{};  ///< for the program
  std::string temporary_folder{};
};

/// $DAVIT_WASM_OPT, or `wasm-opt` on PATH.
/// Errors: not_found (there is none), unsupported (too old to help)
Result<ExternalOptimizer> find_external_optimizer(const Context& context);

/// @return the module with new code; not yet checked
/// Errors: unsupported (it failed on the module), limit (time, memory), io
Result<Bytes> run_external_optimizer(const ExternalOptimizer& optimizer, ByteView module, const OptimizeRequest& request,
                                     const wasm::BinarySummary& summary);

}  // namespace davit::cli
