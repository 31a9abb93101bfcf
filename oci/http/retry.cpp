#include "oci/http/retry.hpp"

#include <time.h>

#include <algorithm>
#include <thread>

namespace davit::oci {
namespace {

class RetryingTransport : public Transport {
 public:
  RetryingTransport(std::unique_ptr<Transport> inner, RetryPolicy policy) : inner_(std::move(inner)), policy_(std::move(policy)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    for (std::uint64_t attempt = 0;; ++attempt) {
      auto response = inner_->send(request);
      const bool is_last = attempt >= policy_.retries;
      if (!response) {
        if (is_last || !request.is_repeatable || response.error().code != ErrorCode::network || is_lasting(response.error()))
          return response;
        wait(request, response.error().message, backoff(policy_, attempt));
        continue;
      }
      // 429 and 503 say that the request was not acted upon, so even one that must not run twice may be sent again.
      const bool refused_unheard = response->status == 429 || response->status == 503;
      if (is_last || !is_passing_status(response->status) || !(request.is_repeatable || refused_unheard)) return response;
      std::chrono::milliseconds pause = backoff(policy_, attempt);
      if (const auto asked = parse_retry_after(response->header("retry-after"), std::chrono::system_clock::now())) {
        if (*asked > policy_.longest_wait) return response;
        pause = *asked;
      }
      drain(*response);
      wait(request, "the server answered " + std::to_string(response->status), pause);
    }
  }

 private:
  // A certificate does not get better by asking again.
  static bool is_lasting(const Error& error) { return error.hint.find("--ca-file") != std::string::npos; }

  void wait(const HttpRequest& request, const std::string& reason, std::chrono::milliseconds pause) const {
    if (policy_.on_retry) {
      policy_.on_retry("trying " + request.method + " " + request.url.redacted() + " again in " + std::to_string(pause.count()) +
                       " ms: " + reason);
    }
    pause_for(policy_, pause);
  }

  std::unique_ptr<Transport> inner_;
  RetryPolicy policy_;
};

}  // namespace

bool is_passing_status(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

std::chrono::milliseconds backoff(const RetryPolicy& policy, std::uint64_t attempt) {
  return std::min(policy.longest_wait, policy.first_wait * (std::int64_t{1} << std::min<std::uint64_t>(attempt, 16)));
}

void pause_for(const RetryPolicy& policy, std::chrono::milliseconds wait) {
  if (policy.sleep) {
    policy.sleep(wait);
  } else {
    std::this_thread::sleep_for(wait);
  }
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now) {
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    return std::chrono::seconds(value.size() > 9 ? 999'999'999 : std::stol(std::string(value)));
  }
  tm parts{};
  const char* end = ::strptime(std::string(value).c_str(), "%a, %d %b %Y %H:%M:%S", &parts);
  if (end == nullptr) return std::nullopt;
  const auto until = std::chrono::system_clock::from_time_t(::timegm(&parts));
  return std::max(std::chrono::seconds(0), std::chrono::duration_cast<std::chrono::seconds>(until - now));
}

std::unique_ptr<Transport> make_retrying_transport(std::unique_ptr<Transport> inner, RetryPolicy policy) {
  return std::make_unique<RetryingTransport>(std::move(inner), std::move(policy));
}

}  // namespace davit::oci
