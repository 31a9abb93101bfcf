#include "oci/trust/crypto/timestamp.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/der.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_oid_signed_data = "1.2.840.113549.1.7.2";
constexpr std::string_view k_oid_tst_info = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view k_oid_content_type = "1.2.840.113549.1.9.3";
constexpr std::string_view k_oid_message_digest = "1.2.840.113549.1.9.4";
constexpr std::string_view k_oid_signing_certificate = "1.2.840.113549.1.9.16.2.12";
constexpr std::string_view k_oid_signing_certificate_v2 = "1.2.840.113549.1.9.16.2.47";
constexpr std::string_view k_oid_subject_key_id = "2.5.29.14";
constexpr std::string_view k_oid_sha1 = "1.3.14.3.2.26";
constexpr std::size_t k_max_attributes = 32;
constexpr std::size_t k_max_certificate_hashes = 16;

struct HashName {
  std::string_view oid;
  ImprintHash hash;
};
constexpr std::array<HashName, 3> k_hashes{{{"2.16.840.1.101.3.4.2.1", ImprintHash::sha256},
                                            {"2.16.840.1.101.3.4.2.2", ImprintHash::sha384},
                                            {"2.16.840.1.101.3.4.2.3", ImprintHash::sha512}}};

struct SchemeName {
  std::string_view oid;
  ImprintHash hash;
  SignatureScheme scheme;
};
constexpr std::string_view k_oid_rsa = "1.2.840.113549.1.1.1";  // "PKCS#1, with the hash that is named elsewhere"
constexpr std::string_view k_oid_ed25519 = "1.3.101.112";
constexpr std::array<SchemeName, 9> k_schemes{{{"1.2.840.10045.4.3.2", ImprintHash::sha256, SignatureScheme::ecdsa_sha256},
                                               {"1.2.840.10045.4.3.3", ImprintHash::sha384, SignatureScheme::ecdsa_sha384},
                                               {"1.2.840.10045.4.3.4", ImprintHash::sha512, SignatureScheme::ecdsa_sha512},
                                               {"1.2.840.113549.1.1.11", ImprintHash::sha256, SignatureScheme::rsa_pkcs1_sha256},
                                               {"1.2.840.113549.1.1.12", ImprintHash::sha384, SignatureScheme::rsa_pkcs1_sha384},
                                               {"1.2.840.113549.1.1.13", ImprintHash::sha512, SignatureScheme::rsa_pkcs1_sha512},
                                               {k_oid_rsa, ImprintHash::sha256, SignatureScheme::rsa_pkcs1_sha256},
                                               {k_oid_rsa, ImprintHash::sha384, SignatureScheme::rsa_pkcs1_sha384},
                                               {k_oid_rsa, ImprintHash::sha512, SignatureScheme::rsa_pkcs1_sha512}}};

Error broken(std::string why) { return fail(ErrorCode::malformed, "a timestamp " + std::move(why)); }
Error untrusted(std::string why) { return fail(ErrorCode::untrusted, std::move(why)); }

Bytes hash_with(const EVP_MD* algorithm, ByteView bytes) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned int length = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &length, algorithm, nullptr) == 1);
  out.resize(length);
  return out;
}

Bytes hash_with(ImprintHash hash, ByteView bytes) {
  switch (hash) {
    case ImprintHash::sha256: return hash_with(EVP_sha256(), bytes);
    case ImprintHash::sha384: return hash_with(EVP_sha384(), bytes);
    case ImprintHash::sha512: return hash_with(EVP_sha512(), bytes);
  }
  return {};
}

Result<ImprintHash> hash_named(std::string_view oid) {
  const auto found = std::ranges::find(k_hashes, oid, &HashName::oid);
  if (found == k_hashes.end())
    return fail(ErrorCode::unsupported,
                "a timestamp with the hash algorithm " + std::string(oid) + "; expected SHA-256, SHA-384 or SHA-512");
  return found->hash;
}

