// PEM text (RFC 7468): one block of base64 between BEGIN and END lines. Read strictly, so that a key file means one
// thing only: the first line that is not blank begins the block, nothing but blanks follows it, and no headers.
#pragma once

#include <string>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_pem_bytes = 64 * 1024;

struct PemBlock {
  std::string label;  ///< `PUBLIC KEY`
  Bytes content;
};

/// Errors: malformed (no block, labels differ, text around the block, broken base64), limit (over 64 KiB)
Result<PemBlock> parse_pem(std::string_view text);

/// Lines of 64 characters, ends in a line break.
std::string write_pem(std::string_view label, ByteView content);

}  // namespace davit::oci
