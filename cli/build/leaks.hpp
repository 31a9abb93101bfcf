// Folders of this machine inside a file that is about to be published.
#pragma once

#include <string>
#include <vector>

#include "cli/build/toolchain.hpp"
#include "manifests/bytes.hpp"

namespace davit::cli {

struct LeakedPath {
  std::string what;  ///< `the project's folder`
  std::string path;
  std::uint64_t offset;  ///< of its first occurrence
};

/// Searches the file for the project's folder, the home folder, those of cargo and Go, and the temporary one.
/// @param has_engine  of the toolchain: then folders of compilers are not looked for
std::vector<LeakedPath> find_leaked_paths(const Context& context, const BuildRequest& request, ByteView file, bool has_engine);

}  // namespace davit::cli
