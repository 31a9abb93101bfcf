// What every toolchain needs: finding its programs, running them, and finding what they made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/build/toolchain.hpp"
#include "cli/process.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

/// A program of npm: `node_modules/.bin` of the folder and of those above it, then the PATH.
std::optional<std::string> find_npm_program(const Context& context, const std::string& folder, const std::string& name);

/// The folder of an npm package, looked up as Node does from the folder.
std::optional<std::string> find_npm_package(const std::string& folder, const std::string& name);

/// The first of these programs that is there: an environment variable's value, then names on the PATH.
std::optional<std::string> find_first_program(const Context& context, const std::string& variable, const std::vector<std::string>& names);

/// The command line for a step of this build, run where the sources are.
ProgramCall make_step(const BuildRequest& request, const std::string& program, std::vector<std::string> words);

/// Runs one step to its end; what it prints goes to standard error.
/// Errors: malformed (it ended with another status than 0), io
Result<void> run_step(const Context& context, const BuildRequest& request, std::string_view toolchain, const ProgramCall& call);

/// As run_step, and returns what it wrote to standard output.
Result<std::string> capture_step(const Context& context, const BuildRequest& request, std::string_view toolchain, const ProgramCall& call);

/// What is compiled, for messages.
std::string source_name(const BuildRequest& request);

bool is_file(const std::string& path);
bool is_folder(const std::string& path);

/// The name of a wasm file in the folder for temporary files, for toolchains that take one.
std::string scratch_output(const BuildRequest& request);

/// The one wasm file below a folder; `--artifact` decides among several.
/// Errors: not_found, usage (several, and none was named), limit
Result<std::string> find_only_wasm(const BuildRequest& request, const std::string& below);

/// Chooses among paths by file name as find_only_wasm does.
Result<std::string> choose_artifact(const BuildRequest& request, std::vector<std::string> paths);

/// The WIT a language without a compiler needs: `--wit`, or the project's `wit` folder, or its only `.wit` file.
/// Errors: not_found
Result<std::string> find_wit(const BuildRequest& request);

/// Flags of clang that keep the folders of this machine out of the file.
std::vector<std::string> prefix_map_flags(const BuildRequest& request);

}  // namespace davit::cli
