// Data files beside a module whose format holds one wasm file and nothing else: a referrer of the artifact with one tar,
// named by digest in the artifact's own annotation `dev.davit.files`. A signature over the artifact so covers the files; a
// referrer that anybody attached and that holds another tar is not taken.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/capability_manifest.hpp"
#include "manifests/image_manifest.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

struct DataFileLimits {
  std::size_t entries = 100'000;
  std::uint64_t total_bytes = std::uint64_t{16} << 30;
  std::size_t referrers = 100;  ///< that are looked at
};

struct DataFiles {
  Descriptor layer;
  std::vector<std::string> folders{};  ///< guest paths that its capability manifest asks to read
};

/// The tar that an artifact's annotation names; nothing when it names none.
/// Errors: malformed (annotation), limit
Result<std::optional<Digest>> named_data_files(const ImageManifest& artifact);

/// The referrer that holds that tar.
/// Errors: not_found (the store has no data files for it), mismatch (those it has are others), malformed, limit, and those of the store
Result<DataFiles> find_data_files(Repository& repository, const Digest& artifact, const Digest& wanted, const DataFileLimits& limits);

/// Writes the files into a new folder that appears whole or not at all. Only plain files and folders with clean names are
/// written; nothing leads outside.
/// Errors: conflict (the folder is there and not empty), malformed (links, devices, one name twice), mismatch, limit, io
Result<void> restore_data_files(Repository& repository, const DataFiles& files, const std::string& folder, const DataFileLimits& limits);

}  // namespace davit::oci
