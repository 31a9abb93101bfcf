// WWW-Authenticate (RFC 7235 §4.1): which credentials a server asks for.
//
//   challenges = challenge *( "," challenge )
//   challenge  = scheme [ 1*SP ( token68 / param *( "," param ) ) ]
//   param      = token "=" ( token / quoted-string )
//
// Servers bend the grammar (blanks around "=", empty list members); those are accepted, as RFC 7230 §7 asks.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/result.hpp"

namespace davit::oci {

struct Challenge {
  std::string scheme;                               ///< lower case: `basic`, `bearer`
  std::map<std::string, std::string> parameters{};  ///< names in lower case; the first of a name counts
  [[nodiscard]] std::string parameter(const std::string& name) const;
};

/// Errors: malformed (offset set), limit
Result<std::vector<Challenge>> parse_challenges(std::string_view header);

}  // namespace davit::oci
