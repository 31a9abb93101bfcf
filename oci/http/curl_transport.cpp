// The only file that knows libcurl. Each exchange runs on a lane: one easy handle in one multi handle, which keeps
// its connections. The response body is pulled: the reader drives the multi handle, and curl is paused while the
// reader is busy, so that a download holds about one buffer however large it is.
#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <system_error>

#include "manifests/encoding.hpp"
#include "manifests/lower_case.hpp"
#include "oci/http/transport.hpp"

// Of a protocol that davit does not speak (see CMakeLists.txt), and the only function of those that libcurl calls all the
// same: there is nothing to make ready.
extern "C" int libssh2_init(int flags);
extern "C" int libssh2_init(int /*flags*/) { return 0; }

namespace davit::oci {
namespace {

constexpr std::size_t k_max_header_bytes = 256 * 1024;
constexpr std::size_t k_receive_buffer_bytes = 512 * 1024;
constexpr long k_curl_receive_bytes = 256 * 1024;
constexpr long k_curl_send_bytes = 512 * 1024;
constexpr int k_poll_ms = 1000;
constexpr std::uint64_t k_max_drained_bytes = 64 * 1024;

struct EasyFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiFree {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Lane {
  std::unique_ptr<CURLM, MultiFree> multi{curl_multi_init()};
  std::unique_ptr<CURL, EasyFree> easy{curl_easy_init()};
  /// Kept from exchange to exchange and never filled with zeros: most answers are far smaller than it.
  std::unique_ptr<std::byte[]> buffer = std::make_unique_for_overwrite<std::byte[]>(k_receive_buffer_bytes);
};

// State of one running exchange; its address is known to curl, so it never moves.
struct Exchange {
  std::unique_ptr<Lane> lane{};
  std::unique_ptr<curl_slist, ListFree> header_list{};
  std::unique_ptr<Source> upload{};
  std::optional<Error> upload_error{};
  int status = 0;
  HttpHeaders headers{};
  std::size_t header_bytes = 0;
  bool headers_complete = false;
  std::size_t buffer_begin = 0;  ///< of what the lane's buffer holds
  std::size_t buffer_end = 0;
  bool paused = false;
  bool done = false;
  CURLcode outcome = CURLE_OK;
  char reason[CURL_ERROR_SIZE] = {};
  std::string place{};
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > k_max_header_bytes) return 0;
  if (line.starts_with("HTTP/")) {
    exchange.headers.clear();
    return line.size();
  }
  if (line == "\r\n" || line == "\n") {
    long status = 0;
    curl_easy_getinfo(exchange.lane->easy.get(), CURLINFO_RESPONSE_CODE, &status);
    exchange.status = static_cast<int>(status);
    if (status >= 200) exchange.headers_complete = true;
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.remove_suffix(1);
  exchange.headers.emplace_back(lower_case(std::string(line.substr(0, colon))), std::string(value));
  return line.size();
}

std::size_t on_data(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t bytes = size * count;
  if (exchange.buffer_begin == exchange.buffer_end) exchange.buffer_begin = exchange.buffer_end = 0;
  if (k_receive_buffer_bytes - exchange.buffer_end < bytes) {
    exchange.paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  std::memcpy(exchange.lane->buffer.get() + exchange.buffer_end, data, bytes);
  exchange.buffer_end += bytes;
  return bytes;
}

std::size_t on_upload(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  auto read = exchange.upload->read({reinterpret_cast<std::byte*>(data), size * count});
  if (read) return *read;
  exchange.upload_error = std::move(read).error();
  return CURL_READFUNC_ABORT;
}

bool is_certificate_problem(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR;
}

Error explain(const Exchange& exchange) {
  if (exchange.upload_error) return *exchange.upload_error;
  const std::string reason = exchange.reason[0] != '\0' ? exchange.reason : curl_easy_strerror(exchange.outcome);
  const std::string where = exchange.place;
  switch (exchange.outcome) {
    case CURLE_OPERATION_TIMEDOUT:
      return fail(ErrorCode::network, "the server was silent for too long").in(where).hinting("raise --timeout");
    case CURLE_COULDNT_RESOLVE_HOST:
      return fail(ErrorCode::network, printable(reason)).in(where).hinting("check the host name and the network");
    case CURLE_PARTIAL_FILE: return fail(ErrorCode::network, "the server closed the connection before the end").in(where);
    case CURLE_SSL_CERTPROBLEM:
      return fail(ErrorCode::io, "the client certificate or its key cannot be used: " + printable(reason)).in(where);
    case CURLE_WRITE_ERROR: return fail(ErrorCode::registry, "the server sent more header bytes than are accepted").in(where);
    default: break;
  }
  if (is_certificate_problem(exchange.outcome)) {
    return fail(ErrorCode::network, "the server's certificate is not trusted: " + printable(reason))
        .in(where)
        .hinting("name the certificate authority with --ca-file FILE");
  }
  if (exchange.outcome == CURLE_SSL_CONNECT_ERROR) {
    return fail(ErrorCode::network, "no TLS connection: " + printable(reason))
        .in(where)
        .hinting("is it a plain HTTP server? then add --plain-http");
  }
  return fail(ErrorCode::network, "no usable answer: " + printable(reason)).in(where);
}

class LanePool {
 public:
  std::unique_ptr<Lane> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto lane = std::move(free_.back());
        free_.pop_back();
        return lane;
      }
    }
    return std::make_unique<Lane>();  // takes its time, which others need not wait for
  }
  void give_back(std::unique_ptr<Lane> lane) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(lane));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> free_;
};

