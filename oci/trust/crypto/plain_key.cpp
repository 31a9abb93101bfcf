#include "oci/trust/crypto/plain_key.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace davit::oci {
namespace {

// SEQUENCE { SEQUENCE { OID ecPublicKey, OID of the curve }, BIT STRING with no unused bits: 04, x, y
constexpr std::array<unsigned char, 27> k_p256{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                               0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::array<unsigned char, 24> k_p384{0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                               0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04};
constexpr std::array<unsigned char, 26> k_p521{0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                               0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00, 0x04};
// SEQUENCE { SEQUENCE { OID Ed25519 }, BIT STRING with no unused bits: the key
constexpr std::array<unsigned char, 12> k_ed25519{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct Form {
  KeyKind kind;
  unsigned bits;
  std::span<const unsigned char> head;
  std::size_t point_mark;  ///< bytes of the head that belong to the content
  std::size_t size;        ///< of the whole
};

constexpr std::array<Form, 4> k_forms{{{KeyKind::ecdsa_p256, 256, k_p256, 1, 91},
                                       {KeyKind::ecdsa_p384, 384, k_p384, 1, 120},
                                       {KeyKind::ecdsa_p521, 521, k_p521, 1, 158},
                                       {KeyKind::ed25519, 256, k_ed25519, 0, 44}}};

}  // namespace

std::optional<PlainKey> find_plain_key(ByteView spki) {
  for (const Form& form : k_forms) {
    const ByteView head = std::as_bytes(form.head);
    if (spki.size() == form.size && std::ranges::equal(spki.first(head.size()), head))
      return PlainKey{form.kind, form.bits, spki.subspan(head.size() - form.point_mark)};
  }
  return std::nullopt;
}

}  // namespace davit::oci
