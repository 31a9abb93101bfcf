// The front of the optimizer: a core module or a component.
#pragma once

#include "cli/context.hpp"
#include "cli/optimize/request.hpp"

namespace davit::cli {

/// Errors: malformed (not valid wasm), unsupported (an object file; with `strict` also what no optimizer here handles),
///         limit (time, memory), io, not_found (the worker program)
Result<Optimized> optimize_file(const Context& context, ByteView file, const OptimizeRequest& request);

}  // namespace davit::cli
