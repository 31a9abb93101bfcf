// One exchange with a service of Sigstore over the transport: https (or loopback), a bounded answer, no redirect.
#pragma once

#include <string>

#include "oci/http/transport.hpp"
#include "oci/trust/secret.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_service_answer_bytes = std::uint64_t{1} << 20;

struct ServiceAnswer {
  int status = 0;
  std::string location{};
  std::string flavor{};  ///< `Metadata-Flavor`
  Bytes body{};
};

struct ServiceQuestion {
  std::string method = "POST";
  std::string url{};
  std::string content_type{};
  Bytes body{};
  /// Value of the header `Authorization`; a secret, shown to this host only. Null: none.
  const SecretBytes* authorization = nullptr;
  std::string accept = "application/json";
  std::pair<std::string, std::string> header{};  ///< one more; an empty name: none
  bool from_machine = false;                     ///< the machine's own host answers, over plain http and past any proxy
};

/// Errors: usage (neither https nor loopback nor the machine's own), network, limit (over 1 MiB)
Result<ServiceAnswer> ask_service(Transport& transport, const ServiceQuestion& question);

/// What to say of an answer that is not what was asked for; quotes its first line, printable.
Error service_refusal(const std::string& service, const ServiceQuestion& question, const ServiceAnswer& answer);

/// Puts `path` behind a base URL, with one slash between them.
std::string service_url(const std::string& base, std::string_view path);

}  // namespace davit::oci
