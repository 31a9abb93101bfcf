// OpenSSL's libssl for libcurl, loaded with the first TLS connection: every function of it that libcurl calls is defined here,
// and passes the call on to the library.
#define OPENSSL_SUPPRESS_DEPRECATED  // libcurl calls what OpenSSL 3 would rather not have called
#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>

#include "manifests/libcrypto.hpp"
#include "manifests/openssl_places.hpp"
#include "manifests/shared_library.hpp"

namespace davit::oci {
namespace {

// What OPENSSL_init_ssl was asked for before the library was there.
std::atomic<std::uint64_t> g_wanted_options = 0;

struct Functions {
  SharedLibrary library{openssl_places(DAVIT_LIBSSL)};
  decltype(&::OPENSSL_init_ssl) OPENSSL_init_ssl = library.function<decltype(::OPENSSL_init_ssl)>("OPENSSL_init_ssl");
#define FORWARD(result, name, parameters, arguments) decltype(&::name) name = library.function<decltype(::name)>(#name);
#include "oci/http/libssl_functions.inc"
#undef FORWARD
};

const Functions& functions() {
  static const Functions loaded = [] {
    load_libcrypto();  // before libssl loads it, and uses it unprepared
    Functions all;
    all.OPENSSL_init_ssl(g_wanted_options, nullptr);
    return all;
  }();
  return loaded;
}

}  // namespace
}  // namespace davit::oci

extern "C" {
// Where nothing speaks TLS, nothing is to be made ready for it.
int OPENSSL_init_ssl(std::uint64_t options, const OPENSSL_INIT_SETTINGS* /*settings*/) {
  davit::oci::g_wanted_options |= options;
  return 1;
}

#define FORWARD(result, name, parameters, arguments) \
  result name parameters { return davit::oci::functions().name arguments; }
#include "oci/http/libssl_functions.inc"
#undef FORWARD
}
