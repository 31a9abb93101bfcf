// The port to the network: one HTTP exchange, with a body streamed out and a body streamed in. A transport follows
// no redirect, answers no challenge and tries nothing twice; those who know what a request means do that.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "oci/http/url.hpp"
#include "oci/io/stream.hpp"

namespace davit::oci {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  Url url;
  HttpHeaders headers{};
  BlobOrigin* body = nullptr;  ///< not owned; must outlive the exchange
  std::uint64_t body_bytes = 0;
  bool is_own_host = false;   ///< may be shown the client certificate
  bool past_proxies = false;  ///< to the host itself, whatever proxy the surroundings name
  bool is_repeatable = true;  ///< sending it twice does no harm
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers{};
  std::unique_ptr<Source> body{};  ///< never null; to be read or destroyed before the transport is

  /// First header of that name, upper and lower case alike; empty when absent.
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> all_headers(std::string_view name) const;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// Sends one request and returns when the response's headers are there. Safe to call from several threads.
  /// Errors: network (no answer, or silence for the timeout), and whatever the body's origin reports
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

struct TransportOptions {
  std::string ca_file{};
  std::string certificate_file{};
  std::string certificate_key_file{};
  bool skip_tls_verify = false;
  std::chrono::milliseconds timeout{60'000};  ///< of silence, not of the whole exchange
  std::string user_agent = "davit";
  std::function<void(const std::string&)> on_exchange{};  ///< told `GET https://… 200`; no secrets
};

/// The transport of libcurl. Connections are kept and used again.
std::unique_ptr<Transport> make_curl_transport(TransportOptions options);

/// Reads what is left of a small body, so that its connection can be used again.
void drain(HttpResponse& response);

}  // namespace davit::oci
