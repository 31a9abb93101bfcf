// The table of toolchains: what each compiles, what it needs, and the command line it is given.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "cli/process.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

enum class BuildTarget { wasi_preview1, wasi_preview2, core };

struct BuildRequest {
  std::vector<std::string> sources;
  std::string output;
  BuildTarget target = BuildTarget::wasi_preview1;
  std::vector<std::string> extra;  ///< words for the compiler, as they are
};

struct Toolchain {
  std::string_view name;
  std::string_view language;
  std::vector<std::string_view> endings;  ///< of the sources it compiles
  std::string_view install;               ///< the command that installs it on Debian
  /// What is missing on this machine, or nothing.
  std::function<std::optional<std::string>(const Context&, const BuildRequest&)> missing;
  /// Errors: unsupported (the target), not_found (a program)
  std::function<Result<ProgramCall>(const Context&, const BuildRequest&)> command;
};

std::span<const Toolchain> all_toolchains();

/// The toolchain for these sources: the named one, or the first that takes all their endings.
/// Errors: usage (no such toolchain, or none takes a source), not_found (what it needs is missing; names the command that installs it)
Result<const Toolchain*> choose_toolchain(const Context& context, const BuildRequest& request, const std::string& name);

}  // namespace davit::cli
