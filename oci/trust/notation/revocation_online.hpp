// Asks OCSP responders and fetches revocation lists over the network: OCSP first (RFC 6960 over POST), and the lists
// when that gives no answer. The transports carry the times: 2 seconds for OCSP, 5 for a list.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "oci/http/transport.hpp"
#include "oci/trust/notation/revocation.hpp"

namespace davit::oci {

inline constexpr std::chrono::milliseconds k_ocsp_timeout{2'000};
inline constexpr std::chrono::milliseconds k_crl_timeout{5'000};

struct RevocationTransports {
  std::shared_ptr<Transport> ocsp;
  std::shared_ptr<Transport> crl;
  std::string kept_lists{};  ///< folder of lists that were fetched before (kept_lists.hpp); empty: none are kept
};

std::shared_ptr<const RevocationSource> make_online_revocation(RevocationTransports transports);

}  // namespace davit::oci
