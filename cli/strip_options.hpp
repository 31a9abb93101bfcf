// The options that say which custom sections go, shared by strip and optimize.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "wasm/editor.hpp"

namespace davit::cli {

/// What `strip` offers; bound to `selection`.
std::vector<Option> strip_options(wasm::StripSelection& selection);

/// `debug`, `names`, `producers` or `all`, each as `--strip WHAT` gives it. Errors: usage
Result<wasm::StripSelection> parse_strip_words(const std::vector<std::string>& words);

}  // namespace davit::cli
