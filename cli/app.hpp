// Words in, exit status out: finds the command, parses its words and runs it.
#pragma once

#include "cli/context.hpp"
#include "manifests/result.hpp"

#include <string>
#include <vector>

namespace davit::cli {

/// Runs one command line (without the program's name). Never throws.
int run_app(const std::vector<std::string>& words);

/// Runs a command for another one, with its registry options: quiet, and with what it prints (JSON) returned.
/// An exit status other than 0 without an error counts as internal.
Result<std::string> run_for(Context& caller, const std::vector<std::string>& words);

}  // namespace davit::cli
