// Data files of an artifact on the consumer's side: restored by `pull`, mounted by `run`.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/runtime.hpp"
#include "oci/formats/package.hpp"
#include "oci/repository.hpp"

namespace davit::cli {

/// Whether the artifact names data files. Errors: malformed
Result<bool> has_data_files(const oci::RawManifest& artifact);

/// Restores them into a new folder.
/// Errors: not_found (it names none, or the store lacks them), mismatch, conflict (the folder is not empty), malformed, limit, io
Result<void> restore_data_files(oci::Repository& repository, const oci::RawManifest& artifact, const std::string& folder);

/// Restores them below `folder` and returns the folders that the artifact asks to read, each for reading only.
/// Errors: as above; mismatch (a folder that is asked for is not among the files)
Result<std::vector<GrantedFolder>> mount_data_files(oci::Repository& repository, const oci::RawManifest& artifact,
                                                    const std::string& folder);

/// Writes the data files inside a package (an image, a Spin application) below `folder` and returns it as the guest's
/// root, for reading only; nothing when there are none. Errors: malformed (a path that leads outside), io
Result<std::vector<GrantedFolder>> mount_packaged_files(const oci::Package& package, const std::string& folder);

}  // namespace davit::cli
