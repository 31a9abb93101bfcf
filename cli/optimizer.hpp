// Optimizes one core module with Binaryen in its worker, and trusts nothing about it: our reader looks at the module
// before it goes in and again when it comes out, and a result that is not provably as good is not used.
#pragma once

#include <optional>
#include <string>

#include "cli/context.hpp"
#include "cli/optimize_cache.hpp"
#include "cli/worker_process.hpp"
#include "wasm/editor.hpp"

namespace davit::cli {

/// Chosen by measurement over real modules of up to 3 MB; see `optimize` in the manual.
inline constexpr std::string_view k_default_level = "s";

struct OptimizeRequest {
  std::string level{k_default_level};  ///< 0 … 4, s, z
  wasm::StripSelection strip{};
  bool use_cache = true;
  WorkerLimits limits{};
};

struct Optimized {
  Bytes made{};                                 ///< by this run
  std::optional<OptimizeCache::Entry> found{};  ///< or by an earlier one
  bool kept_input = false;                      ///< the optimizer's result was not smaller
  bool from_cache = false;
  [[nodiscard]] ByteView bytes() const { return found ? found->content() : ByteView(made); }
};

/// Errors: malformed (not valid wasm), unsupported (component, object file, construct beyond Binaryen; worker crash),
///         limit (time, memory), io, not_found (the worker program)
Result<Optimized> optimize_module(Context& context, ByteView module, const OptimizeRequest& request);

}  // namespace davit::cli
