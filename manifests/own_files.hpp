// Programs and libraries of ours that are started or loaded by their path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace davit {

/// Where a file of `libexec/davit` may be: in the folder of this program, where it was built, and where it is installed.
/// Always paths, never what the environment names. Nothing where the system does not say which program this is.
std::vector<std::string> places_of_own(std::string_view name);

}  // namespace davit
