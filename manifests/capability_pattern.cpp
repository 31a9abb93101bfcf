#include "manifests/capability_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace davit {
namespace {

constexpr std::size_t k_max_pattern_bytes = 1024;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_path(std::string_view text) {
  if (!text.starts_with('/') || text.find('\0') != std::string_view::npos) return false;
  if (text == "/") return true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/', 1), text.size());
    const std::string_view part = text.substr(1, end - 1);
    if (part.empty() || part == "." || part == "..") return false;
    text.remove_prefix(end);
  }
  return true;
}

bool is_environment(std::string_view text) {
  if (text == "*") return true;
  if (text.ends_with('*')) text.remove_suffix(1);
  if (text.empty() || is_digit(text.front())) return false;
  return std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

struct Endpoint {
  std::string_view scheme;
  std::string_view host;
  std::string_view port;  // empty when not given
  std::string_view path;  // empty, or from the first slash on
};

std::optional<Endpoint> split(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Endpoint out{.scheme = text.substr(0, colon), .host = {}, .port = {}, .path = {}};
  std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  out.path = rest.substr(slash);
  rest = rest.substr(0, slash);
  std::size_t host_end = std::min(rest.find(':'), rest.size());
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host_end = bracket + 1;
  }
  out.host = rest.substr(0, host_end);
  rest.remove_prefix(host_end);
  if (rest.empty()) return out;
  if (rest.front() != ':' || rest.size() == 1) return std::nullopt;
  out.port = rest.substr(1);
  return out;
}

bool is_host(std::string_view host) {
  if (host == "*") return true;
  if (host.starts_with('[')) {
    const std::string_view inner = host.substr(1, host.size() - 2);
    return !inner.empty() &&
           std::ranges::all_of(inner, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.'; });
  }
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-' || host.ends_with('-')) return false;
  if (host.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(host, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.'; });
}

bool is_port(std::string_view port) {
  if (port == "*") return true;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  return error == std::errc{} && end == port.data() + port.size() && value >= 1 && value <= 65'535 && port.front() != '0';
}

bool is_network(std::string_view text) {
  const auto endpoint = split(text);
  return endpoint && (endpoint->scheme == "tcp" || endpoint->scheme == "udp") && is_host(endpoint->host) && is_port(endpoint->port) &&
         endpoint->path.empty();
}

bool is_http(std::string_view text) {
  const auto endpoint = split(text);
  if (!endpoint || (endpoint->scheme != "http" && endpoint->scheme != "https")) return false;
  std::string_view path = endpoint->path;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const bool path_good = path.empty() || is_path(path);
  const bool plain = std::ranges::all_of(endpoint->path, [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; });
  return is_host(endpoint->host) && (endpoint->port.empty() || is_port(endpoint->port)) && path_good && plain;
}

bool covers_path(std::string_view outer, std::string_view inner) {
  if (outer.ends_with('/')) outer.remove_suffix(1);
  if (inner.ends_with('/')) inner.remove_suffix(1);
  if (outer.empty() || outer == inner) return true;
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '/';
}

bool covers_host(std::string_view outer, std::string_view inner) {
  if (outer == "*" || outer == inner) return true;
  // `*.example.com` stands for names below example.com, not for example.com itself.
  return outer.starts_with("*.") && inner.size() > outer.size() - 1 && inner.ends_with(outer.substr(1));
}

std::string_view effective_port(const Endpoint& endpoint) {
  if (!endpoint.port.empty()) return endpoint.port;
  return endpoint.scheme == "https" ? "443" : "80";
}

bool covers_endpoint(std::string_view outer_text, std::string_view inner_text) {
  const auto outer = split(outer_text);
  const auto inner = split(inner_text);
  if (!outer || !inner || outer->scheme != inner->scheme || !covers_host(outer->host, inner->host)) return false;
  const std::string_view outer_port = effective_port(*outer);
  return (outer_port == "*" || outer_port == effective_port(*inner)) && covers_path(outer->path, inner->path);
}

}  // namespace

bool is_pattern(PatternKind kind, std::string_view text) {
  if (text.empty() || text.size() > k_max_pattern_bytes) return false;
  switch (kind) {
    case PatternKind::path: return is_path(text);
    case PatternKind::environment: return is_environment(text);
    case PatternKind::network: return is_network(text);
    case PatternKind::http: return is_http(text);
    case PatternKind::host:
      return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != ',' && c != '"' && c != '\\'; });
  }
  return false;
}

bool covers(PatternKind kind, std::string_view outer, std::string_view inner) {
  switch (kind) {
    case PatternKind::path: return covers_path(outer, inner);
    case PatternKind::environment: return outer == inner || (outer.ends_with('*') && inner.starts_with(outer.substr(0, outer.size() - 1)));
    case PatternKind::network:
    case PatternKind::http: return covers_endpoint(outer, inner);
    case PatternKind::host: return outer == inner;
  }
  return false;
}

}  // namespace davit
