#include "support/forge/sigstore.hpp"

#include <algorithm>
#include <bit>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/crypto/certificate.hpp"

namespace davit::forge {
namespace {

Bytes number(std::uint64_t value, std::size_t bytes) {
  Bytes out;
  for (std::size_t i = bytes; i > 0; --i) out.push_back(static_cast<std::byte>((value >> (8 * (i - 1))) & 255U));
  return out;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }
std::string b64(ByteView bytes) { return encode_base64(bytes); }
std::string b64(const std::string& text) { return encode_base64(as_bytes(text)); }
std::string hex(ByteView bytes) { return encode_hex(bytes); }

std::size_t split_of(std::size_t count) { return std::bit_floor(count - 1); }

std::string certificates_json(const std::vector<Bytes>& chain) {
  std::string out;
  for (const Bytes& der : chain) out += (out.empty() ? "" : ",") + ("{\"rawBytes\":" + quoted(b64(der)) + "}");
  return "{\"certificates\":[" + out + "]}";
}

std::string log_json(const std::string& url, const Key& key, const Bytes& id, const std::string& window) {
  return R"({"baseUrl":)" + quoted(url) + R"(,"hashAlgorithm":"SHA2_256","publicKey":{"rawBytes":)" + quoted(b64(key.spki())) +
         R"(,"keyDetails":)" + quoted(key.is_ed25519() ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256") + R"(,"validFor":)" + window +
         R"(},"logId":{"keyId":)" + quoted(b64(id)) + "}}";
}

std::string authority_json(const std::string& name, const std::vector<Bytes>& chain, const std::string& window) {
  return R"({"subject":{"organization":"forge","commonName":)" + quoted(name) + R"(},"uri":"https://)" + name +
         R"(.example","certChain":)" + certificates_json(chain) + R"(,"validFor":)" + window + "}";
}

Bytes generalized_time(std::int64_t seconds) {
  std::string text;
  for (const char c : write_time(seconds))
    if (c != '-' && c != ':' && c != 'T') text += c;
  return tlv(0x18, as_bytes(text));
}

Bytes algorithm(const char* dotted) { return tlv(0x30, oid(dotted)); }
Bytes attribute(const char* dotted, ByteView value) { return tlv(0x30, concat({oid(dotted), tlv(0x31, value)})); }

}  // namespace

Log::Log(Key key, std::string base_url, bool second_generation)
    : key_(std::move(key)), base_url_(std::move(base_url)), second_(second_generation) {
  fill(5);
}

void Log::fill(std::size_t leaves) {
  for (std::size_t i = 0; i < leaves; ++i) leaves_.push_back(hash_of(number(leaves_.size(), 8)));
}

std::string Log::origin() const { return second_ ? host() : host() + " - 4815162342"; }

Bytes Log::id() const {
  if (!second_ || !key_.is_ed25519()) return hash_of(key_.spki());
  const Bytes spki = key_.spki();
  return hash_of(concat({as_bytes(host()), as_bytes("\n"), Bytes{std::byte{1}}, ByteView(spki).last(32)}));
}

Bytes Log::root_of(std::size_t begin, std::size_t end) const {
  if (end - begin == 1) return leaves_[begin];
  const std::size_t middle = begin + split_of(end - begin);
  return hash_of(concat({Bytes{std::byte{1}}, root_of(begin, middle), root_of(middle, end)}));
}

void Log::prove(std::size_t index, std::size_t begin, std::size_t end, std::vector<Bytes>& out) const {
  if (end - begin == 1) return;
  const std::size_t middle = begin + split_of(end - begin);
  if (index < middle) {
    prove(index, begin, middle, out);
    out.push_back(root_of(middle, end));
  } else {
    prove(index, middle, end, out);
    out.push_back(root_of(begin, middle));
  }
}

std::string Log::note(const std::string& text, const std::string& name, const Key& by, ByteView hint) const {
  return text + "\n\u2014 " + name + " " + b64(concat({hint.first(4), by.sign(as_bytes(text))})) + "\n";
}

std::string Log::checkpoint() const {
  const std::string text = origin() + "\n" + std::to_string(leaves_.size()) + "\n" + b64(root()) + "\n";
  const Bytes log_id = id();
  return note(text, host(), key_, log_id);
}

Bytes Log::promise(const oci::LogEntry& entry) const {
  const std::string text = R"({"body":)" + quoted(b64(entry.body)) + R"(,"integratedTime":)" + std::to_string(*entry.integrated_time) +
                           R"(,"logID":)" + quoted(hex(entry.log_id)) + R"(,"logIndex":)" + std::to_string(entry.log_index) + "}";
  return key_.sign(as_bytes(text));
}

