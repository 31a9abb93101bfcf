#include "oci/http/retry.hpp"

#include <gtest/gtest.h>

namespace davit::oci {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Answers with the statuses of a script; 0 is no answer.
class ScriptedTransport : public Transport {
 public:
  ScriptedTransport(std::vector<int> statuses, std::size_t* count, std::string retry_after = "")
      : statuses_(std::move(statuses)), count_(count), retry_after_(std::move(retry_after)) {}
  Result<HttpResponse> send(const HttpRequest&) override {
    const int status = statuses_.at((*count_)++);
    if (status == 0) return fail(ErrorCode::network, "no answer");
    HttpResponse response{.status = status, .body = make_memory_source({})};
    if (!retry_after_.empty()) response.headers.emplace_back("retry-after", retry_after_);
    return response;
  }

 private:
  std::vector<int> statuses_;
  std::size_t* count_;
  std::string retry_after_;
};

struct Tried {
  int status = 0;
  std::size_t requests = 0;
  std::vector<milliseconds> waits{};
};

Tried try_script(std::vector<int> statuses, bool repeatable = true, const std::string& retry_after = "") {
  Tried out;
  RetryPolicy policy{.retries = 2, .sleep = [&](milliseconds wait) { out.waits.push_back(wait); }};
  auto transport = make_retrying_transport(std::make_unique<ScriptedTransport>(std::move(statuses), &out.requests, retry_after), policy);
  const auto response = transport->send({.method = "GET", .url = *Url::parse("http://localhost/"), .is_repeatable = repeatable});
  out.status = response ? response->status : 0;
  return out;
}

TEST(retry, goes_on_after_failures_that_pass) {
  const Tried tried = try_script({0, 503, 200});

  EXPECT_EQ(tried.status, 200);
  EXPECT_EQ(tried.waits, (std::vector<milliseconds>{milliseconds(250), milliseconds(500)}));
}

TEST(retry, gives_up_after_the_last_try) { EXPECT_EQ(try_script({500, 500, 500, 200}).status, 500); }

TEST(retry, does_not_repeat_a_refusal) { EXPECT_EQ(try_script({404, 200}).requests, 1U); }

TEST(retry, sends_nothing_twice_that_must_not_run_twice) {
  EXPECT_EQ(try_script({0, 200}, false).requests, 1U);
  EXPECT_EQ(try_script({500, 200}, false).requests, 1U);
  EXPECT_EQ(try_script({429, 200}, false).requests, 2U);
}

TEST(retry, waits_as_long_as_it_is_told_within_reason) {
  EXPECT_EQ(try_script({429, 200}, true, "7").waits, (std::vector<milliseconds>{seconds(7)}));
  EXPECT_EQ(try_script({429, 200}, true, "3600").requests, 1U);
}

TEST(retry, reads_both_forms_of_retry_after) {
  const auto now = std::chrono::system_clock::from_time_t(784111777);  // Sun, 06 Nov 1994 08:49:37 GMT

  EXPECT_EQ(parse_retry_after("120", now), seconds(120));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now), seconds(30));
  EXPECT_EQ(parse_retry_after("soon", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("99999999999999999999", now), seconds(999'999'999));
}

}  // namespace
}  // namespace davit::oci
