#include <csignal>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "oci/trust/crypto/wiping_memory.hpp"

int main(int argc, char** argv) {
  // A reader that goes away is an error to report (EPIPE), not a death.
  std::signal(SIGPIPE, SIG_IGN);
  davit::oci::wipe_what_openssl_frees();
  return davit::cli::run_app(std::vector<std::string>(argv + 1, argv + argc));
}
