// Optimizes one core module and trusts nothing about it: our reader looks at the module before it goes in and again when it
// comes out, and a result that is not provably as good is not used. What the linked Binaryen does not handle goes to a newer
// wasm-opt if there is one, and else is only stripped.
#pragma once

#include "cli/context.hpp"
#include "cli/optimize/request.hpp"

namespace davit::cli {

/// May be called by several threads at once.
/// Errors: malformed (not valid wasm), unsupported (an object file; with `strict` also what no optimizer here handles),
///         limit (time, memory), io, not_found (the worker program)
Result<Optimized> optimize_core(const Context& context, ByteView module, const OptimizeRequest& request);

}  // namespace davit::cli
