// `inspect --wit`: the world of a component as WIT text.
#pragma once

#include "cli/context.hpp"
#include "cli/input.hpp"

namespace davit::cli {

/// Text on standard output; with --json the usual report with a field `wit`.
/// Errors: those of wasm::wit_text
Result<int> show_wit(Context& context, const WasmInput& input);

}  // namespace davit::cli
