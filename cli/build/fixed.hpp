// Toolchains that run the program and keep its memory in the file: what their engines draw and the time they see are made
// the same in each build, by a library that is loaded into the engine's process and, for Node, by a script.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/build/toolchain.hpp"
#include "cli/process.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

/// Whether the library is here.
bool can_fix(const Context& context);

/// Adds to a Node program's environment what fixes Math.random, Date.now and the processes that it starts on the files of its
/// temporary folder: their random bytes come from the digest of those files, their clocks stand at SOURCE_DATE_EPOCH or 1970,
/// and they see that folder by a relative path. Without the library nothing is added.
/// Errors: usage (SOURCE_DATE_EPOCH is no number), io
Result<void> fix_node(const Context& context, const BuildRequest& request, ProgramCall& call);

/// A copy of a Python program, below the scratch folder, and what its engine is given.
struct FixedSources {
  std::string folder;
  std::string seed;
  std::uint64_t date = 0;
};

/// Copies the folder of a Python program, without what a build makes: compiled files, wasm files, hidden names and virtual
/// environments. Nothing is done without the library, on a kernel that cannot hold a program to reading (confine.hpp), and for
/// more files than a program has.
/// Errors: usage (SOURCE_DATE_EPOCH is no number), io
Result<std::optional<FixedSources>> copy_python(const Context& context, const BuildRequest& request, const std::string& folder);

/// Fixes componentize-py, whose engine runs in its own process: random bytes from the digest of the sources, standing clocks, and
/// the times and numbers of files. It may write below the scratch folder only, as the engine leaves compiled files everywhere.
void fix_python(const BuildRequest& request, const FixedSources& sources, ProgramCall& call);

/// Whether the engine of this build was started with the library: it leaves a mark, which a static program cannot.
bool was_fixed(const BuildRequest& request);

}  // namespace davit::cli
