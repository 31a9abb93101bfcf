// Names of keys on tokens (RFC 7512): `pkcs11:token=release;object=signing?module-path=/usr/lib/softhsm/libsofthsm2.so`.
// What the URI does not say may be anything, and what it says must fit exactly one token and one key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_pkcs11_uri_bytes = 4096;

struct Pkcs11Uri {
  std::optional<std::string> token{};
  std::optional<std::string> manufacturer{};
  std::optional<std::string> model{};
  std::optional<std::string> serial{};
  std::optional<std::uint64_t> slot_id{};
  std::optional<std::string> object{};  ///< label of the key
  std::optional<Bytes> id{};            ///< CKA_ID of the key
  std::string module_path{};            ///< empty: not said
  std::string pin_source{};             ///< path of a file that holds the PIN; empty: not said
};

bool is_pkcs11_uri(std::string_view text);

/// Errors: malformed (syntax, repeated or unknown attribute), unsupported (an attribute that davit does not judge by),
/// usage (pin-value: a PIN has no place on a command line), limit
Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text);

}  // namespace davit::oci