// The OID of an AlgorithmIdentifier whose parameters are absent or NULL.
Result<std::string> parse_algorithm(const DerItem& item) {
  DerReader reader(item.content);
  TRY_ASSIGN(const DerItem oid, reader.expect(der::k_oid));
  TRY_ASSIGN(const auto parameters, reader.next_if(der::k_null));
  if (parameters && !parameters->content.empty()) return broken("has an algorithm with broken parameters");
  if (!reader.done()) return fail(ErrorCode::unsupported, "a timestamp with an algorithm that has parameters");
  return parse_oid(oid.content);
}

Result<std::string> next_algorithm(DerReader& reader) {
  TRY_ASSIGN(const DerItem item, reader.expect(der::k_sequence));
  return parse_algorithm(item);
}

Bytes without_leading_zeros(ByteView number) {
  while (number.size() > 1 && number.front() == std::byte{0}) number = number.subspan(1);
  return to_bytes(number);
}

Result<void> check_size(ByteView der) {
  if (der.size() <= k_max_timestamp_bytes) return {};
  return fail(ErrorCode::limit, "a timestamp of " + std::to_string(der.size()) + " bytes is over the limit of 64 KiB");
}

}  // namespace

// Reads one token into a Timestamp, top down as RFC 5652 and RFC 3161 write it.
class TimestampReader {
 public:
  Result<Timestamp> token(ByteView der);

 private:
  Result<void> signed_data(DerReader reader);
  Result<void> info(ByteView der);
  Result<void> info_tail(DerReader& reader);
  Result<void> bag(ByteView content);
  Result<void> signer(DerReader reader);
  Result<void> signer_id(DerReader& reader, std::uint64_t version);
  Result<void> attributes(ByteView content);
  Result<void> attribute(const std::string& name, ByteView values);
  Result<void> certificate_hashes(ByteView value, bool second_version);

  Timestamp out_;
  ByteView content_;  ///< of the token: DER of TSTInfo
  std::vector<std::string> seen_;
  std::optional<Bytes> digest_;
  bool content_type_ = false;
};

Result<void> TimestampReader::certificate_hashes(ByteView value, bool second_version) {
  TRY_ASSIGN(const DerItem outer, parse_der(value, der::k_sequence));
  DerReader parts(outer.content);
  TRY_ASSIGN(const DerItem list, parts.expect(der::k_sequence));
  DerReader items(list.content);
  std::vector<Timestamp::CertificateHash> found;
  while (!items.done()) {
    if (found.size() == k_max_certificate_hashes) return fail(ErrorCode::limit, "a timestamp names too many certificates");
    TRY_ASSIGN(const DerItem item, items.expect(der::k_sequence));
    DerReader fields(item.content);
    std::string algorithm(second_version ? k_hashes[0].oid : k_oid_sha1);
    if (second_version) {
      TRY_ASSIGN(const auto named, fields.next_if(der::k_sequence));
      if (named) {
        TRY_ASSIGN(algorithm, parse_algorithm(*named));
      }
    }
    TRY_ASSIGN(const DerItem hash, fields.expect(der::k_octet_string));
    found.push_back({std::move(algorithm), to_bytes(hash.content)});
  }
  if (found.empty()) return broken("names no signing certificate");
  // The first is the signer's; the others, if any, are of its issuers.
  out_.certificate_hashes_.push_back(found.front());
  return {};
}

Result<void> TimestampReader::attribute(const std::string& name, ByteView values) {
  DerReader reader(values);
  TRY_ASSIGN(const DerItem value, reader.next());
  TRY(reader.finish());
  if (name == k_oid_content_type) {
    TRY_ASSIGN(const DerItem type, parse_der(value.whole, der::k_oid));
    TRY_ASSIGN(const std::string oid, parse_oid(type.content));
    content_type_ = oid == k_oid_tst_info;
    return {};
  }
  if (name == k_oid_message_digest) {
    TRY_ASSIGN(const DerItem digest, parse_der(value.whole, der::k_octet_string));
    digest_ = to_bytes(digest.content);
    return {};
  }
  if (name == k_oid_signing_certificate) return certificate_hashes(value.whole, false);
  if (name == k_oid_signing_certificate_v2) return certificate_hashes(value.whole, true);
  return {};
}

