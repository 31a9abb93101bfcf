// Every function of libcrypto that is called anywhere is defined here, and passes the call on to the library.
#include "manifests/libcrypto.hpp"

#define OPENSSL_SUPPRESS_DEPRECATED  // libcurl calls what OpenSSL 3 would rather not have called
#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/des.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/md5.h>
#include <openssl/ocsp.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ui.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdarg>
#include <exception>
#include <mutex>
#include <type_traits>

#include "manifests/openssl_places.hpp"
#include "manifests/shared_library.hpp"

namespace davit {
namespace {

// Looked up all at once: a look-up waits for whatever library is being loaded at the time.
struct Functions {
  SharedLibrary library{openssl_places(DAVIT_LIBCRYPTO)};
#define FORWARD(result, name, parameters, arguments) decltype(&::name) name = library.function<decltype(::name)>(#name);
#include "manifests/libcrypto_functions.inc"
#include "manifests/libcrypto_functions_of_libcurl.inc"
#undef FORWARD
};

void (*g_prepare)() = nullptr;
std::atomic<const Functions*> g_prepared = nullptr;

// Preparing calls functions of the library itself, hence the recursive lock; everyone else waits until that is done.
const Functions& load() {
  static std::recursive_mutex lock;
  static bool preparing = false;
  const std::lock_guard guard(lock);
  static const Functions functions;
  if (preparing || g_prepared != nullptr) return functions;
  preparing = true;
  if (g_prepare != nullptr) g_prepare();
  preparing = false;
  g_prepared = &functions;
  return functions;
}

const Functions& functions() {
  const Functions* const prepared = g_prepared.load(std::memory_order_acquire);
  return prepared != nullptr ? *prepared : load();
}

}  // namespace

void prepare_libcrypto(void (*prepare)()) { g_prepare = prepare; }

void load_libcrypto() noexcept {
  try {
    functions();
  } catch (const std::exception&) {
    return;
  }
}

std::string libcrypto_version() { return ::OpenSSL_version(OPENSSL_VERSION); }

}  // namespace davit

extern "C" {
#define FORWARD(result, name, parameters, arguments) \
  result name parameters { return davit::functions().name arguments; }
#include "manifests/libcrypto_functions.inc"
#include "manifests/libcrypto_functions_of_libcurl.inc"
#undef FORWARD

int BIO_printf(BIO* bio, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const int written = BIO_vprintf(bio, format, values);
  va_end(values);
  return written;
}
}
