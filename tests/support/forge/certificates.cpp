#include "support/forge/certificates.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "manifests/result.hpp"

namespace davit::forge {
namespace {

const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

template <typename T, typename F>
Bytes encode(T* object, F to_der) {
  const int length = to_der(object, nullptr);
  CHECK(length > 0);
  Bytes out(static_cast<std::size_t>(length));
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  CHECK(to_der(object, &at) == length);
  return out;
}

template <typename F>
std::string through_bio(F write) {
  BIO* out = BIO_new(BIO_s_mem());
  CHECK(write(out));
  char* data = nullptr;
  const long length = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(length));
  BIO_free(out);
  return text;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void add_extra(X509* certificate, const Extra& extra) {
  ASN1_OBJECT* object = OBJ_txt2obj(extra.oid.c_str(), 1);
  ASN1_OCTET_STRING* content = ASN1_OCTET_STRING_new();
  CHECK(object != nullptr && content != nullptr);
  CHECK(ASN1_OCTET_STRING_set(content, raw(extra.content), static_cast<int>(extra.content.size())) == 1);
  X509_EXTENSION* extension = X509_EXTENSION_create_by_OBJ(nullptr, object, extra.critical ? 1 : 0, content);
  CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(content);
  ASN1_OBJECT_free(object);
}

void add_name(X509_NAME* name, const char* type, const std::string& value) {
  if (value.empty()) return;
  CHECK(X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, 0) == 1);
}

X509* read_certificate(ByteView der) {
  const unsigned char* at = raw(der);
  X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  CHECK(certificate != nullptr);
  return certificate;
}

}  // namespace

Key Key::ec(const char* curve) { return Key(EVP_EC_gen(curve)); }
Key Key::rsa(unsigned bits) { return Key(EVP_RSA_gen(bits)); }
Key Key::ed25519() { return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

Key Key::from_private_pem(const std::string& pem) {
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  CHECK(key != nullptr);
  return Key(key);
}

Key Key::from_public_der(ByteView spki) {
  const unsigned char* at = raw(spki);
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
  CHECK(key != nullptr);
  return Key(key);
}

Bytes Key::spki() const {
  return encode(key_.get(), [](EVP_PKEY* key, unsigned char** out) { return i2d_PUBKEY(key, out); });
}

std::string Key::public_pem() const { return pem("PUBLIC KEY", spki()); }

std::string Key::private_pem() const {
  return through_bio([&](BIO* out) { return PEM_write_bio_PKCS8PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1; });
}

Bytes Key::sign(ByteView message, const char* hash) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  CHECK(EVP_DigestSignInit_ex(context, nullptr, is_ed25519() ? nullptr : hash, nullptr, nullptr, key_.get(), nullptr) == 1);
  std::size_t length = 0;
  CHECK(EVP_DigestSign(context, nullptr, &length, raw(message), message.size()) == 1);
  Bytes out(length);
  CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &length, raw(message), message.size()) == 1);
  EVP_MD_CTX_free(context);
  out.resize(length);
  return out;
}

