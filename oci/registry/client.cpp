#include "oci/registry/client.hpp"

#include "manifests/encoding.hpp"
#include "oci/registry/registry_error.hpp"

namespace davit::oci {
namespace {

constexpr int k_max_redirects = 5;
constexpr int k_max_authentications = 3;

bool is_redirect(const HttpResponse& response, const std::string& method) {
  if (response.status == 307 || response.status == 308) return true;
  const bool reads = method == "GET" || method == "HEAD";
  return reads && (response.status == 301 || response.status == 302 || response.status == 303);
}

// Re-opens the download where it broke, as often as the retry policy allows.
class RemoteBlob : public Source {
 public:
  RemoteBlob(RegistryClient& client, Descriptor blob) : client_(client), blob_(std::move(blob)) {}

  Result<void> open() {
    HttpRequest request{.method = "GET", .url = client_.url("blobs/" + blob_.digest.text())};
    if (position_ > 0) request.headers.emplace_back("Range", "bytes=" + std::to_string(position_) + "-");
    const HttpRequest kept = request;
    TRY_ASSIGN(auto response, client_.send(std::move(request)));
    if (response.status != 200 && response.status != 206) {
      return registry_error(response, kept, "pull blob " + blob_.digest.text() + " from " + client_.name());
    }
    body_ = std::move(response.body);
    return response.status == 206 || position_ == 0 ? Result<void>() : skip();
  }

  Result<std::size_t> read(std::span<std::byte> out) override {
    while (true) {
      auto count = body_ ? body_->read(out) : Result<std::size_t>(fail(ErrorCode::network, "the download broke off"));
      if (count) {
        position_ += *count;
        return count;
      }
      if (count.error().code != ErrorCode::network || attempts_ >= client_.options().retry.retries) return count;
      body_.reset();
      const auto wait = backoff(client_.options().retry, attempts_++);
      if (client_.options().retry.on_retry) {
        client_.options().retry.on_retry("going on with " + blob_.digest.text() + " at byte " + std::to_string(position_) + ": " +
                                         count.error().message);
      }
      pause_for(client_.options().retry, wait);
      if (auto opened = open(); !opened && opened.error().code != ErrorCode::network) return std::move(opened).error();
    }
  }

 private:
  // The server sent everything again instead of the rest.
  Result<void> skip() {
    Bytes scratch(k_copy_buffer_bytes);
    std::uint64_t left = position_;
    while (left > 0) {
      TRY_ASSIGN(const std::size_t count, body_->read(std::span(scratch).first(std::min<std::uint64_t>(left, scratch.size()))));
      if (count == 0) return fail(ErrorCode::mismatch, "blob " + blob_.digest.text() + " became shorter between two requests");
      left -= count;
    }
    return {};
  }

  RegistryClient& client_;
  Descriptor blob_;
  std::unique_ptr<Source> body_{};
  std::uint64_t position_ = 0;
  std::uint64_t attempts_ = 0;
};

}  // namespace

Result<Url> registry_url(const RegistryOptions& options) {
  const std::string host = options.host == "docker.io" ? "registry-1.docker.io" : options.host;
  const bool plain = options.plain_http || (is_loopback_host(host) && !options.tls_on_loopback);
  return Url::parse((plain ? "http://" : "https://") + host);
}

RegistryClient::RegistryClient(std::shared_ptr<Transport> transport, RegistryOptions options, Url base)
    : transport_(std::move(transport)),
      options_(std::move(options)),
      base_(std::move(base)),
      authenticator_(*transport_, base_, options_.credentials) {}

Url RegistryClient::url(const std::string& rest) const {
  Url out = base_;
  out.path = options_.repository.empty() ? "/v2/" + rest : "/v2/" + options_.repository + "/" + rest;
  return out;
}

Result<HttpResponse> RegistryClient::send_authenticated(HttpRequest& request, const std::string& scope) {
  const HttpHeaders plain_headers = request.headers;
  request.is_own_host = request.url.same_origin(base_);
  for (int attempt = 0;; ++attempt) {
    request.headers = plain_headers;
    const std::string used = request.is_own_host ? authenticator_.authorization(scope) : std::string();
    if (!used.empty()) request.headers.emplace_back("Authorization", used);
    TRY_ASSIGN(auto response, transport_->send(request));
    request.headers = plain_headers;
    if (response.status != 401 || !request.is_own_host || attempt == k_max_authentications) return response;
    TRY_ASSIGN(const bool again, authenticator_.answer(response, scope, used));
    if (!again) return response;
    drain(response);
  }
}

Result<HttpResponse> RegistryClient::send(HttpRequest request, const std::string& more_scope) {
  std::string scope = options_.repository.empty() ? std::string() : repository_scope(options_.repository, options_.for_writing);
  if (!more_scope.empty()) scope += " " + more_scope;
  for (int hops = 0;; ++hops) {
    TRY_ASSIGN(auto response, send_authenticated(request, scope));
    if (!is_redirect(response, request.method)) return response;
    if (hops == k_max_redirects) return fail(ErrorCode::registry, "more than 5 redirects").in(request.url.redacted());
    auto target = request.url.resolve(response.header("location"));
    if (!target) return fail(ErrorCode::registry, "redirect to nowhere: " + target.error().message).in(request.url.redacted());
    if (request.url.scheme == "https" && target->scheme != "https") {
      return fail(ErrorCode::registry, "redirect from TLS to plain HTTP at \"" + target->redacted() + "\" is refused")
          .in(request.url.redacted());
    }
    drain(response);
    request.url = *std::move(target);
  }
}

Result<std::unique_ptr<Source>> open_remote_blob(RegistryClient& client, const Descriptor& blob) {
  auto source = std::make_unique<RemoteBlob>(client, blob);
  TRY(source->open());
  return make_verifying_source(std::move(source), blob);
}

Result<std::optional<Url>> next_page(const HttpResponse& response, const Url& current) {
  for (const std::string& link : response.all_headers("link")) {
    const std::size_t open = link.find('<');
    const std::size_t close = link.find('>', open);
    if (open == std::string::npos || close == std::string::npos) continue;
    const std::string parameters = link.substr(close);
    if (parameters.find("rel=\"next\"") == std::string::npos && parameters.find("rel=next") == std::string::npos) continue;
    auto target = current.resolve(link.substr(open + 1, close - open - 1));
    if (!target) return fail(ErrorCode::registry, "link to the next page is odd: " + target.error().message);
    if (!target->same_origin(current))
      return fail(ErrorCode::registry, "link to the next page leads to another host, \"" + printable(target->host) + "\"");
    return std::optional<Url>(*std::move(target));
  }
  return std::optional<Url>();
}

}  // namespace davit::oci
