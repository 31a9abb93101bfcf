// The part of a URL (RFC 3986) that decides who is asked: scheme, host, port; and the rest as it stands.
#pragma once

#include <string>
#include <string_view>

#include "manifests/result.hpp"

namespace davit::oci {

struct Url {
  std::string scheme;  ///< `http` or `https`
  std::string host;    ///< lower case; an IPv6 address keeps its brackets
  int port = 0;        ///< never 0 after parsing
  std::string path;    ///< starts with `/`; with query, without fragment

  /// Errors: malformed (no http or https URL, credentials inside, control characters)
  static Result<Url> parse(std::string_view text);
  /// A Location or Link target, absolute or relative to this. Errors: malformed (also when it is empty or of another scheme)
  [[nodiscard]] Result<Url> resolve(std::string_view reference) const;
  [[nodiscard]] std::string text() const;
  /// Without the query, which may carry a signature.
  [[nodiscard]] std::string redacted() const;
  [[nodiscard]] bool same_origin(const Url& other) const { return scheme == other.scheme && host == other.host && port == other.port; }
  friend bool operator==(const Url&, const Url&) = default;
};

/// localhost, *.localhost, 127.0.0.0/8 and ::1, with or without port.
bool is_loopback_host(std::string_view host);

/// Appends `name=value`, escaped, to a path or URL.
std::string with_query(std::string url, std::string_view name, std::string_view value);

}  // namespace davit::oci
