// The locked application of Spin (`spin_lock_version` 0 and 1): what runs, when, with which files. Made for one
// component, from what was remembered, from a `spin.toml`, or from what davit knows.
#pragma once

#include <string>
#include <vector>

#include "oci/formats/writer.hpp"

namespace davit::oci {

/// A data file as the lock names it.
struct LockedFile {
  std::string path;
  Digest digest;
  std::string inline_data{};  ///< base64; empty when the bytes are elsewhere
};

/// Errors: malformed (a companion is broken), unsupported (a companion has several components and none is this file)
Result<std::string> make_spin_lock(const Package& package, const WasmFacts& facts, const std::vector<LockedFile>& files);

/// Environment and name that a lock says, as a reader finds them.
PackageDescription said_by_lock(const std::string& lock);

}  // namespace davit::oci
