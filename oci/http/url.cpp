#include "oci/http/url.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/lower_case.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_url_bytes = 16 * 1024;

Error bad_url(std::string_view text, const std::string& reason) {
  const std::size_t query = text.find('?');
  return fail(ErrorCode::malformed, "\"" + printable(text.substr(0, query)) + "\" is not a usable URL: " + reason);
}

// RFC 3986, section 4.2: a colon before any slash ends a scheme.
bool names_scheme(std::string_view reference) {
  const std::size_t end = reference.find_first_of(":/?#");
  return end != std::string_view::npos && reference[end] == ':';
}

Result<int> parse_port(std::string_view whole, std::string_view digits, int standard) {
  if (digits.empty()) return standard;
  if (digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos) return bad_url(whole, "the port is no number");
  const int port = std::stoi(std::string(digits));
  if (port < 1 || port > 65535) return bad_url(whole, "the port is out of range");
  return port;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > k_max_url_bytes) return bad_url(text.substr(0, 100), "it is too long");
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\'; })) {
    return bad_url(text, "it holds blanks or control characters");
  }
  Url out;
  const std::string start = lower_case(text.substr(0, 8));
  if (start.starts_with("https://")) out.scheme = "https";
  if (start.starts_with("http://")) out.scheme = "http";
  if (out.scheme.empty()) return bad_url(text, "it starts with neither https:// nor http://");
  std::string_view rest = text.substr(out.scheme.size() + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, end);
  out.path = end == std::string_view::npos ? "/" : std::string(rest.substr(end));
  if (out.path.starts_with('?')) out.path = "/" + out.path;
  if (authority.find('@') != std::string_view::npos) return bad_url("(hidden)", "it carries credentials");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  TRY_ASSIGN(out.port,
             parse_port(text, colon == std::string_view::npos ? "" : authority.substr(colon + 1), out.scheme == "https" ? 443 : 80));
  out.host = lower_case(authority.substr(0, colon));
  const bool odd = out.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:[]") != std::string::npos;
  if (out.host.empty() || odd) return bad_url(text, "the host name is missing or odd");
  return out;
}

Result<Url> Url::resolve(std::string_view reference) const {
  if (reference.empty()) return bad_url(reference, "it is empty");
  if (names_scheme(reference)) return parse(reference);
  if (reference.starts_with("//")) return parse(scheme + ":" + std::string(reference));
  const std::string base = scheme + "://" + host + ":" + std::to_string(port);
  if (reference.starts_with('/')) return parse(base + std::string(reference));
  const std::string own_path = path.substr(0, path.find('?'));
  if (reference.starts_with('?')) return parse(base + own_path + std::string(reference));
  return parse(base + own_path.substr(0, own_path.rfind('/') + 1) + std::string(reference));
}

std::string Url::text() const {
  const int standard = scheme == "https" ? 443 : 80;
  return scheme + "://" + host + (port == standard ? "" : ":" + std::to_string(port)) + path;
}

std::string Url::redacted() const {
  Url plain = *this;
  const std::size_t query = path.find('?');
  plain.path = path.substr(0, query);
  return plain.text();
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1) == "[::1]";
  const std::string name = lower_case(host.substr(0, host.find(':')));
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  const bool numeric = name.find_first_not_of("0123456789.") == std::string::npos;
  return numeric && name.starts_with("127.") && std::ranges::count(name, '.') == 3;
}

std::string with_query(std::string url, std::string_view name, std::string_view value) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  return url + encode_percent(name) + "=" + encode_percent(value);
}

}  // namespace davit::oci
