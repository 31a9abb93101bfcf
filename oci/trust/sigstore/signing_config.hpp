// signing_config.json (protobuf-specs, sigstore_trustroot.proto, v0.2): where a signer finds its services, and how many
// of each it must use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_services = 32;

struct Service {
  std::string url;
  std::uint64_t major_version = 1;  ///< of its interface
  ValidityWindow valid{};
  std::string operator_name{};
};

enum class ServiceSelector { any, all, exact };

struct ServiceList {
  std::vector<Service> services{};
  ServiceSelector selector = ServiceSelector::any;
  std::size_t count = 1;  ///< with `exact`
};

struct SigningConfig {
  std::vector<Service> authorities{};    ///< certificate authorities
  std::vector<Service> token_issuers{};  ///< OpenID Connect
  ServiceList logs{};
  ServiceList timestamp_authorities{};

  /// Also the signing configuration inside `…clienttrustconfig.v0.1+json`.
  /// Errors: malformed, unsupported (media type), limit
  static Result<SigningConfig> parse(std::string_view json);
};

/// The services to use at `now`: of supported versions, valid now, newest first, the highest version, one of each
/// operator; then as many as the selector says. A list that names none chooses none.
/// Errors: unsupported (the list names some and none can be used, or fewer than the selector wants)
Result<std::vector<Service>> choose_services(const ServiceList& list, std::initializer_list<std::uint64_t> versions, std::int64_t now);

}  // namespace davit::oci
