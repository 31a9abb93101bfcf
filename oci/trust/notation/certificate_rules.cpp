#include "oci/trust/notation/certificate_rules.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/der.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_key_usage = "2.5.29.15";
constexpr std::string_view k_basic_constraints = "2.5.29.19";
constexpr int k_min_strength = 112;

// Bits of the extension "key usage" (RFC 5280 §4.2.1.3), the first one highest. On the wire: never renumber.
constexpr std::uint16_t k_digital_signature = 0x8000;
constexpr std::uint16_t k_non_repudiation = 0x4000;
constexpr std::uint16_t k_certificate_sign = 0x0400;

// Purposes that a signing certificate must not have besides: TLS, mail, timestamps, revocation.
constexpr std::array<std::string_view, 6> k_foreign_purposes{k_purpose_any,       "1.3.6.1.5.5.7.3.1",     "1.3.6.1.5.5.7.3.2",
                                                             "1.3.6.1.5.5.7.3.4", k_purpose_time_stamping, "1.3.6.1.5.5.7.3.9"};

Error refuse(const Certificate& certificate, const std::string& why) {
  return fail(ErrorCode::untrusted, "the certificate \"" + printable(certificate.subject_name()) + "\" " + why);
}

Result<std::uint16_t> read_key_usage(const Certificate& certificate) {
  TRY_ASSIGN(const auto extension, find_extension(certificate, k_key_usage));
  if (!extension) return refuse(certificate, "does not say what its key is for");
  if (!extension->critical) return refuse(certificate, "says what its key is for, and not as critical");
  TRY_ASSIGN(const DerItem bits, parse_der(extension->content, der::k_bit_string));
  // The first byte counts the bits of the last one that mean nothing.
  if (bits.content.size() < 2 || bits.content.size() > 3) return refuse(certificate, "has a key usage of an odd length");
  const auto first = std::to_integer<unsigned>(bits.content[1]) << 8U;
  const auto second = bits.content.size() == 3 ? std::to_integer<unsigned>(bits.content[2]) : 0U;
  return static_cast<std::uint16_t>(first | second);
}

Result<void> check_any(const Certificate& certificate) {
  if (certificate.signature_strength() < k_min_strength) return refuse(certificate, "is signed with an algorithm that is too weak");
  if (certificate.key_strength() < k_min_strength) return refuse(certificate, "has a key that is too weak");
  if (certificate.unknown_critical_extensions().empty()) return {};
  return refuse(certificate,
                "has the critical extension " + certificate.unknown_critical_extensions().front() + ", which is not understood");
}

Result<void> check_leaf(const Certificate& leaf) {
  TRY(check_any(leaf));
  if (leaf.is_ca()) return refuse(leaf, "signs artifacts, and is an authority");
  TRY_ASSIGN(const std::uint16_t usage, read_key_usage(leaf));
  if ((usage & k_digital_signature) == 0) return refuse(leaf, "is not for digital signatures");
  if ((usage & static_cast<std::uint16_t>(~(k_digital_signature | k_non_repudiation))) != 0)
    return refuse(leaf, "is for more than digital signatures");
  for (const std::string& purpose : leaf.purposes()) {
    if (std::ranges::find(k_foreign_purposes, purpose) != k_foreign_purposes.end())
      return refuse(leaf, "has the purpose " + purpose + ", which does not go with signing artifacts");
  }
  return {};
}

// @param below  authorities between this one and the leaf
Result<void> check_authority(const Certificate& authority, std::size_t below) {
  TRY(check_any(authority));
  TRY_ASSIGN(const auto constraints, find_extension(authority, k_basic_constraints));
  if (!authority.is_ca() || !constraints) return refuse(authority, "issued another one, and is no authority");
  if (!constraints->critical) return refuse(authority, "says that it is an authority, and not as critical");
  if (authority.path_length() && *authority.path_length() < below) return refuse(authority, "issued a chain that is longer than it may be");
  TRY_ASSIGN(const std::uint16_t usage, read_key_usage(authority));
  if ((usage & k_certificate_sign) == 0) return refuse(authority, "is not for signing certificates");
  return {};
}

std::size_t coordinate_bytes(NotationAlgorithm algorithm) {
  switch (algorithm) {
    case NotationAlgorithm::es256: return 32;
    case NotationAlgorithm::es384: return 48;
    case NotationAlgorithm::es512: return 66;
    case NotationAlgorithm::ps256:
    case NotationAlgorithm::ps384:
    case NotationAlgorithm::ps512: return 0;
  }
  return 0;
}

// An unsigned number in the fewest bytes, with a zero byte before a set high bit.
Bytes integer_of(ByteView number) {
  while (number.size() > 1 && number.front() == std::byte{0}) number = number.subspan(1);
  Bytes out;
  if ((number.front() & std::byte{0x80}) != std::byte{0}) out.push_back(std::byte{0});
  out.insert(out.end(), number.begin(), number.end());
  return write_der(der::k_integer, out);
}

Result<void> append_coordinate(const DerItem& item, std::size_t width, Bytes& out) {
  ByteView number = item.content;
  while (!number.empty() && number.front() == std::byte{0}) number = number.subspan(1);
  if (number.size() > width) return fail(ErrorCode::malformed, "an ECDSA signature is longer than its curve");
  out.insert(out.end(), width - number.size(), std::byte{0});
  out.insert(out.end(), number.begin(), number.end());
  return {};
}

}  // namespace

