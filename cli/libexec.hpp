// Where the user may have put programs and libraries of ours elsewhere (manifests/own_files.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"

namespace davit::cli {

/// Where a file of `libexec/davit` may be: the folder DAVIT_LIBEXEC names, then places_of_own().
std::vector<std::string> libexec_places(const Context& context, std::string_view name);

}  // namespace davit::cli
