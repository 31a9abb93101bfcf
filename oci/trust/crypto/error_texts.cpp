#include "oci/trust/crypto/error_texts.hpp"

#include <openssl/crypto.h>

#include "manifests/result.hpp"

namespace davit::oci {

void leave_error_texts_out() { CHECK(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, nullptr) == 1); }

}  // namespace davit::oci