oci::LogEntry Log::add(const std::string& kind, const std::string& version, ByteView body, std::int64_t time) {
  constexpr std::uint64_t k_shards_before = 1000000;
  const std::size_t index = leaves_.size();
  leaves_.push_back(hash_of(concat({Bytes{std::byte{0}}, body})));
  fill(2);
  oci::LogEntry entry{.log_index = index, .log_id = id(), .kind = kind, .version = version, .body = to_bytes(body)};
  oci::InclusionProof proof{.log_index = index, .tree_size = leaves_.size(), .root_hash = root(), .checkpoint = checkpoint()};
  prove(index, 0, leaves_.size(), proof.hashes);
  entry.proof = std::move(proof);
  if (second_) return entry;
  entry.log_index += k_shards_before;
  entry.integrated_time = time;
  entry.promise = promise(entry);
  return entry;
}

TimestampAuthority::TimestampAuthority(const std::string& name, CertificateSpec spec)
    : authority(name), certificate(authority.issue(key, spec)) {}

Bytes TimestampAuthority::stamp(ByteView bytes, const TimestampSpec& spec) const { return stamp_hash(hash_of(bytes, spec.imprint), spec); }

Bytes TimestampAuthority::stamp_hash(ByteView hash, const TimestampSpec& spec) const {
  const std::string_view kind = spec.imprint;
  const char* imprint_oid = kind == "SHA256"   ? "2.16.840.1.101.3.4.2.1"
                            : kind == "SHA384" ? "2.16.840.1.101.3.4.2.2"
                            : kind == "SHA512" ? "2.16.840.1.101.3.4.2.3"
                                               : "1.3.14.3.2.26";
  constexpr const char* k_sha256 = "2.16.840.1.101.3.4.2.1";
  const Bytes imprint = tlv(0x30, concat({algorithm(imprint_oid), tlv(0x04, hash)}));
  const Bytes info = tlv(0x30, concat({tlv(0x02, number(1, 1)), oid("1.3.6.1.4.1.57264.2"), imprint, tlv(0x02, number(77, 1)),
                                       generalized_time(spec.time), tlv(0x30, tlv(0x02, number(1, 1))), spec.nonce}));
  const Bytes hashed = hash_of(spec.hashed.value_or(certificate));
  const Bytes ess = tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, hashed))));
  const Bytes attributes =
      concat({attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.9.16.1.4")),
              attribute("1.2.840.113549.1.9.4", tlv(0x04, hash_of(info))), attribute("1.2.840.113549.1.9.16.2.47", ess)});
  const Bytes signature = (spec.key == nullptr ? key : *spec.key).sign(tlv(0x31, attributes));
  Bytes signer = concat({tlv(0x02, number(1, 1)), issuer_and_serial_of(spec.named.value_or(certificate)), algorithm(k_sha256),
                         tlv(0xa0, attributes), algorithm("1.2.840.10045.4.3.2"), tlv(0x04, signature)});
  if (spec.unsigned_attribute) signer = concat({signer, tlv(0xa1, attribute("1.2.3.4", tlv(0x04, {})))});
  Bytes bag;
  for (const Bytes& one : spec.bag) bag = concat({bag, one});
  const Bytes data = tlv(0x30, concat({tlv(0x02, number(3, 1)), tlv(0x31, algorithm(k_sha256)),
                                       tlv(0x30, concat({oid("1.2.840.113549.1.9.16.1.4"), tlv(0xa0, tlv(0x04, info))})),
                                       bag.empty() ? Bytes() : tlv(0xa0, bag), tlv(0x31, tlv(0x30, signer))}));
  const Bytes token = tlv(0x30, concat({oid("1.2.840.113549.1.7.2"), tlv(0xa0, data)}));
  return tlv(0x30, concat({tlv(0x30, tlv(0x02, number(static_cast<std::uint64_t>(spec.status), 1))), token}));
}

std::string window(std::int64_t start, std::optional<std::int64_t> end) {
  return "{\"start\":" + quoted(write_time(start)) + (end ? ",\"end\":" + quoted(write_time(*end)) : "") + "}";
}

std::string World::trusted_root() const {
  return R"({"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[)" +
         log_json(rekor.base_url(), rekor.key(), rekor.id(), log_window) + "," +
         log_json(tiles.base_url(), tiles.key(), tiles.id(), tiles_window) + R"(],"certificateAuthorities":[)" +
         authority_json("fulcio", {fulcio.issuer, fulcio.root}, fulcio_window) + R"(],"ctlogs":[)" +
         log_json("https://ct.example", certificate_log, hash_of(certificate_log.spki()), ct_window) + "," +
         log_json("https://ct2.example", second_certificate_log, hash_of(second_certificate_log.spki()), ct_window) +
         R"(],"timestampAuthorities":[)" + authority_json("tsa", {tsa.certificate, tsa.authority.issuer, tsa.authority.root}, tsa_window) +
         "]}";
}

