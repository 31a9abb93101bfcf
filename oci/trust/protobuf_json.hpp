// How protocol buffers say things in JSON (protobuf's "ProtoJSON"), as far as Sigstore's files use it: 64-bit numbers
// as decimal texts, enumerations by name, bytes as base64, null for "not given".
#pragma once

#include <cstdint>
#include <string_view>

#include "manifests/json.hpp"

namespace davit::oci {

// Names of HashAlgorithm. On the wire: never change.
inline constexpr std::string_view k_protobuf_sha256 = "SHA2_256";
inline constexpr std::string_view k_protobuf_sha384 = "SHA2_384";
inline constexpr std::string_view k_protobuf_sha512 = "SHA2_512";

/// A member that holds a non-negative 64-bit number, as text or as number; 0 when it is absent.
/// Errors: malformed (negative, not canonical decimal, too large)
Result<std::uint64_t> protobuf_unsigned(const JsonView& object, std::string_view name);

}  // namespace davit::oci
