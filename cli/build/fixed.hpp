// Toolchains that run the program and keep its memory in the file: what their engines draw and the time they see are made
// the same in each build, by a library that is loaded into the engine's process and, for Node, by a script.
#pragma once

#include <string>
#include <string_view>

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

/// Whether the engine of this build was started with the library: it leaves a mark, which a static program cannot.
bool was_fixed(const BuildRequest& request);

}  // namespace davit::cli