CertificateSpec signer_spec() {
  return {.alternative_names = std::string("email:") + k_signer,
          .not_before = k_signing_time - 60,
          .not_after = k_signing_time + 540,
          .extras = {{"1.3.6.1.4.1.57264.1.8", tlv(0x0c, as_bytes(k_issuer))},
                     {"1.3.6.1.4.1.57264.1.1", to_bytes(std::string_view(k_issuer))}}};
}

Bytes promises(const Bytes& certificate_without, const Bytes& issuer, const std::vector<Key>& logs, std::int64_t time,
               ByteView extensions) {
  const auto certificate = oci::Certificate::parse(issuer);
  CHECK(certificate.has_value());
  const Bytes tbs = tbs_of(certificate_without);
  Bytes list;
  for (const Key& log : logs) {
    const Bytes stamp = number(static_cast<std::uint64_t>(time) * 1000, 8);
    const Bytes message = concat({number(0, 2), stamp, number(1, 2), hash_of(certificate->public_key_der()), number(tbs.size(), 3), tbs,
                                  number(extensions.size(), 2), extensions});
    const Bytes signature = log.sign(message);
    const Bytes one = concat({number(0, 1), hash_of(log.spki()), stamp, number(extensions.size(), 2), extensions, number(4, 1),
                              number(3, 1), number(signature.size(), 2), signature});
    list = concat({list, number(one.size(), 2), one});
  }
  return tlv(0x04, concat({number(list.size(), 2), list}));
}

Bytes World::certify(const Key& key, CertificateSpec spec, const std::vector<Key>& promised_by) const {
  static int serial = 900000;
  spec.serial = ++serial;
  const Bytes without = fulcio.issue(key, spec);
  if (promised_by.empty()) return without;
  spec.extras.push_back({"1.3.6.1.4.1.11129.2.4.2", promises(without, fulcio.issuer, promised_by, spec.not_before)});
  return fulcio.issue(key, spec);
}

Bytes World::certify(const Key& key) const { return certify(key, signer_spec(), {certificate_log}); }

std::string hashedrekord(ByteView sha256, ByteView signature, const std::string& pem) {
  return R"({"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":)" + quoted(hex(sha256)) +
         R"(}},"signature":{"content":)" + quoted(b64(signature)) + R"(,"publicKey":{"content":)" + quoted(b64(pem)) + "}}}}";
}

std::string hashedrekord_2(ByteView sha256, ByteView signature, const Bytes& der, bool certificate) {
  return R"({"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":)" +
         quoted(b64(sha256)) + R"(},"signature":{"content":)" + quoted(b64(signature)) +
         R"(,"verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256",")" + (certificate ? "x509Certificate" : "publicKey") +
         R"(":{"rawBytes":)" + quoted(b64(der)) + "}}}}}}";
}

std::string dsse(const std::string& envelope, ByteView payload, ByteView signature, const std::string& pem) {
  return R"({"apiVersion":"0.0.1","kind":"dsse","spec":{"envelopeHash":{"algorithm":"sha256","value":)" +
         quoted(hex(hash_of(as_bytes(envelope)))) + R"(},"payloadHash":{"algorithm":"sha256","value":)" + quoted(hex(hash_of(payload))) +
         R"(},"signatures":[{"signature":)" + quoted(b64(signature)) + R"(,"verifier":)" + quoted(b64(pem)) + "}]}}";
}

std::string intoto(const std::string& payload_type, ByteView payload, ByteView signature, const std::string& pem) {
  return R"({"apiVersion":"0.0.2","kind":"intoto","spec":{"content":{"envelope":{"payloadType":)" + quoted(payload_type) +
         R"(,"signatures":[{"publicKey":)" + quoted(b64(pem)) + R"(,"sig":)" + quoted(b64(b64(signature))) +
         R"(}]},"hash":{"algorithm":"sha256","value":)" + quoted(hex(hash_of(payload))) +
         R"(},"payloadHash":{"algorithm":"sha256","value":)" + quoted(hex(hash_of(payload))) + "}}}}";
}

std::string intoto_1(const std::string& envelope, ByteView payload, const std::string& pem) {
  return R"({"apiVersion":"0.0.1","kind":"intoto","spec":{"content":{"hash":{"algorithm":"sha256","value":)" +
         quoted(hex(hash_of(as_bytes(envelope)))) + R"(},"payloadHash":{"algorithm":"sha256","value":)" + quoted(hex(hash_of(payload))) +
         R"(}},"publicKey":)" + quoted(b64(pem)) + "}}";
}

}  // namespace davit::forge
