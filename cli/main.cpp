#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "manifests/libcrypto.hpp"
#include "oci/trust/crypto/error_texts.hpp"
#include "oci/trust/crypto/random.hpp"
#include "oci/trust/crypto/wiping_memory.hpp"

int main(int argc, char** argv) {
  // A reader that goes away is an error to report (EPIPE), not a death.
  std::signal(SIGPIPE, SIG_IGN);
  davit::prepare_libcrypto([] {
    davit::oci::wipe_what_openssl_frees();
    davit::oci::leave_error_texts_out();
    davit::oci::draw_random_bytes_by_hash();
  });
  const int status = davit::cli::run_app(std::vector<std::string>(argv + 1, argv + argc));
#ifdef DAVIT_LEAVES_AT_ONCE
  // Nothing is buffered by now. What libraries would still take apart, one by one, ends with the process anyway.
  std::_Exit(status);
#endif
  return status;
}