Result<void> TimestampReader::attributes(ByteView content) {
  DerReader reader(content);
  while (!reader.done()) {
    if (seen_.size() == k_max_attributes) return fail(ErrorCode::limit, "a timestamp has too many attributes");
    TRY_ASSIGN(const DerItem item, reader.expect(der::k_sequence));
    DerReader fields(item.content);
    TRY_ASSIGN(const DerItem oid, fields.expect(der::k_oid));
    TRY_ASSIGN(std::string name, parse_oid(oid.content));
    TRY_ASSIGN(const DerItem values, fields.expect(der::k_set));
    TRY(fields.finish());
    if (std::ranges::count(seen_, name) != 0) return broken("has the attribute " + name + " twice");
    TRY(attribute(name, values.content));
    seen_.push_back(std::move(name));
  }
  if (!content_type_) return broken("does not sign that it is one");
  if (!digest_ || *digest_ != hash_with(out_.digest_hash_, content_))
    return untrusted("the timestamp's content does not have the digest it signs");
  if (out_.certificate_hashes_.empty()) return broken("does not sign which certificate made it");
  return {};
}

Result<void> TimestampReader::signer_id(DerReader& reader, std::uint64_t version) {
  TRY_ASSIGN(const DerItem id, reader.next());
  if (id.tag == der::context_simple(0) && version == 3) {
    out_.signer_key_id_ = to_bytes(id.content);
    return id.content.empty() ? Result<void>(broken("names its signer by an empty key id")) : Result<void>();
  }
  if (id.tag != der::k_sequence || version != 1) return broken("does not name its signer as its version wants");
  DerReader parts(id.content);
  TRY_ASSIGN(const DerItem issuer, parts.expect(der::k_sequence));
  TRY_ASSIGN(const DerItem serial, parts.expect(der::k_integer));
  TRY(parts.finish());
  out_.signer_issuer_ = to_bytes(issuer.whole);
  out_.signer_serial_ = without_leading_zeros(serial.content);
  return {};
}

Result<void> TimestampReader::signer(DerReader reader) {
  TRY_ASSIGN(const DerItem version_item, reader.expect(der::k_integer));
  TRY_ASSIGN(const std::uint64_t version, parse_small_integer(version_item.content));
  TRY(signer_id(reader, version));
  TRY_ASSIGN(const std::string digest, next_algorithm(reader));
  TRY_ASSIGN(out_.digest_hash_, hash_named(digest));
  TRY_ASSIGN(const DerItem signed_part, reader.expect(der::context(0)));
  out_.signed_attributes_ = write_der(der::k_set, signed_part.content);
  TRY(attributes(signed_part.content));
  TRY_ASSIGN(out_.signature_algorithm_, next_algorithm(reader));
  TRY_ASSIGN(const DerItem signature, reader.expect(der::k_octet_string));
  out_.signature_ = to_bytes(signature.content);
  if (!reader.done()) return fail(ErrorCode::unsupported, "a timestamp with attributes that nobody signed");
  return {};
}

Result<void> TimestampReader::bag(ByteView content) {
  DerReader reader(content);
  while (!reader.done()) {
    if (out_.certificates_.size() == k_max_chain_certificates) return fail(ErrorCode::limit, "a timestamp carries too many certificates");
    TRY_ASSIGN(const DerItem item, reader.expect(der::k_sequence));
    TRY_ASSIGN(Certificate certificate, Certificate::parse(item.whole));
    if (std::ranges::count(out_.certificates_, certificate) != 0) return broken("carries a certificate twice");
    out_.certificates_.push_back(std::move(certificate));
  }
  return {};
}

