// Files that hold keys. Read without leaving a copy behind; written whole or not at all, and never over something that
// is there.
#pragma once

#include <string>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "oci/trust/secret.hpp"

namespace davit::oci {

/// Errors: not_found, io, limit
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t limit_bytes);

/// Errors: conflict (the name is taken), io
Result<void> write_new_file(const std::string& path, ByteView bytes, unsigned mode);

}  // namespace davit::oci
