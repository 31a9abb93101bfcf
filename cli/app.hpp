// Words in, exit status out: finds the command, parses its words and runs it.
#pragma once

#include <string>
#include <vector>

namespace davit::cli {

/// Runs one command line (without the program's name). Never throws.
int run_app(const std::vector<std::string>& words);

}  // namespace davit::cli