Result<void> TimestampReader::info_tail(DerReader& reader) {
  TRY_ASSIGN(const auto accuracy, reader.next_if(der::k_sequence));
  if (accuracy) {
    DerReader parts(accuracy->content);
    TRY_ASSIGN(const auto seconds, parts.next_if(der::k_integer));
    if (seconds) {
      TRY_ASSIGN(const std::uint64_t value, parse_small_integer(seconds->content));
      out_.accuracy_ = static_cast<std::int64_t>(std::min<std::uint64_t>(value, UINT32_MAX));
    }
    if (!parts.done()) ++out_.accuracy_;
  }
  TRY_ASSIGN(const auto ordering, reader.next_if(der::k_boolean));
  if (ordering && (ordering->content.size() != 1 || ordering->content[0] != std::byte{0xff})) return broken("has a broken ordering flag");
  TRY_ASSIGN(const auto nonce, reader.next_if(der::k_integer));
  if (nonce) out_.nonce_ = to_bytes(nonce->content);
  TRY(reader.next_if(der::context(0)));  // the authority's name: the certificate says it better
  TRY_ASSIGN(const auto extensions, reader.next_if(der::context(1)));
  if (extensions) {
    DerReader items(extensions->content);
    while (!items.done()) {
      TRY_ASSIGN(const DerItem item, items.expect(der::k_sequence));
      DerReader fields(item.content);
      TRY(fields.expect(der::k_oid));
      TRY_ASSIGN(const auto critical, fields.next_if(der::k_boolean));
      if (critical) return fail(ErrorCode::unsupported, "a timestamp with a critical extension");
    }
  }
  return reader.finish();
}

Result<void> TimestampReader::info(ByteView der) {
  TRY_ASSIGN(const DerItem item, parse_der(der, der::k_sequence));
  DerReader reader(item.content);
  TRY_ASSIGN(const DerItem version_item, reader.expect(der::k_integer));
  TRY_ASSIGN(const std::uint64_t version, parse_small_integer(version_item.content));
  if (version != 1) return fail(ErrorCode::unsupported, "a timestamp of version " + std::to_string(version));
  TRY_ASSIGN(const DerItem policy, reader.expect(der::k_oid));
  TRY_ASSIGN(out_.policy_, parse_oid(policy.content));
  TRY_ASSIGN(const DerItem imprint, reader.expect(der::k_sequence));
  DerReader parts(imprint.content);
  TRY_ASSIGN(const std::string algorithm, next_algorithm(parts));
  TRY_ASSIGN(out_.imprint_hash_, hash_named(algorithm));
  TRY_ASSIGN(const DerItem hash, parts.expect(der::k_octet_string));
  TRY(parts.finish());
  out_.imprint_ = to_bytes(hash.content);
  TRY(reader.expect(der::k_integer));  // serial number
  TRY_ASSIGN(const DerItem time, reader.expect(der::k_generalized_time));
  TRY_ASSIGN(out_.time_, parse_generalized_time(time.content));
  return info_tail(reader);
}

Result<void> TimestampReader::signed_data(DerReader reader) {
  TRY_ASSIGN(const DerItem version_item, reader.expect(der::k_integer));
  TRY_ASSIGN(const std::uint64_t version, parse_small_integer(version_item.content));
  if (version != 3) return fail(ErrorCode::unsupported, "a timestamp in CMS of version " + std::to_string(version));
  TRY_ASSIGN(const DerItem algorithms, reader.expect(der::k_set));
  DerReader algorithm_reader(algorithms.content);
  TRY_ASSIGN(const std::string digest, next_algorithm(algorithm_reader));
  TRY(algorithm_reader.finish());
  TRY_ASSIGN(const DerItem content, reader.expect(der::k_sequence));
  DerReader content_reader(content.content);
  TRY_ASSIGN(const DerItem type, content_reader.expect(der::k_oid));
  TRY_ASSIGN(const std::string type_name, parse_oid(type.content));
  if (type_name != k_oid_tst_info) return broken("holds content of the type " + type_name);
  TRY_ASSIGN(const DerItem wrapped, content_reader.expect(der::context(0)));
  TRY(content_reader.finish());
  TRY_ASSIGN(const DerItem octets, parse_der(wrapped.content, der::k_octet_string));
  content_ = octets.content;
  TRY(info(content_));
  TRY_ASSIGN(const auto certificates, reader.next_if(der::context(0)));
  if (certificates) TRY(bag(certificates->content));
  TRY_ASSIGN(const DerItem signers, reader.expect(der::k_set));
  TRY(reader.finish());
  TRY_ASSIGN(const DerItem only, parse_der(signers.content, der::k_sequence));
  TRY(signer(DerReader(only.content)));
  TRY_ASSIGN(const ImprintHash declared, hash_named(digest));
  if (declared != out_.digest_hash_) return broken("declares another hash than its signer uses");
  return {};
}

