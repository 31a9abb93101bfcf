#include "oci/http/exchange.hpp"

namespace davit::oci {
namespace {

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

Result<Url> next_hop(const Url& from, const HttpResponse& response) {
  TRY_ASSIGN(const Url to, from.resolve(response.header("Location")));
  if (from.scheme == "https" && to.scheme != "https")
    return fail(ErrorCode::registry, from.redacted() + " leads from https to " + to.redacted());
  return to;
}

}  // namespace

Result<SmallAnswer> exchange(Transport& transport, const SmallRequest& request) {
  const bool posts = !request.body.empty();
  const auto body = make_memory_origin(request.body);
  Url url = request.url;
  for (int hop = 0; hop <= k_max_redirects; ++hop) {
    HttpRequest http{.method = posts ? "POST" : "GET", .url = url};
    if (posts) {
      http.headers.emplace_back("Content-Type", request.content_type);
      http.body = body.get();
      http.body_bytes = request.body.size();
    }
    TRY_ASSIGN(HttpResponse response, transport.send(http));
    if (!posts && is_redirect(response.status)) {
      TRY_ASSIGN(url, next_hop(url, response));
      drain(response);
      continue;
    }
    SmallAnswer answer{.status = response.status, .content_type = response.header("Content-Type")};
    if (response.status >= 200 && response.status < 300) {
      auto content = read_all(*response.body, request.limit_bytes);
      if (!content) return std::move(content).error().in(url.redacted());
      answer.body = *std::move(content);
    } else {
      drain(response);
    }
    return answer;
  }
  return fail(ErrorCode::registry,
              request.url.redacted() + " leads from one place to the next more than " + std::to_string(k_max_redirects) + " times");
}

}  // namespace davit::oci
