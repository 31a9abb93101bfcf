// Holding another program to reading: Landlock (Linux, linux/landlock.h), which needs no privilege. Runtimes that
// cannot give a folder for reading only are started under such a rule, and the kernel refuses their writes.
// Not held by it: the times and the mode of a file.
#pragma once

#include <string>
#include <vector>

#include "manifests/result.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {

/// Whether this kernel can refuse every write to a file's content (Landlock ABI 3, Linux 6.2).
bool kernel_confines_writes();

/// A rule that allows writing below these folders only. It binds nobody until `confine_self` is called with it.
/// Errors: unsupported (the kernel is too old), io (a folder cannot be opened)
Result<oci::OwnedFd> make_write_rule(const std::vector<std::string>& writable);

/// Puts the calling process and all it starts under a rule, for ever. Safe between fork and exec.
bool confine_self(int rule) noexcept;

}  // namespace davit::cli
