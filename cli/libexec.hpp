// Programs and libraries of ours that are started or loaded by their path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"

namespace davit::cli {

/// Where a file of `libexec/davit` may be: the folder DAVIT_LIBEXEC names, that of this program, and the installed one.
std::vector<std::string> libexec_places(const Context& context, std::string_view name);

}  // namespace davit::cli
