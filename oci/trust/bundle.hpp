// Sigstore bundles (protobuf-specs, sigstore_bundle.proto, in its JSON form): one signature with what is needed to check
// it. Versions 0.1 to 0.3 are read, `application/vnd.dev.sigstore.bundle.v0.3+json` is written.
//
//   {"mediaType":…, "verificationMaterial":{"publicKey":{"hint":…} | "certificate":… | "x509CertificateChain":…,
//                                           "tlogEntries":[…], "timestampVerificationData":{…}},
//    "dsseEnvelope":{…} | "messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":…},"signature":…}}
//
// Exactly one kind of key material and exactly one content, and no member that the format does not know: a bundle
// that says two things, or something not understood, is refused. Parsing believes nothing; verifier.hpp decides.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "manifests/digest.hpp"
#include "manifests/envelope.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_bundle_bytes = std::uint64_t{4} << 20;
inline constexpr std::size_t k_max_log_entries = 32;
inline constexpr std::size_t k_max_timestamps = 32;

enum class KeyMaterial { public_key, certificate };

struct MessageSignature {
  std::optional<Digest> message_digest{};  ///< the signer's claim, for consistency only
  Bytes signature{};
};

struct Bundle {
  std::string media_type;
  KeyMaterial material = KeyMaterial::public_key;
  std::string key_hint{};
  std::size_t log_entries = 0;  ///< transparency log entries it carries
  std::variant<Envelope, MessageSignature> content;
};

/// Whether this is the media type of a bundle of any version.
bool is_bundle_media_type(std::string_view media_type);

/// Errors: malformed (with JSON pointer), unsupported (version), limit
Result<Bundle> parse_bundle(std::string_view text);

/// A bundle signed with a key and no log; compact, the same bytes for the same parts.
std::string write_bundle(const Bundle& bundle);

}  // namespace davit::oci
