#include "oci/trust/sigstore/certificate_log.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/der.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_log_id_bytes = 32;
constexpr std::uint8_t k_tls_sha256 = 4;
constexpr std::uint8_t k_tls_rsa = 1;
constexpr std::uint8_t k_tls_ecdsa = 3;

Error broken(std::string why) { return fail(ErrorCode::malformed, "the certificate's log timestamps " + std::move(why)); }

// Big-endian numbers and blocks of TLS encoding.
class TlsReader {
 public:
  explicit TlsReader(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  Result<ByteView> take(std::size_t count) {
    if (rest_.size() < count) return broken("are cut off");
    const ByteView out = rest_.first(count);
    rest_ = rest_.subspan(count);
    return out;
  }
  Result<std::uint64_t> number(std::size_t bytes) {
    TRY_ASSIGN(const ByteView raw, take(bytes));
    std::uint64_t value = 0;
    for (const std::byte byte : raw) value = (value << 8) | std::to_integer<std::uint64_t>(byte);
    return value;
  }
  Result<ByteView> block() {
    TRY_ASSIGN(const std::uint64_t length, number(2));
    return take(length);
  }

 private:
  ByteView rest_;
};

void append_number(Bytes& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i > 0; --i) out.push_back(static_cast<std::byte>((value >> (8 * (i - 1))) & 0xffU));
}

Result<CertificateTimestamp> parse_one(ByteView bytes) {
  TlsReader reader(bytes);
  TRY_ASSIGN(const std::uint64_t version, reader.number(1));
  if (version != 0) return fail(ErrorCode::unsupported, "a certificate log timestamp of version " + std::to_string(version));
  CertificateTimestamp out;
  TRY_ASSIGN(const ByteView id, reader.take(k_log_id_bytes));
  out.log_id = to_bytes(id);
  TRY_ASSIGN(out.milliseconds, reader.number(8));
  TRY_ASSIGN(const ByteView extensions, reader.block());
  out.extensions = to_bytes(extensions);
  TRY_ASSIGN(const std::uint64_t hash, reader.number(1));
  TRY_ASSIGN(const std::uint64_t algorithm, reader.number(1));
  out.hash_algorithm = static_cast<std::uint8_t>(hash);
  out.signature_algorithm = static_cast<std::uint8_t>(algorithm);
  TRY_ASSIGN(const ByteView signature, reader.block());
  out.signature = to_bytes(signature);
  if (!reader.done()) return broken("have bytes left over");
  return out;
}

// DigitallySigned input of a precertificate entry.
Result<Bytes> signed_bytes(const CertificateTimestamp& one, const Certificate& leaf, const Certificate& issuer) {
  TRY_ASSIGN(const Bytes tbs, leaf.tbs_without(k_oid_certificate_timestamps));
  Bytes out;
  append_number(out, 0, 1);  // version 1
  append_number(out, 0, 1);  // a certificate timestamp
  append_number(out, one.milliseconds, 8);
  append_number(out, 1, 2);  // of a precertificate
  const Bytes key = davit::digest_of(issuer.public_key_der()).raw();
  out.insert(out.end(), key.begin(), key.end());
  append_number(out, tbs.size(), 3);
  out.insert(out.end(), tbs.begin(), tbs.end());
  append_number(out, one.extensions.size(), 2);
  out.insert(out.end(), one.extensions.begin(), one.extensions.end());
  return out;
}

Result<void> check_one(const CertificateTimestamp& one, const Certificate& leaf, const Certificate& issuer, const TrustedLog& log) {
  const bool rsa = one.signature_algorithm == k_tls_rsa;
  if (one.hash_algorithm != k_tls_sha256 || (!rsa && one.signature_algorithm != k_tls_ecdsa))
    return fail(ErrorCode::unsupported, "a certificate log timestamp with an unknown algorithm");
  TRY_ASSIGN(const Bytes message, signed_bytes(one, leaf, issuer));
  const SignatureScheme scheme = rsa ? SignatureScheme::rsa_pkcs1_sha256 : SignatureScheme::ecdsa_sha256;
  if (!log.key.verifies(scheme, message_of(message), one.signature))
    return fail(ErrorCode::untrusted, "the promise of the certificate log " + printable(log.base_url) + " does not fit the certificate");
  const auto seconds = static_cast<std::int64_t>(one.milliseconds / 1000);
  if (!log.valid.holds(seconds))
    return fail(ErrorCode::untrusted, "the certificate log " + printable(log.base_url) + " was not to be believed when it promised");
  return {};
}

}  // namespace

Result<std::vector<CertificateTimestamp>> parse_certificate_timestamps(ByteView extension) {
  TRY_ASSIGN(const DerItem octets, parse_der(extension, der::k_octet_string));
  TlsReader outer(octets.content);
  TRY_ASSIGN(const ByteView list, outer.block());
  if (!outer.done()) return broken("have bytes left over");
  TlsReader reader(list);
  std::vector<CertificateTimestamp> out;
  while (!reader.done()) {
    if (out.size() == k_max_certificate_timestamps) return fail(ErrorCode::limit, "a certificate has too many log timestamps");
    TRY_ASSIGN(const ByteView item, reader.block());
    TRY_ASSIGN(CertificateTimestamp one, parse_one(item));
    out.push_back(std::move(one));
  }
  if (out.empty()) return broken("are an empty list");
  return out;
}

Result<std::set<Bytes>> find_certificate_logs(const Certificate& leaf, const Certificate& issuer, std::span<const TrustedLog> logs) {
  std::set<Bytes> found;
  const auto extension = leaf.extension(k_oid_certificate_timestamps);
  if (!extension) return found;
  TRY_ASSIGN(const auto timestamps, parse_certificate_timestamps(*extension));
  for (const CertificateTimestamp& one : timestamps) {
    const auto log = std::ranges::find(logs, one.log_id, &TrustedLog::id);
    if (log == logs.end()) continue;
    TRY(check_one(one, leaf, issuer, *log));
    found.insert(one.log_id);
  }
  return found;
}

}  // namespace davit::oci
