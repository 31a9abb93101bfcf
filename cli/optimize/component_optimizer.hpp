// Optimizes a component: exports of its core modules that nothing uses become internal, the modules are optimized (each
// different one once, side by side within the memory limit), and what then has no user any more goes, up to whole imports
// of the component. That takes rounds, since a module that lost an import frees an export of another.
#pragma once

#include "cli/context.hpp"
#include "cli/optimize/request.hpp"

namespace davit::cli {

/// Errors: malformed, unsupported (only with `strict`, or when the result would not be as good as the input),
///         limit (time, memory), io, not_found (the worker program)
Result<Optimized> optimize_component(const Context& context, ByteView component, const OptimizeRequest& request);

}  // namespace davit::cli
