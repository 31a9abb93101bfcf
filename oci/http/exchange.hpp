// One question to a service and its small answer, both in memory: what TUF mirrors, timestamp authorities and
// revocation services are asked. Redirects of GET are followed, a few, and never from https to http.
#pragma once

#include <cstdint>
#include <string>

#include "manifests/bytes.hpp"
#include "oci/http/transport.hpp"

namespace davit::oci {

inline constexpr int k_max_redirects = 3;

struct SmallRequest {
  Url url;
  std::string content_type{};     ///< of the body
  Bytes body{};                   ///< empty: GET, else POST
  std::uint64_t limit_bytes = 0;  ///< the most that is read of the answer
};

struct SmallAnswer {
  int status = 0;
  std::string content_type{};
  Bytes body{};  ///< of an answer that is no error of the service; else empty
};

/// An answer of any status is an answer. Errors: network, limit, registry (redirects without end or to http)
Result<SmallAnswer> exchange(Transport& transport, const SmallRequest& request);

}  // namespace davit::oci
