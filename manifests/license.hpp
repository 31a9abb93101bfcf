// SPDX licence expressions (SPDX 2.3 annex D):
//
//   expression = term { ("AND" | "OR") term }        "AND" binds more tightly, which does not matter for a check
//   term       = "(" expression ")" | simple [ "WITH" exception ]
//   simple     = short name [ "+" ] | [ "DocumentRef-" name ":" ] "LicenseRef-" name
#pragma once

#include <string_view>

#include "manifests/result.hpp"

namespace davit {

/// Every short name of the SPDX list, exceptions included, with a blank after each.
extern const std::string_view k_license_names;

/// Whether it is a short name of the SPDX list.
bool is_license_name(std::string_view name);

/// Errors: malformed (names the word that does not fit)
Result<void> check_license_expression(std::string_view text);

}  // namespace davit
