// Bytes that nobody can foretell.
#pragma once

#include "manifests/bytes.hpp"

namespace davit::oci {

Bytes random_bytes(std::size_t count);

}  // namespace davit::oci
