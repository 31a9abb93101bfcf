// What `build` was given, and which toolchain that means.
//
// Files are told by their endings, a folder by the files that make it a project, or else by the sources in it. When
// several toolchains fit, the first of the table (toolchain.cpp) is taken; `--toolchain` decides otherwise. What is
// installed has no say in it: the same words mean the same on every machine.
#pragma once

#include <string>
#include <vector>

#include "cli/build/toolchain.hpp"

namespace davit::cli {

struct ChosenToolchain {
  const Toolchain* toolchain;
  BuildRequest request;  ///< with `files` and `folder` set
  std::string why;       ///< `Cargo.toml`, `hello.c`: what spoke for it
  std::string others;    ///< other toolchains that fit, with their reasons; empty for none
};

/// @param sources  as the user wrote them; empty means the folder we run in
/// @param name     of `--toolchain`; empty to choose
/// Errors: usage (nothing fits, no such toolchain), not_found (a source), io
Result<ChosenToolchain> choose_toolchain(const std::vector<std::string>& sources, const std::string& name);

/// That the toolchain can make the target and is installed.
/// Errors: unsupported, not_found (what it needs is missing; names the command that installs it)
Result<void> check_toolchain(const Context& context, const ChosenToolchain& chosen);

}  // namespace davit::cli