Result<Timestamp> TimestampReader::token(ByteView der) {
  TRY(check_size(der));
  TRY_ASSIGN(const DerItem outer, parse_der(der, der::k_sequence));
  DerReader reader(outer.content);
  TRY_ASSIGN(const DerItem type, reader.expect(der::k_oid));
  TRY_ASSIGN(const std::string name, parse_oid(type.content));
  if (name != k_oid_signed_data) return broken("is no signed data");
  TRY_ASSIGN(const DerItem wrapped, reader.expect(der::context(0)));
  TRY(reader.finish());
  TRY_ASSIGN(const DerItem data, parse_der(wrapped.content, der::k_sequence));
  TRY(signed_data(DerReader(data.content)));
  return std::move(out_);
}

Result<Timestamp> Timestamp::parse_token(ByteView der) { return TimestampReader().token(der); }

Result<Timestamp> Timestamp::parse_response(ByteView der) {
  TRY(check_size(der));
  TRY_ASSIGN(const DerItem outer, parse_der(der, der::k_sequence));
  DerReader reader(outer.content);
  TRY_ASSIGN(const DerItem info, reader.expect(der::k_sequence));
  DerReader info_reader(info.content);
  TRY_ASSIGN(const DerItem status_item, info_reader.expect(der::k_integer));
  TRY_ASSIGN(const std::uint64_t status, parse_small_integer(status_item.content));
  // 0 granted, 1 granted with changes; all others come without a token.
  if (status > 1) return untrusted("the timestamp authority answered with status " + std::to_string(status));
  TRY(info_reader.next_if(der::k_sequence));    // words for people
  TRY(info_reader.next_if(der::k_bit_string));  // what failed
  TRY(info_reader.finish());
  TRY_ASSIGN(const DerItem token, reader.expect(der::k_sequence));
  TRY(reader.finish());
  return parse_token(token.whole);
}

bool Timestamp::covers(ByteView bytes) const { return imprint_ == hash_with(imprint_hash_, bytes); }

bool Timestamp::names(const Certificate& signer) const {
  if (signer_key_id_.empty()) return signer_issuer_ == signer.issuer_der() && signer_serial_ == without_leading_zeros(signer.serial());
  const auto extension = signer.extension(k_oid_subject_key_id);
  if (!extension) return false;
  const auto id = parse_der(*extension, der::k_octet_string);
  return id && std::ranges::equal(id->content, signer_key_id_);
}

Result<void> Timestamp::check_signer(const Certificate& signer) const {
  if (!names(signer)) return untrusted("the timestamp was made by another authority");
  if (signer.is_ca()) return untrusted("the timestamp is signed by a certificate that issues others");
  if (signer.purposes() != std::vector<std::string>{std::string(k_purpose_time_stamping)} || !signer.purposes_are_critical())
    return untrusted("the timestamp's certificate is not for timestamps alone");
  if (signer.has_key_usage() && !signer.allows(KeyUse::digital_signature))
    return untrusted("the key of the timestamp's certificate may not sign");
  for (const CertificateHash& named : certificate_hashes_) {
    if (named.algorithm == k_oid_sha1) {
      if (named.hash != hash_with(EVP_sha1(), signer.der())) return untrusted("the timestamp names another certificate as its signer");
      continue;
    }
    TRY_ASSIGN(const ImprintHash hash, hash_named(named.algorithm));
    if (named.hash != hash_with(hash, signer.der())) return untrusted("the timestamp names another certificate as its signer");
  }
  TRY_ASSIGN(const PublicKey key, signer.public_key());
  const SignedMessageView message = message_of(signed_attributes_);
  if (signature_algorithm_ == k_oid_ed25519) {
    if (key.verifies(SignatureScheme::ed25519, message, signature_)) return {};
    return untrusted("the timestamp's signature does not fit");
  }
  const auto found =
      std::ranges::find_if(k_schemes, [&](const SchemeName& one) { return one.oid == signature_algorithm_ && one.hash == digest_hash_; });
  if (found == k_schemes.end())
    return fail(ErrorCode::unsupported, "a timestamp signed with the algorithm " + printable(signature_algorithm_));
  if (!key.verifies(found->scheme, message, signature_)) return untrusted("the timestamp's signature does not fit");
  return {};
}

}  // namespace davit::oci
