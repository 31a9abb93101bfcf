// Predicate types of in-toto statements, and the short names that cosign's `--type` has for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace davit {

// On the wire: never change.
inline constexpr std::string_view k_predicate_slsa_02 = "https://slsa.dev/provenance/v0.2";
inline constexpr std::string_view k_predicate_slsa_1 = "https://slsa.dev/provenance/v1";
inline constexpr std::string_view k_predicate_spdx = "https://spdx.dev/Document";
inline constexpr std::string_view k_predicate_cyclonedx = "https://cyclonedx.org/bom";
inline constexpr std::string_view k_predicate_link = "https://in-toto.io/Link/v1";
inline constexpr std::string_view k_predicate_vuln = "https://cosign.sigstore.dev/attestation/vuln/v1";
inline constexpr std::string_view k_predicate_openvex = "https://openvex.dev/ns";
inline constexpr std::string_view k_predicate_custom = "https://cosign.sigstore.dev/attestation/v1";
inline constexpr std::string_view k_predicate_capabilities = "urn:davit:capabilities:v1";

/// The URI that a short name stands for (`slsaprovenance1`); a URI stands for itself. Nothing when it is neither.
std::optional<std::string> predicate_type_of(std::string_view name);

/// Every short name, for help and completion.
std::vector<std::string> predicate_type_names();

}  // namespace davit
