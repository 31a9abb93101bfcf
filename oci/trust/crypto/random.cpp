#include "oci/trust/crypto/random.hpp"

#include <openssl/rand.h>

#include "manifests/result.hpp"

namespace davit::oci {

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1);
  return out;
}

// Where OpenSSL does not know the generator, the first draw says so.
void draw_random_bytes_by_hash() { CHECK(RAND_set_DRBG_type(nullptr, "HASH-DRBG", nullptr, nullptr, "SHA256") == 1); }

}  // namespace davit::oci
