#include "oci/trust/crypto/pkcs11_encoding.hpp"

#include <algorithm>
#include <initializer_list>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr unsigned k_integer = 0x02;
constexpr unsigned k_bit_string = 0x03;
constexpr unsigned k_octet_string = 0x04;
constexpr unsigned k_sequence = 0x30;
constexpr unsigned k_uncompressed_point = 0x04;

constexpr std::size_t k_ed25519_point_bytes = 32;

// Object identifiers in DER.
Bytes oid_ec_public_key() { return *decode_hex("06072a8648ce3d0201"); }
Bytes oid_ed25519() { return *decode_hex("06032b6570"); }
Bytes rsa_algorithm() { return *decode_hex("300d06092a864886f70d0101010500"); }

Bytes join(std::initializer_list<ByteView> parts) {
  Bytes out;
  for (const ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bytes value(unsigned tag, ByteView content) {
  Bytes out{static_cast<std::byte>(tag)};
  const std::size_t size = content.size();
  if (size < 0x80) {
    out.push_back(static_cast<std::byte>(size));
  } else if (size < 0x100) {
    out.push_back(std::byte{0x81});
    out.push_back(static_cast<std::byte>(size));
  } else {
    CHECK(size < 0x10000);
    out.push_back(std::byte{0x82});
    out.push_back(static_cast<std::byte>(size >> 8U));
    out.push_back(static_cast<std::byte>(size & 0xffU));
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

// A positive number: no leading zeros but the one that keeps it positive.
Bytes integer(ByteView number) {
  while (number.size() > 1 && number.front() == std::byte{0}) number = number.subspan(1);
  Bytes content;
  if (number.empty() || (number.front() & std::byte{0x80}) != std::byte{0}) content.push_back(std::byte{0});
  content.insert(content.end(), number.begin(), number.end());
  return value(k_integer, content);
}

Bytes bit_string(ByteView content) { return value(k_bit_string, join({as_bytes(std::string_view("\0", 1)), content})); }

// What an OCTET STRING holds that is the whole input; nothing when it is something else.
std::optional<ByteView> octets_of(ByteView der) {
  if (der.size() < 2 || der[0] != static_cast<std::byte>(k_octet_string)) return std::nullopt;
  const auto first = std::to_integer<std::size_t>(der[1]);
  if (first < 0x80) return der.size() == first + 2 ? std::optional(der.subspan(2)) : std::nullopt;
  if (first != 0x81 || der.size() < 3 || der.size() != std::to_integer<std::size_t>(der[2]) + 3) return std::nullopt;
  return der.subspan(3);
}

}  // namespace

Bytes spki_of_ec(ByteView parameters, ByteView point) {
  // A bare point starts with the same byte as an OCTET STRING; then its second byte is no length that fits.
  const auto inner = octets_of(point);
  const bool wrapped = inner && !inner->empty() && inner->front() == static_cast<std::byte>(k_uncompressed_point);
  const Bytes algorithm = value(k_sequence, join({oid_ec_public_key(), parameters}));
  return value(k_sequence, join({algorithm, bit_string(wrapped ? *inner : point)}));
}

Bytes spki_of_ed25519(ByteView point) {
  const auto inner = octets_of(point);
  const ByteView bare = inner && inner->size() == k_ed25519_point_bytes ? *inner : point;
  return value(k_sequence, join({value(k_sequence, oid_ed25519()), bit_string(bare)}));
}

Bytes spki_of_rsa(ByteView modulus, ByteView exponent) {
  const Bytes numbers = value(k_sequence, join({integer(modulus), integer(exponent)}));
  return value(k_sequence, join({rsa_algorithm(), bit_string(numbers)}));
}

Result<Bytes> ecdsa_to_der(ByteView r_s) {
  if (r_s.empty() || r_s.size() % 2 != 0) {
    return fail(ErrorCode::malformed, "the token answered with an ECDSA signature of " + std::to_string(r_s.size()) + " bytes");
  }
  const std::size_t half = r_s.size() / 2;
  return value(k_sequence, join({integer(r_s.first(half)), integer(r_s.last(half))}));
}

Bytes digest_info(ByteView digest) {
  // The last byte of the identifier 2.16.840.1.101.3.4.2.x and the two lengths differ; the rest is the same.
  const unsigned which = digest.size() == 32 ? 1 : digest.size() == 48 ? 2 : 3;
  Bytes identifier = *decode_hex("0609608648016503040200");
  identifier.back() = static_cast<std::byte>(which);
  const Bytes algorithm = value(k_sequence, join({identifier, *decode_hex("0500")}));
  return value(k_sequence, join({algorithm, value(k_octet_string, digest)}));
}

}  // namespace davit::oci
