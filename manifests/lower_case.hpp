// Letters of ASCII in one case; what compares names without regard to case must not depend on a locale.
#pragma once

#include <string>
#include <string_view>

namespace davit {

/// A to Z become a to z; every other byte stays.
std::string lower_case(std::string_view text);

}  // namespace davit
