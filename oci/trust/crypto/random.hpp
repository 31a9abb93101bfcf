// Bytes that nobody can foretell.
#pragma once

#include "manifests/bytes.hpp"

namespace davit::oci {

Bytes random_bytes(std::size_t count);

/// Has OpenSSL draw by Hash-DRBG with SHA-256 (NIST SP 800-90A) instead of CTR-DRBG. It is as strong, and brings no
/// cipher along: the first draw, which verifying a signature needs as well, is done a millisecond sooner. To be called
/// before anything is drawn.
void draw_random_bytes_by_hash();

}  // namespace davit::oci
