// New key files: written whole or not at all, and never over something that is there.
#pragma once

#include <string>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

/// Errors: conflict (the name is taken), io
Result<void> write_new_file(const std::string& path, ByteView bytes, unsigned mode);

}  // namespace davit::oci