Bytes make_certificate(const Key& subject, const CertificateSpec& spec, const Bytes& issuer_der, const Key& issuer_key) {
  static int next_serial = 4096;
  const int serial = spec.serial == 0 ? ++next_serial : spec.serial;
  X509* certificate = X509_new();
  CHECK(X509_set_version(certificate, X509_VERSION_3) == 1);
  CHECK(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1);
  X509_NAME* name = X509_NAME_new();
  add_name(name, "C", spec.country);
  add_name(name, "ST", spec.state);
  add_name(name, "O", spec.organization);
  add_name(name, "CN", spec.common_name);
  CHECK(X509_set_subject_name(certificate, name) == 1);
  if (issuer_der.empty()) {
    CHECK(X509_set_issuer_name(certificate, name) == 1);
  } else {
    X509* issuer = read_certificate(issuer_der);
    CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
    X509_free(issuer);
  }
  X509_NAME_free(name);
  CHECK(ASN1_TIME_set(X509_getm_notBefore(certificate), spec.not_before) != nullptr);
  CHECK(ASN1_TIME_set(X509_getm_notAfter(certificate), spec.not_after) != nullptr);
  CHECK(X509_set_pubkey(certificate, subject.get()) == 1);
  if (spec.ca) {
    add_extension(certificate, NID_basic_constraints,
                  spec.path_length < 0 ? "critical,CA:TRUE" : "critical,CA:TRUE,pathlen:" + std::to_string(spec.path_length));
  }
  add_extension(certificate, NID_key_usage, spec.key_usage);
  add_extension(certificate, NID_ext_key_usage, spec.extended_key_usage);
  if (!spec.alternative_names.empty())
    add_extension(certificate, NID_subject_alt_name, (spec.names_critical ? "critical," : "") + spec.alternative_names);
  for (const Extra& extra : spec.extras) add_extra(certificate, extra);
  const EVP_MD* hash = issuer_key.is_ed25519() ? nullptr : EVP_get_digestbyname(spec.hash);
  CHECK(X509_sign(certificate, issuer_key.get(), hash) > 0);
  Bytes out = encode(certificate, [](X509* one, unsigned char** to) { return i2d_X509(one, to); });
  X509_free(certificate);
  return out;
}

Bytes tbs_of(const Bytes& certificate) {
  X509* one = read_certificate(certificate);
  Bytes out = encode(one, [](X509* from, unsigned char** to) { return i2d_re_X509_tbs(from, to); });
  X509_free(one);
  return out;
}

Bytes issuer_and_serial_of(const Bytes& certificate) {
  X509* one = read_certificate(certificate);
  const Bytes name = encode(X509_get_issuer_name(one), [](const X509_NAME* from, unsigned char** to) { return i2d_X509_NAME(from, to); });
  const Bytes serial =
      encode(X509_get0_serialNumber(one), [](const ASN1_INTEGER* from, unsigned char** to) { return i2d_ASN1_INTEGER(from, to); });
  X509_free(one);
  return tlv(0x30, concat({name, serial}));
}

Bytes hash_of(ByteView bytes, const char* algorithm) {
  Bytes out(EVP_MAX_MD_SIZE);
  std::size_t length = 0;
  CHECK(EVP_Q_digest(nullptr, algorithm, nullptr, bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &length) == 1);
  out.resize(length);
  return out;
}

Authority::Authority(const std::string& name, std::int64_t not_before, std::int64_t not_after) : root_key(Key::ec()), key(Key::ec()) {
  CertificateSpec spec{.common_name = name + " root",
                       .organization = "forge",
                       .not_before = not_before,
                       .not_after = not_after,
                       .ca = true,
                       .key_usage = "critical,keyCertSign,cRLSign",
                       .extended_key_usage = ""};
  root = make_certificate(root_key, spec, {}, root_key);
  spec.common_name = name + " issuer";
  spec.path_length = 0;
  issuer = make_certificate(key, spec, root, root_key);
}

Bytes tlv(unsigned tag, ByteView content) {
  Bytes out{static_cast<std::byte>(tag)};
  if (content.size() < 128) {
    out.push_back(static_cast<std::byte>(content.size()));
  } else if (content.size() < 256) {
    out.insert(out.end(), {std::byte{0x81}, static_cast<std::byte>(content.size())});
  } else {
    CHECK(content.size() < 65536);
    out.insert(out.end(), {std::byte{0x82}, static_cast<std::byte>(content.size() >> 8), static_cast<std::byte>(content.size() & 255U)});
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Bytes concat(std::initializer_list<ByteView> parts) {
  Bytes out;
  for (const ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Bytes oid(const char* dotted) {
  ASN1_OBJECT* object = OBJ_txt2obj(dotted, 1);
  Bytes out = encode(object, [](ASN1_OBJECT* one, unsigned char** to) { return i2d_ASN1_OBJECT(one, to); });
  ASN1_OBJECT_free(object);
  return out;
}

std::string pem(const char* label, ByteView der) {
  return through_bio([&](BIO* out) { return PEM_write_bio(out, label, "", raw(der), static_cast<long>(der.size())) > 0; });
}

}  // namespace davit::forge
