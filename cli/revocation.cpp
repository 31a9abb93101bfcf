#include "cli/revocation.hpp"

#include "cli/version.hpp"
#include "oci/trust/notation/revocation_online.hpp"

namespace davit::cli {
namespace {

std::shared_ptr<oci::Transport> transport_with(const Context& context, std::chrono::milliseconds timeout) {
  const Context* teller = &context;
  return oci::make_curl_transport({.ca_file = context.registry.ca_file,
                                   .timeout = timeout,
                                   .user_agent = "davit/" + std::string(k_version),
                                   .on_exchange = [teller](const std::string& line) { teller->explain(line); }});
}

// Empty where there is no place: then nothing is kept.
std::string kept_lists_folder(const Context& context) {
  if (const auto folder = context.environment("XDG_CACHE_HOME")) return *folder + "/davit/revocation";
  if (const auto home = context.environment("HOME")) return *home + "/.cache/davit/revocation";
  return {};
}

}  // namespace

std::shared_ptr<const oci::RevocationSource> online_revocation(const Context& context) {
  return oci::make_online_revocation({.ocsp = transport_with(context, oci::k_ocsp_timeout),
                                      .crl = transport_with(context, oci::k_crl_timeout),
                                      .kept_lists = kept_lists_folder(context)});
}

}  // namespace davit::cli
