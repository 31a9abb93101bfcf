#include "oci/trust/notation/headers.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

bool holds(std::span<const std::string> names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

}  // namespace

const AlgorithmName& name_of(NotationAlgorithm algorithm) {
  const auto found = std::ranges::find(k_algorithm_names, algorithm, &AlgorithmName::algorithm);
  CHECK(found != k_algorithm_names.end());
  return *found;
}

Result<void> apply_times(std::string_view scheme, const HeaderTimes& times, NotationContent& envelope) {
  if (scheme != k_scheme_x509 && scheme != k_scheme_authority) {
    return fail(ErrorCode::unsupported, "the signing scheme is \"" + printable(scheme) + "\"; expected " + std::string(k_scheme_x509) +
                                            " or " + std::string(k_scheme_authority));
  }
  const bool authority = scheme == k_scheme_authority;
  envelope.scheme = authority ? SigningScheme::signing_authority : SigningScheme::x509;
  const auto& wanted = authority ? times.authentic : times.signing;
  const auto& unwanted = authority ? times.signing : times.authentic;
  const std::string_view name = authority ? k_header_authentic_time : k_header_time;
  if (!wanted) return fail(ErrorCode::malformed, "the header " + std::string(name) + " is missing under " + std::string(scheme));
  if (unwanted) return fail(ErrorCode::malformed, "the header has both a signing time and an authentic signing time");
  if (times.expiry && *times.expiry <= *wanted) return fail(ErrorCode::malformed, "the signature expires before it was made");
  envelope.signing_time = *wanted;
  envelope.expiry = times.expiry;
  return {};
}

Result<void> check_critical(std::span<const std::string> critical, std::span<const std::string> present, const NotationContent& envelope) {
  for (const std::string_view plugin : {k_header_plugin, k_header_plugin_version}) {
    if (holds(present, plugin) || holds(critical, plugin)) {
      return fail(ErrorCode::unsupported, "the signature asks for a verification plugin, and davit runs none");
    }
  }
  std::set<std::string_view> seen;
  for (const std::string& name : critical) {
    if (!seen.insert(name).second) return fail(ErrorCode::malformed, "crit names \"" + printable(name) + "\" twice");
    const bool known = name == k_header_scheme || name == k_header_authentic_time || name == k_header_expiry || name == k_header_time;
    if (!known) return fail(ErrorCode::unsupported, "the critical header \"" + printable(name) + "\" is not understood");
    if (!holds(present, name)) return fail(ErrorCode::malformed, "crit names " + name + ", which is not in the header");
  }
  std::vector<std::string_view> required{k_header_scheme};
  if (envelope.scheme == SigningScheme::signing_authority) required.push_back(k_header_authentic_time);
  if (envelope.expiry) required.push_back(k_header_expiry);
  for (const std::string_view name : required) {
    if (!seen.contains(name)) return fail(ErrorCode::malformed, "the header " + std::string(name) + " must be critical and is not");
  }
  return {};
}

}  // namespace davit::oci
