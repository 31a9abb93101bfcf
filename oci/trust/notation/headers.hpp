// Names and rules that both envelope forms share.
#pragma once

#include <array>
#include <span>

#include "oci/trust/notation/envelope.hpp"

namespace davit::oci {

// On the wire: never change.
inline constexpr std::string_view k_header_scheme = "io.cncf.notary.signingScheme";
inline constexpr std::string_view k_header_time = "io.cncf.notary.signingTime";
inline constexpr std::string_view k_header_authentic_time = "io.cncf.notary.authenticSigningTime";
inline constexpr std::string_view k_header_expiry = "io.cncf.notary.expiry";
inline constexpr std::string_view k_header_plugin = "io.cncf.notary.verificationPlugin";
inline constexpr std::string_view k_header_plugin_version = "io.cncf.notary.verificationPluginMinVersion";
inline constexpr std::string_view k_header_agent = "io.cncf.notary.signingAgent";
inline constexpr std::string_view k_header_timestamp = "io.cncf.notary.timestampSignature";

inline constexpr std::string_view k_scheme_x509 = "notary.x509";
inline constexpr std::string_view k_scheme_authority = "notary.x509.signingAuthority";

struct AlgorithmName {
  NotationAlgorithm algorithm;
  std::string_view jws;
  std::int64_t cose;
};
inline constexpr std::array<AlgorithmName, 6> k_algorithm_names{{{NotationAlgorithm::ps256, "PS256", -37},
                                                                 {NotationAlgorithm::ps384, "PS384", -38},
                                                                 {NotationAlgorithm::ps512, "PS512", -39},
                                                                 {NotationAlgorithm::es256, "ES256", -7},
                                                                 {NotationAlgorithm::es384, "ES384", -35},
                                                                 {NotationAlgorithm::es512, "ES512", -36}}};
const AlgorithmName& name_of(NotationAlgorithm algorithm);

/// The header names that say something about times and scheme, however they were written.
struct HeaderTimes {
  std::optional<std::int64_t> signing{};
  std::optional<std::int64_t> authentic{};
  std::optional<std::int64_t> expiry{};
};

/// Fills scheme and times. Errors: unsupported (scheme), malformed (a time is missing, too many, in the wrong order)
Result<void> apply_times(std::string_view scheme, const HeaderTimes& times, NotationContent& envelope);

/// @param critical  the names under `crit`
/// @param present   every text name of the protected header
/// Errors: malformed (missing, twice, names what is not there), unsupported (names what is not understood; plugins)
Result<void> check_critical(std::span<const std::string> critical, std::span<const std::string> present, const NotationContent& envelope);

}  // namespace davit::oci
