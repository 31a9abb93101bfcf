#include "oci/trust/crypto/random.hpp"

#include <openssl/rand.h>

#include "manifests/result.hpp"

namespace davit::oci {

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1);
  return out;
}

}  // namespace davit::oci
