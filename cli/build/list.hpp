// `build --list`: every toolchain, whether it is here, its version, and the command that installs it.
#pragma once

#include <string>
#include <string_view>

#include "cli/context.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

/// Asks all programs for their versions at the same time, each for a few seconds at most.
Result<int> list_toolchains(Context& context);

/// The version that one toolchain's program says; empty when it says none.
std::string toolchain_version(const Context& context, std::string_view name);

}  // namespace davit::cli
