// A core module made into a component: `wasm-tools component new`, or `jco new`, with the adapter that answers preview 1
// calls with preview 2 interfaces.
#pragma once

#include <optional>
#include <string>

#include "cli/build/toolchain.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {

/// The adapter: DAVIT_WASI_ADAPTER, or the one inside an installed jco. @param command  for a program, else for a library
std::optional<std::string> find_wasi_adapter(const Context& context, const std::string& folder, bool command);

/// What is missing to make components of modules that use preview 1, or nothing.
std::optional<std::string> missing_for_components(const Context& context, const std::string& folder);

/// @param summary  of the module
/// @return the path of the component, in the request's scratch folder
/// Errors: not_found (no tool, no adapter), malformed (the tool refused), io
Result<std::string> make_component(const Context& context, const BuildRequest& request, const std::string& module,
                                   const wasm::BinarySummary& summary);

}  // namespace davit::cli
