// What stands between an optimized file and its name: a size budget and the user's own check.
#pragma once

#include "cli/context.hpp"
#include "manifests/bytes.hpp"

namespace davit::cli {

/// @param previous_path  the file that the result would replace; if it is there, what grew since is told
/// Errors: limit (over the budget; the largest parts have been said)
Result<void> check_size_budget(const Context& context, ByteView result, std::uint64_t budget_bytes, const std::string& previous_path);

/// Runs a shell command with the path of a file that holds the result, in place of every `{}` or as its last word.
/// Errors: mismatch (the command fails), io, not_found (no shell)
Result<void> run_own_check(const Context& context, ByteView result, const std::string& command);

}  // namespace davit::cli
