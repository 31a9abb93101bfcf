// DSSE, the Dead Simple Signing Envelope v1 (secure-systems-lab/dsse, protocol.md and envelope.md).
//
// What is signed is not the JSON but PAE(type, body) = "DSSEv1" SP len(type) SP type SP len(body) SP body, lengths in
// decimal bytes. So the payload is kept as the exact bytes that were received; it is parsed only after a signature
// over those bytes was accepted. Key ids are not signed: they are carried for people and never chosen by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifests/json.hpp"

namespace davit {

inline constexpr std::size_t k_max_envelope_signatures = 32;

struct EnvelopeSignature {
  std::string key_id{};
  Bytes signature{};
};

struct Envelope {
  std::string payload_type;
  Bytes payload;
  std::vector<EnvelopeSignature> signatures;
};

/// Errors: malformed (missing member, broken base64, no signature or an empty one), limit (signatures)
Result<Envelope> parse_envelope(const JsonView& json);
Json to_json(const Envelope& envelope);

/// The bytes a signature covers.
Bytes pre_authentication_encoding(std::string_view payload_type, ByteView payload);

/// base64 or base64url, padded or not, as DSSE readers must take both; still one text per value in each alphabet.
/// Errors: malformed, with the JSON pointer
Result<Bytes> decode_any_base64(const JsonView& json);

}  // namespace davit