// Runs curl until there is something to hand out.
void step(Exchange& exchange) {
  CURLM* multi = exchange.lane->multi.get();
  int running = 0;
  if (curl_multi_perform(multi, &running) != CURLM_OK) {
    exchange.done = true;
    exchange.outcome = CURLE_RECV_ERROR;
    return;
  }
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    exchange.done = true;
    exchange.outcome = message->data.result;
  }
  const bool idle = !exchange.done && exchange.buffer_begin == exchange.buffer_end;
  if (idle && !exchange.paused) curl_multi_poll(multi, nullptr, 0, k_poll_ms, nullptr);
}

class CurlBody : public Source {
 public:
  CurlBody(std::unique_ptr<Exchange> exchange, LanePool& pool) : exchange_(std::move(exchange)), pool_(pool) {}
  CurlBody(const CurlBody&) = delete;
  CurlBody& operator=(const CurlBody&) = delete;
  ~CurlBody() override {
    curl_multi_remove_handle(exchange_->lane->multi.get(), exchange_->lane->easy.get());
    curl_easy_reset(exchange_->lane->easy.get());
    pool_.give_back(std::move(exchange_->lane));
  }

  Result<std::size_t> read(std::span<std::byte> out) override {
    Exchange& exchange = *exchange_;
    while (exchange.buffer_begin == exchange.buffer_end && !exchange.done) {
      if (exchange.paused) {
        exchange.paused = false;
        curl_easy_pause(exchange.lane->easy.get(), CURLPAUSE_CONT);
        if (exchange.buffer_begin != exchange.buffer_end) break;
      }
      step(exchange);
    }
    const std::size_t count = std::min(out.size(), exchange.buffer_end - exchange.buffer_begin);
    if (count == 0 && exchange.outcome != CURLE_OK) return explain(exchange);
    if (count > 0) std::memcpy(out.data(), exchange.lane->buffer.get() + exchange.buffer_begin, count);
    exchange.buffer_begin += count;
    return count;
  }

 private:
  std::unique_ptr<Exchange> exchange_;
  LanePool& pool_;
};

class CurlTransport : public Transport {
 public:
  explicit CurlTransport(TransportOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }

