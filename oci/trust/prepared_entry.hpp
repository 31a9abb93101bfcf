// A signature that is made and not stored yet. Signing comes first and storing last, so that no key has to be in memory
// while a registry is talked to.
#pragma once

#include <functional>

#include "oci/repository.hpp"
#include "oci/trust/finding.hpp"

namespace davit::oci {

struct SignatureEntry {
  SignatureFormat format;
  Digest manifest;     ///< the manifest that holds it
  bool added = false;  ///< false: this key's signature was there already
};

/// Stores what was made; needs no key. Errors: those of the store, conflict, limit
using PreparedEntry = std::function<Result<SignatureEntry>(Repository&)>;

}  // namespace davit::oci
