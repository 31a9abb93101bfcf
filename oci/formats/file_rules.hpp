// Which files of a package its document gives to the program, and where the program sees them: `files` of a component in
// `spin.toml`, `[fs]` of `wasmer.toml`.
#pragma once

#include <string>
#include <vector>

#include "oci/formats/package_kind.hpp"

namespace davit::oci {

/// Nothing here leads outside: all paths are clean and relative to the package.
struct FileRules {
  struct Rule {
    std::string source{};  ///< a file, a folder or a pattern (`*`, `?`, `[a-z]` within a name, `**` over folders)
    std::string target{};  ///< where the guest sees the source; unused for patterns, whose files keep their paths
    bool is_pattern = false;
  };
  bool is_said = false;  ///< the document speaks of files at all
  std::string folder{};  ///< of the document, empty or ending in a slash; sources are relative to it
  std::vector<Rule> rules{};
  std::vector<std::string> excluded{};  ///< patterns
};

/// @param program  the wasm file that is wanted, for documents with several; empty: the only one
/// Errors: malformed (a path that leaves the package, a wrong type), limit
Result<FileRules> file_rules_in(const PackageKind& kind, const PackageContents& contents, const std::string& program);

/// The guest's paths of a file of the package; empty when no rule names it.
std::vector<std::string> guest_paths(const FileRules& rules, std::string_view name);

/// `static/**/*.js` and the like, part by part.
bool matches_pattern(std::string_view pattern, std::string_view path);

}  // namespace davit::oci
