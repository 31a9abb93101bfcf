#include <array>

#include "oci/trust/crypto/der.hpp"
#include "oci/trust/crypto/random.hpp"
#include "oci/trust/crypto/timestamp.hpp"

namespace davit::oci {
namespace {

// SEQUENCE { OID sha256 }
constexpr std::array<unsigned char, 13> k_sha256_algorithm{0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
constexpr std::size_t k_nonce_bytes = 16;

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// Positive, and without a leading zero: one encoding.
Bytes make_nonce() {
  Bytes nonce = random_bytes(k_nonce_bytes);
  nonce.front() = (nonce.front() & std::byte{0x7f}) | std::byte{0x40};
  return nonce;
}

}  // namespace

TimestampRequest make_timestamp_request(ByteView stamped) {
  Bytes imprint = to_bytes(std::as_bytes(std::span(k_sha256_algorithm)));
  append(imprint, write_der(der::k_octet_string, davit::digest_of(stamped).raw()));
  Bytes nonce = make_nonce();
  Bytes content = write_der(der::k_integer, Bytes{std::byte{1}});
  append(content, write_der(der::k_sequence, imprint));
  append(content, write_der(der::k_integer, nonce));
  append(content, write_der(der::k_boolean, Bytes{std::byte{0xff}}));
  return {.der = write_der(der::k_sequence, content), .nonce = std::move(nonce)};
}

}  // namespace davit::oci
