// What the system says of files, made the same in each build: programs that call the kernel without the C library are
// reached by a filter of their own calls (seccomp), whose signal this library answers.
#pragma once

namespace davit::preload {

/// From here on `statx` tells of every file that it was made in 1970 and has one link, and numbers files by their size and
/// kind. It binds the process and all it starts, which must be started with this library too.
/// @return whether the kernel took the filter
bool fix_files() noexcept;

}  // namespace davit::preload
