// Many references in one run: one line each on standard output, the worst answer as exit status.
#pragma once

#include <string>

#include "cli/verify/target.hpp"

namespace davit::cli {

/// Verifies each line of a file (`-`: standard input); empty lines and lines that begin with # are left out. Nothing is
/// kept but the status, unless SARIF is asked for.
/// Errors: that of the first that is not accepted, when all were looked at; usage (the list is empty), not_found, limit
Result<int> verify_many(Context& context, const TrustOptions& trust, const std::string& list, bool sarif);

}  // namespace davit::cli
