// Strict text encodings: hex (RFC 4648 §8, lower case), base64 (§4) and base64url (§5).
// Strict means: no blanks, canonical padding, zero trailing bits. Two texts never decode to the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit {

std::string encode_hex(ByteView bytes);
/// Errors: malformed (odd length, upper case or foreign character; offset set)
Result<Bytes> decode_hex(std::string_view text);

std::string encode_base64(ByteView bytes);
/// Errors: malformed (foreign character, missing padding, non-zero trailing bits; offset set)
Result<Bytes> decode_base64(std::string_view text);

/// Without padding, as JOSE and Sigstore use it.
std::string encode_base64url(ByteView bytes);
Result<Bytes> decode_base64url(std::string_view text);

/// Escapes a text for a URL path segment or query value (RFC 3986 unreserved characters stay).
std::string encode_percent(std::string_view text);

/// True if the text is well-formed UTF-8 (no surrogates, no over-long forms).
bool is_utf8(std::string_view text);

/// Makes outside text safe to print on a terminal: control characters and broken UTF-8 become \xNN, and at
/// most `limit` bytes are kept.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace davit
