#include "manifests/predicate_type.hpp"

#include <algorithm>
#include <array>

namespace davit {
namespace {

struct ShortName {
  std::string_view name;
  std::string_view uri;
};

constexpr std::array<ShortName, 11> k_short_names{{{"custom", k_predicate_custom},
                                                   {"slsaprovenance", k_predicate_slsa_02},
                                                   {"slsaprovenance02", k_predicate_slsa_02},
                                                   {"slsaprovenance1", k_predicate_slsa_1},
                                                   {"spdx", k_predicate_spdx},
                                                   {"spdxjson", k_predicate_spdx},
                                                   {"cyclonedx", k_predicate_cyclonedx},
                                                   {"link", k_predicate_link},
                                                   {"vuln", k_predicate_vuln},
                                                   {"openvex", k_predicate_openvex},
                                                   {"capabilities", k_predicate_capabilities}}};

// RFC 3986: a scheme, a colon and something after it, without blanks or control characters.
bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || text.size() > 2048) return false;
  const auto is_scheme = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return std::ranges::all_of(text.substr(0, colon), is_scheme) && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::optional<std::string> predicate_type_of(std::string_view name) {
  const auto found = std::ranges::find(k_short_names, name, &ShortName::name);
  if (found != k_short_names.end()) return std::string(found->uri);
  if (is_uri(name)) return std::string(name);
  return std::nullopt;
}

std::vector<std::string> predicate_type_names() {
  std::vector<std::string> names;
  for (const ShortName& entry : k_short_names) names.emplace_back(entry.name);
  return names;
}

}  // namespace davit
