// A transport that tries again what may pass: no answer, 429, and 5xx. It waits as long as Retry-After says, or
// twice as long each time, and gives up after the number of tries that the user chose.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "oci/http/transport.hpp"

namespace davit::oci {

struct RetryPolicy {
  std::uint64_t retries = 3;
  std::chrono::milliseconds first_wait{250};
  std::chrono::milliseconds longest_wait{30'000};          ///< a server that asks for more is not waited for
  std::function<void(std::chrono::milliseconds)> sleep{};  ///< empty: really sleep
  std::function<void(const std::string&)> on_retry{};
};

std::unique_ptr<Transport> make_retrying_transport(std::unique_ptr<Transport> inner, RetryPolicy policy);

/// Seconds of a Retry-After header (delta form or HTTP date against `now`); nothing when absent or odd.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now);

/// Whether an answer may be different next time: 408, 429, 500, 502, 503, 504.
bool is_passing_status(int status);

/// Wait before try number `attempt` (from 0), without Retry-After.
std::chrono::milliseconds backoff(const RetryPolicy& policy, std::uint64_t attempt);
void pause_for(const RetryPolicy& policy, std::chrono::milliseconds wait);

}  // namespace davit::oci
