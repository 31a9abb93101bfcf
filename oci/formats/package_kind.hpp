// Packages that are files or folders, told apart by the names that stand in them (what a registry tells by media types).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "oci/archive.hpp"
#include "oci/formats/file_tree.hpp"

namespace davit::oci {

/// What a first walk over a package found: the names, and the texts of the documents that name the program.
struct PackageContents {
  std::set<std::string> bases{};               ///< last parts of the names of regular files, as far as they tell a kind
  std::set<std::string> roots{};               ///< those of them that stand at the root
  std::map<std::string, std::string> texts{};  ///< small documents by clean name
  bool has_wasm = false;                       ///< some file begins like wasm
};

struct PackageKind {
  std::string format{};   ///< `oci-archive`, `docker-archive`, `fastly`, …; empty: nothing davit knows
  std::string refusal{};  ///< not empty: known, and there is no wasm in it
  std::string evidence{};
  std::vector<std::string> preferred{};  ///< see TreeJob
  std::string document{};                ///< name of the document that makes it this kind
};

using PackageWalk = std::function<Result<void>(const ArchiveLimits&, const EntryVisitor&)>;

/// Errors: limit, malformed, and those of the walk
Result<PackageContents> look_through(const PackageWalk& walk);
PackageKind kind_of(const PackageContents& contents);

/// The name of the document that makes it this kind, the one nearest to the root; empty when there is none or it is too large.
std::string document_in(const PackageKind& kind, const PackageContents& contents);

/// The file that the package's document names as its program, clean; empty when it names none or several.
std::string program_named_in(const PackageKind& kind, const PackageContents& contents);

/// Walks a folder as if it were an archive: links are told and not followed, names are sorted.
/// Errors: io, limit
Result<void> walk_folder(const std::string& folder, const ArchiveLimits& limits, const EntryVisitor& visit);

}  // namespace davit::oci
