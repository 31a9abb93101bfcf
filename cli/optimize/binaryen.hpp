// The linked Binaryen, in its worker: what goes in, what is put back around the result, what its ends mean.
#pragma once

#include "cli/context.hpp"
#include "cli/optimize/request.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {

/// @param summary  of the module
/// @return the module with new code; not yet checked
/// Errors: malformed (not valid wasm), unsupported (crash, object file, what Binaryen cannot read), limit (time, memory),
///         io, not_found (the worker program)
Result<Bytes> run_binaryen(const Context& context, ByteView module, const OptimizeRequest& request, const wasm::BinarySummary& summary);

/// What this Binaryen does not handle, if the module has it.
std::optional<wasm::Construct> first_beyond_linked_binaryen(const wasm::BinarySummary& summary);

/// What -O means to Binaryen.
struct OptimizeLevels {
  int optimize = 0;
  int shrink = 0;
};
OptimizeLevels levels_of(const std::string& level);

/// Custom sections around the code: taken off before an optimizer runs, put back after.
struct ModuleParts {
  std::vector<ByteView> code{};    ///< preamble, known sections and, when names are kept, the name section
  std::vector<ByteView> before{};  ///< custom sections that must come first (dylink.0)
  std::vector<ByteView> after{};
  bool has_names = false;
};
/// Errors: malformed, unsupported (an object file)
Result<ModuleParts> take_apart(ByteView module, const wasm::StripSelection& strip, bool with_names);
Bytes put_together(const ModuleParts& parts, ByteView optimized);

}  // namespace davit::cli