  Result<HttpResponse> send(const HttpRequest& request) override {
    auto exchange = std::make_unique<Exchange>();
    exchange->lane = pool_.take();
    exchange->place = request.method + " " + request.url.redacted();
    if (request.body != nullptr) {
      auto opened = request.body->open();
      if (!opened) {
        pool_.give_back(std::move(exchange->lane));
        return std::move(opened).error();
      }
      exchange->upload = *std::move(opened);
    }
    prepare(*exchange, request);
    curl_multi_add_handle(exchange->lane->multi.get(), exchange->lane->easy.get());
    Exchange& running = *exchange;
    auto body = std::make_unique<CurlBody>(std::move(exchange), pool_);  // from here on the lane is given back
    // A body that breaks off is reported to whoever reads it, after the bytes that did arrive.
    while (!running.done && !running.headers_complete) step(running);
    if (running.done && running.outcome != CURLE_OK && !running.headers_complete) {
      report(request, 0);
      return explain(running);
    }
    report(request, running.status);
    return HttpResponse{.status = running.status, .headers = running.headers, .body = std::move(body)};
  }

 private:
  void report(const HttpRequest& request, int status) const {
    if (!options_.on_exchange) return;
    options_.on_exchange(request.method + " " + request.url.redacted() + " " + (status == 0 ? "no answer" : std::to_string(status)));
  }

  void prepare(Exchange& exchange, const HttpRequest& request) {
    CURL* easy = exchange.lane->easy.get();
    const auto set = [easy](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
    set(CURLOPT_URL, request.url.text().c_str());
    // These are all that is linked (see CMakeLists.txt); cookies are off, and so are other ways of authentication.
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    set(CURLOPT_PROXYAUTH, CURLAUTH_BASIC);
    set(CURLOPT_SOCKS5_AUTH, CURLAUTH_BASIC);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_BUFFERSIZE, k_curl_receive_bytes);
    set(CURLOPT_UPLOAD_BUFFERSIZE, k_curl_send_bytes);
    set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    set(CURLOPT_ERRORBUFFER, exchange.reason);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(options_.timeout.count() / 1000)));
    if (request.past_proxies || is_loopback_host(request.url.host)) set(CURLOPT_PROXY, "");
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_WRITEFUNCTION, &on_data);
    set(CURLOPT_WRITEDATA, &exchange);
    prepare_tls(easy, request);
    prepare_method(exchange, request);
  }

  void prepare_tls(CURL* easy, const HttpRequest& request) const {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options_.skip_tls_verify ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options_.skip_tls_verify ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    if (!request.is_own_host || options_.certificate_file.empty()) return;
    curl_easy_setopt(easy, CURLOPT_SSLCERT, options_.certificate_file.c_str());
    const std::string& key = options_.certificate_key_file.empty() ? options_.certificate_file : options_.certificate_key_file;
    curl_easy_setopt(easy, CURLOPT_SSLKEY, key.c_str());
  }

  static void prepare_method(Exchange& exchange, const HttpRequest& request) {
    CURL* easy = exchange.lane->easy.get();
    HttpHeaders headers = request.headers;
    if (request.method == "HEAD") {
      curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request.body != nullptr) {
      curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(easy, CURLOPT_READFUNCTION, &on_upload);
      curl_easy_setopt(easy, CURLOPT_READDATA, &exchange);
      curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body_bytes));
      headers.emplace_back("Expect", "");
    } else if (request.method == "POST" || request.method == "PUT") {
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
      headers.emplace_back("Content-Type", "");
    }
    if (request.method != "GET" && request.method != "HEAD") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_slist* list = nullptr;
    for (const auto& [name, value] : headers) {
      list = curl_slist_append(list, (value.empty() ? name + ":" : name + ": " + value).c_str());
    }
    exchange.header_list.reset(list);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
  }

  TransportOptions options_;
  LanePool pool_{};
};

}  // namespace

std::string HttpResponse::header(std::string_view name) const {
  const auto values = all_headers(name);
  return values.empty() ? std::string() : values.front();
}

std::vector<std::string> HttpResponse::all_headers(std::string_view name) const {
  std::vector<std::string> out;
  const std::string wanted = lower_case(std::string(name));
  for (const auto& [key, value] : headers) {
    if (lower_case(key) == wanted) out.push_back(value);
  }
  return out;
}

void drain(HttpResponse& response) {
  // Over the limit or broken, the connection is closed instead.
  if (response.body && read_all(*response.body, k_max_drained_bytes)) return;
}

std::unique_ptr<Transport> make_curl_transport(TransportOptions options) { return std::make_unique<CurlTransport>(std::move(options)); }

}  // namespace davit::oci