Result<std::optional<ExtensionView>> find_extension(const Certificate& certificate, std::string_view oid) {
  TRY_ASSIGN(const DerItem outer, parse_der(certificate.der(), der::k_sequence));
  DerReader parts(outer.content);
  TRY_ASSIGN(const DerItem tbs, parts.expect(der::k_sequence));
  DerReader fields(tbs.content);
  std::optional<ExtensionView> found;
  while (!fields.done()) {
    TRY_ASSIGN(const DerItem field, fields.next());
    if (field.tag != der::context(3)) continue;
    TRY_ASSIGN(const DerItem list, parse_der(field.content, der::k_sequence));
    DerReader items(list.content);
    while (!items.done()) {
      TRY_ASSIGN(const DerItem item, items.expect(der::k_sequence));
      DerReader inside(item.content);
      TRY_ASSIGN(const DerItem id, inside.expect(der::k_oid));
      TRY_ASSIGN(const std::string name, parse_oid(id.content));
      if (name != oid) continue;
      if (found) return refuse(certificate, "has the extension " + name + " twice");
      TRY_ASSIGN(const auto critical, inside.next_if(der::k_boolean));
      TRY_ASSIGN(const DerItem content, inside.expect(der::k_octet_string));
      TRY(inside.finish());
      found = ExtensionView{.critical = critical && critical->content.size() == 1 && critical->content[0] == std::byte{0xff},
                            .content = to_bytes(content.content)};
    }
  }
  return found;
}

Result<void> check_signing_chain(std::span<const Certificate> chain) {
  if (chain.empty()) return fail(ErrorCode::untrusted, "there is no certificate");
  TRY(check_leaf(chain.front()));
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool last = i + 1 == chain.size();
    if (last && !chain[i].is_self_signed()) return refuse(chain[i], "ends the chain, and is not self-signed");
    if (!last && chain[i].is_self_signed()) return refuse(chain[i], "is self-signed, and others follow it");
    if (!last && !chain[i].is_issued_by(chain[i + 1]))
      return refuse(chain[i], "is not issued by the next one, \"" + printable(chain[i + 1].subject_name()) + "\"");
    if (i > 0) TRY(check_authority(chain[i], i - 1));
  }
  return {};
}

Result<NotationAlgorithm> algorithm_for(const PublicKey& key) {
  switch (key.kind()) {
    case KeyKind::ecdsa_p256: return NotationAlgorithm::es256;
    case KeyKind::ecdsa_p384: return NotationAlgorithm::es384;
    case KeyKind::ecdsa_p521: return NotationAlgorithm::es512;
    case KeyKind::rsa:
      if (key.bits() == 2048) return NotationAlgorithm::ps256;
      if (key.bits() == 3072) return NotationAlgorithm::ps384;
      if (key.bits() == 4096) return NotationAlgorithm::ps512;
      break;
    case KeyKind::ed25519: break;
  }
  return fail(ErrorCode::unsupported,
              "the Notary Project signs with RSA keys of 2048, 3072 or 4096 bits and with ECDSA, and this is a key of the kind " +
                  std::string(to_text(key.kind())) + " with " + std::to_string(key.bits()) + " bits");
}

SignatureScheme scheme_of(NotationAlgorithm algorithm) {
  switch (algorithm) {
    case NotationAlgorithm::ps256: return SignatureScheme::rsa_pss_sha256;
    case NotationAlgorithm::ps384: return SignatureScheme::rsa_pss_sha384;
    case NotationAlgorithm::ps512: return SignatureScheme::rsa_pss_sha512;
    case NotationAlgorithm::es256: return SignatureScheme::ecdsa_sha256;
    case NotationAlgorithm::es384: return SignatureScheme::ecdsa_sha384;
    case NotationAlgorithm::es512: return SignatureScheme::ecdsa_sha512;
  }
  return SignatureScheme::rsa_pss_sha256;
}

Result<Bytes> signature_from_raw(NotationAlgorithm algorithm, ByteView raw) {
  const std::size_t width = coordinate_bytes(algorithm);
  if (width == 0) return to_bytes(raw);
  if (raw.size() != 2 * width) {
    return fail(ErrorCode::malformed,
                "an ECDSA signature of " + std::to_string(raw.size()) + " bytes; expected " + std::to_string(2 * width));
  }
  Bytes both = integer_of(raw.first(width));
  const Bytes second = integer_of(raw.subspan(width));
  both.insert(both.end(), second.begin(), second.end());
  return write_der(der::k_sequence, both);
}

Result<Bytes> signature_to_raw(NotationAlgorithm algorithm, ByteView der) {
  const std::size_t width = coordinate_bytes(algorithm);
  if (width == 0) return to_bytes(der);
  TRY_ASSIGN(const DerItem pair, parse_der(der, der::k_sequence));
  DerReader numbers(pair.content);
  Bytes out;
  for (int i = 0; i < 2; ++i) {
    TRY_ASSIGN(const DerItem number, numbers.expect(der::k_integer));
    TRY(append_coordinate(number, width, out));
  }
  TRY(numbers.finish());
  return out;
}

std::map<std::string, std::string> subject_of_rule(const Certificate& certificate) {
  std::map<std::string, std::string> out;
  std::vector<std::string> twice;
  for (const NameAttribute& attribute : certificate.subject_attributes()) {
    std::string type = attribute.type;
    std::ranges::transform(type, type.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (!out.emplace(type, attribute.value).second) twice.push_back(std::move(type));
  }
  for (const std::string& type : twice) out.erase(type);
  return out;
}

}  // namespace davit::oci
