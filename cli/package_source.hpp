// Packages as commands take them: from a store, a `docker save` file, or a file or folder of any packaging.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "manifests/reference.hpp"
#include "oci/formats/package.hpp"

namespace davit::cli {

struct PackageSource {
  std::string name{};                             ///< for messages
  std::unique_ptr<oci::Repository> repository{};  ///< stays open as long as the packages are used
  std::vector<oci::Package> packages{};           ///< one, or with `all` each wasm file
};

/// Errors: usage, unsupported (no wasm; several and not `all`), and those of the store
Result<PackageSource> load_packages(Context& context, const std::string& text, const oci::ReadOptions& options, bool all);

}  // namespace davit::cli
