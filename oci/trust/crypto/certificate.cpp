#include "oci/trust/crypto/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <mutex>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/der.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_label = "CERTIFICATE";
constexpr std::string_view k_oid_key_usage = "2.5.29.15";
constexpr std::string_view k_oid_alternative_name = "2.5.29.17";
constexpr std::string_view k_oid_basic_constraints = "2.5.29.19";
constexpr std::string_view k_oid_purposes = "2.5.29.37";
// Name constraints are not here on purpose: they are not judged, so one that must be understood refuses the chain.
constexpr std::array k_understood{k_oid_key_usage, k_oid_alternative_name, k_oid_basic_constraints, k_oid_purposes};
constexpr std::size_t k_max_name_attributes = 64;
constexpr std::size_t k_max_extensions = 128;
constexpr std::size_t k_max_purposes = 64;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using X509Handle = std::unique_ptr<X509, Deleter<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
using Purposes = std::unique_ptr<EXTENDED_KEY_USAGE, Deleter<EXTENDED_KEY_USAGE_free>>;
using Constraints = std::unique_ptr<BASIC_CONSTRAINTS, Deleter<BASIC_CONSTRAINTS_free>>;
using BitString = std::unique_ptr<ASN1_BIT_STRING, Deleter<ASN1_BIT_STRING_free>>;
using Output = std::unique_ptr<BIO, Deleter<BIO_free>>;

struct Extension {
  std::string oid;
  bool critical;
  Bytes content;
};

Error not_a_certificate(std::string_view why) { return fail(ErrorCode::malformed, "this is not a valid certificate: " + std::string(why)); }

template <typename T>
Bytes encode(const T* object, int (*to_der)(const T*, unsigned char**)) {
  const int length = to_der(object, nullptr);
  if (length <= 0) return {};
  Bytes out(static_cast<std::size_t>(length));
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  to_der(object, &at);
  return out;
}

Bytes bytes_of(const ASN1_STRING* string) {
  return to_bytes(
      ByteView(reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(string)), static_cast<std::size_t>(ASN1_STRING_length(string))));
}

std::string text_of(const ASN1_STRING* string) { return std::string(as_text(bytes_of(string))); }

std::string oid_of(const ASN1_OBJECT* object) {
  const auto* content = reinterpret_cast<const std::byte*>(OBJ_get0_data(object));
  if (auto usual = parse_oid(ByteView(content, OBJ_length(object)))) return *std::move(usual);
  // Numbers without end, which OpenSSL writes by long division.
  std::array<char, 256> text{};
  const int length = OBJ_obj2txt(text.data(), text.size(), object, 1);
  return length > 0 && static_cast<std::size_t>(length) < text.size() ? std::string(text.data()) : std::string();
}

Result<std::int64_t> seconds_of(const ASN1_TIME* time) {
  std::tm broken_down{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &broken_down) != 1) return not_a_certificate("its validity cannot be read");
  return static_cast<std::int64_t>(timegm(&broken_down));
}

Result<std::string> name_text(const X509_NAME* name) {
  const Output out(BIO_new(BIO_s_mem()));
  CHECK(out != nullptr);
  if (X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) < 0)
    return not_a_certificate("a name cannot be read");
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return length <= 0 ? std::string() : std::string(data, static_cast<std::size_t>(length));
}

Result<std::vector<NameAttribute>> attributes_of(const X509_NAME* name) {
  std::vector<NameAttribute> out;
  const int count = X509_NAME_entry_count(name);
  if (count < 0 || static_cast<std::size_t>(count) > k_max_name_attributes)
    return fail(ErrorCode::limit, "a certificate's name has too many parts");
  for (int i = 0; i < count; ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
    const int number = OBJ_obj2nid(type);
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (length < 0) return not_a_certificate("a part of its name cannot be read");
    std::string value(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
    OPENSSL_free(utf8);
    out.push_back({number == NID_undef ? oid_of(type) : std::string(OBJ_nid2sn(number)), std::move(value)});
  }
  return out;
}

AlternativeName read_other(const OTHERNAME& name) {
  AlternativeName out{.kind = AlternativeNameKind::other, .oid = oid_of(name.type_id)};
  if (name.value != nullptr && name.value->type == V_ASN1_UTF8STRING) out.value = text_of(name.value->value.utf8string);
  return out;
}

// Decodes an extension's content completely; the decoders of OpenSSL stop where they like.
template <typename Handle, typename T>
Result<Handle> decode(const Extension& extension, T* (*from_der)(T**, const unsigned char**, long)) {
  const auto* at = reinterpret_cast<const unsigned char*>(extension.content.data());
  const auto* end = at + extension.content.size();
  Handle out(from_der(nullptr, &at, static_cast<long>(extension.content.size())));
  if (!out || at != end) return not_a_certificate("its extension " + extension.oid + " cannot be read");
  return out;
}

}  // namespace

struct Certificate::State {
  // Whether a key made the signature, once that was asked: it takes a millisecond, and the same few issuers are asked for
  // again for each trusted time and each artifact. Of the last key only.
  struct Signed {
    Bytes key;
    bool by_it;
  };
  mutable std::mutex signed_lock;
  mutable std::optional<Signed> was_signed;

  X509Handle x509;
  Bytes der, public_key_der, subject_der, issuer_der, serial;
  std::string subject_name, issuer_name;
  std::vector<NameAttribute> subject_attributes;
  std::int64_t not_before = 0, not_after = 0;
  bool ca = false, has_key_usage = false, signs_data = false, signs_certificates = false, purposes_critical = false;
  std::optional<std::uint32_t> path_length;
  std::vector<std::string> purposes, unknown_critical;
  std::vector<AlternativeName> alternative_names;
  std::vector<Extension> extensions;

  Result<void> read_names();
  Result<void> read_extensions();
  Result<void> read_extension(const Extension& extension);
  Result<void> read_alternative_names(const Extension& extension);
};

Result<void> Certificate::State::read_names() {
  const X509_NAME* subject = X509_get_subject_name(x509.get());
  const X509_NAME* issuer = X509_get_issuer_name(x509.get());
  subject_der = encode<X509_NAME>(subject, i2d_X509_NAME);
  issuer_der = encode<X509_NAME>(issuer, i2d_X509_NAME);
  TRY_ASSIGN(subject_name, name_text(subject));
  TRY_ASSIGN(issuer_name, name_text(issuer));
  TRY_ASSIGN(subject_attributes, attributes_of(subject));
  TRY_ASSIGN(not_before, seconds_of(X509_get0_notBefore(x509.get())));
  TRY_ASSIGN(not_after, seconds_of(X509_get0_notAfter(x509.get())));
  serial = bytes_of(X509_get0_serialNumber(x509.get()));
  public_key_der = encode<X509_PUBKEY>(X509_get_X509_PUBKEY(x509.get()), i2d_X509_PUBKEY);
  if (public_key_der.empty()) return not_a_certificate("it holds no public key");
  return {};
}

Result<void> Certificate::State::read_extensions() {
  const int count = X509_get_ext_count(x509.get());
  if (static_cast<std::size_t>(std::max(count, 0)) > k_max_extensions)
    return fail(ErrorCode::limit, "a certificate has too many extensions");
  for (int i = 0; i < count; ++i) {
    X509_EXTENSION* raw = X509_get_ext(x509.get(), i);
    Extension extension{.oid = oid_of(X509_EXTENSION_get_object(raw)),
                        .critical = X509_EXTENSION_get_critical(raw) != 0,
                        .content = bytes_of(X509_EXTENSION_get_data(raw))};
    const bool known = std::ranges::count(k_understood, extension.oid) != 0;
    if (std::ranges::count(extensions, extension.oid, &Extension::oid) != 0)
      return not_a_certificate("it has the extension " + extension.oid + " twice");
    if (extension.critical && !known) unknown_critical.push_back(extension.oid);
    if (known) TRY(read_extension(extension));
    extensions.push_back(std::move(extension));
  }
  return {};
}

Result<void> Certificate::State::read_extension(const Extension& extension) {
  if (extension.oid == k_oid_alternative_name) return read_alternative_names(extension);
  if (extension.oid == k_oid_key_usage) {
    TRY_ASSIGN(const BitString bits, (decode<BitString, ASN1_BIT_STRING>(extension, d2i_ASN1_BIT_STRING)));
    has_key_usage = true;
    signs_data = ASN1_BIT_STRING_get_bit(bits.get(), 0) == 1;
    signs_certificates = ASN1_BIT_STRING_get_bit(bits.get(), 5) == 1;
    return {};
  }
  if (extension.oid == k_oid_basic_constraints) {
    TRY_ASSIGN(const Constraints constraints, (decode<Constraints, BASIC_CONSTRAINTS>(extension, d2i_BASIC_CONSTRAINTS)));
    ca = constraints->ca != 0;
    if (constraints->pathlen == nullptr) return {};
    const long length = ASN1_INTEGER_get(constraints->pathlen);
    if (length < 0 || length > 255) return not_a_certificate("its path length cannot be read");
    path_length = static_cast<std::uint32_t>(length);
    return {};
  }
  TRY_ASSIGN(const Purposes list, (decode<Purposes, EXTENDED_KEY_USAGE>(extension, d2i_EXTENDED_KEY_USAGE)));
  const int count = sk_ASN1_OBJECT_num(list.get());
  if (static_cast<std::size_t>(std::max(count, 0)) > k_max_purposes) return fail(ErrorCode::limit, "a certificate names too many purposes");
  for (int i = 0; i < count; ++i) purposes.push_back(oid_of(sk_ASN1_OBJECT_value(list.get(), i)));
  purposes_critical = extension.critical;
  return {};
}

Result<void> Certificate::State::read_alternative_names(const Extension& extension) {
  TRY_ASSIGN(const Names names, (decode<Names, GENERAL_NAMES>(extension, d2i_GENERAL_NAMES)));
  const int count = sk_GENERAL_NAME_num(names.get());
  if (static_cast<std::size_t>(std::max(count, 0)) > k_max_alternative_names)
    return fail(ErrorCode::limit, "a certificate has too many names");
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    switch (name->type) {
      case GEN_EMAIL: alternative_names.push_back({AlternativeNameKind::email, text_of(name->d.rfc822Name), {}}); break;
      case GEN_URI: alternative_names.push_back({AlternativeNameKind::uri, text_of(name->d.uniformResourceIdentifier), {}}); break;
      case GEN_DNS: alternative_names.push_back({AlternativeNameKind::dns, text_of(name->d.dNSName), {}}); break;
      case GEN_OTHERNAME: alternative_names.push_back(read_other(*name->d.otherName)); break;
      default: alternative_names.push_back({AlternativeNameKind::other, "", ""}); break;
    }
  }
  return {};
}

Result<void> check_certificate_size(ByteView der) {
  if (der.size() <= k_max_certificate_bytes) return {};
  return fail(ErrorCode::limit,
              "a certificate of " + std::to_string(der.size()) + " bytes is over the limit of " + std::to_string(k_max_certificate_bytes));
}

Result<Certificate> Certificate::parse(ByteView der) {
  TRY(check_certificate_size(der));
  auto state = std::make_shared<State>();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  state->x509.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!state->x509) return not_a_certificate("it is not DER of that form");
  // What OpenSSL would write again must be what was read: one certificate, one encoding, nothing behind it.
  state->der = to_bytes(der);
  if (encode<X509>(state->x509.get(), i2d_X509) != state->der) return not_a_certificate("it is not encoded as DER wants it");
  TRY(state->read_names());
  TRY(state->read_extensions());
  return Certificate(std::move(state));
}

Result<std::vector<Certificate>> Certificate::parse_pem_chain(std::string_view text) {
  constexpr std::string_view k_end_line = "-----END CERTIFICATE-----";
  std::vector<Certificate> out;
  while (text.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    if (out.size() == k_max_chain_certificates)
      return fail(ErrorCode::limit, "there are more than " + std::to_string(k_max_chain_certificates) + " certificates");
    const std::size_t end = text.find(k_end_line);
    const std::size_t length = end == std::string_view::npos ? text.size() : end + k_end_line.size();
    TRY_ASSIGN(const PemBlock block, parse_pem(text.substr(0, length)));
    if (block.label != k_label)
      return fail(ErrorCode::malformed, "this PEM text holds \"" + printable(block.label) + "\", expected \"CERTIFICATE\"");
    TRY_ASSIGN(Certificate certificate, parse(block.content));
    out.push_back(std::move(certificate));
    text.remove_prefix(length);
  }
  if (out.empty()) return fail(ErrorCode::malformed, "there is no certificate here");
  return out;
}

const Bytes& Certificate::der() const { return state_->der; }
std::string Certificate::pem() const { return write_pem(k_label, state_->der); }
Digest Certificate::fingerprint() const { return davit::digest_of(state_->der); }
const Bytes& Certificate::public_key_der() const { return state_->public_key_der; }
Result<PublicKey> Certificate::public_key() const { return PublicKey::from_der(state_->public_key_der); }
const std::string& Certificate::subject_name() const { return state_->subject_name; }
const std::string& Certificate::issuer_name() const { return state_->issuer_name; }
const std::vector<NameAttribute>& Certificate::subject_attributes() const { return state_->subject_attributes; }
const Bytes& Certificate::subject_der() const { return state_->subject_der; }
const Bytes& Certificate::issuer_der() const { return state_->issuer_der; }
const Bytes& Certificate::serial() const { return state_->serial; }
std::int64_t Certificate::not_before() const { return state_->not_before; }
std::int64_t Certificate::not_after() const { return state_->not_after; }
bool Certificate::is_ca() const { return state_->ca; }
std::optional<std::uint32_t> Certificate::path_length() const { return state_->path_length; }
bool Certificate::has_key_usage() const { return state_->has_key_usage; }
bool Certificate::allows(KeyUse use) const { return use == KeyUse::digital_signature ? state_->signs_data : state_->signs_certificates; }
const std::vector<std::string>& Certificate::purposes() const { return state_->purposes; }
bool Certificate::purposes_are_critical() const { return state_->purposes_critical; }
const std::vector<AlternativeName>& Certificate::alternative_names() const { return state_->alternative_names; }
const std::vector<std::string>& Certificate::unknown_critical_extensions() const { return state_->unknown_critical; }

std::optional<Bytes> Certificate::extension(std::string_view oid) const {
  const auto found = std::ranges::find(state_->extensions, oid, &Extension::oid);
  return found == state_->extensions.end() ? std::nullopt : std::optional(found->content);
}

int Certificate::signature_strength() const {
  int bits = 0;
  return X509_get_signature_info(state_->x509.get(), nullptr, nullptr, &bits, nullptr) == 1 ? bits : 0;
}

int Certificate::key_strength() const {
  const EVP_PKEY* key = X509_get0_pubkey(state_->x509.get());
  return key == nullptr ? 0 : EVP_PKEY_get_security_bits(key);
}

bool Certificate::is_issued_by(const Certificate& issuer) const {
  if (X509_NAME_cmp(X509_get_issuer_name(state_->x509.get()), X509_get_subject_name(issuer.state_->x509.get())) != 0) return false;
  const std::lock_guard lock(state_->signed_lock);
  auto& known = state_->was_signed;
  if (!known || known->key != issuer.public_key_der()) {
    EVP_PKEY* key = X509_get0_pubkey(issuer.state_->x509.get());
    known = {issuer.public_key_der(), key != nullptr && X509_verify(state_->x509.get(), key) == 1};
  }
  return known->by_it;
}

bool Certificate::has_told_issuer() const {
  const std::lock_guard lock(state_->signed_lock);
  return state_->was_signed.has_value();
}

Result<Bytes> Certificate::tbs_without(std::string_view oid) const {
  TRY_ASSIGN(const DerItem outer, parse_der(state_->der, der::k_sequence));
  DerReader parts(outer.content);
  TRY_ASSIGN(const DerItem tbs, parts.expect(der::k_sequence));
  DerReader fields(tbs.content);
  Bytes content;
  bool found = false;
  const auto append = [](Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); };
  while (!fields.done()) {
    TRY_ASSIGN(const DerItem field, fields.next());
    if (field.tag != der::context(3)) {
      append(content, field.whole);
      continue;
    }
    TRY_ASSIGN(const DerItem list, parse_der(field.content, der::k_sequence));
    DerReader items(list.content);
    Bytes kept;
    while (!items.done()) {
      TRY_ASSIGN(const DerItem item, items.expect(der::k_sequence));
      DerReader inside(item.content);
      TRY_ASSIGN(const DerItem id, inside.expect(der::k_oid));
      TRY_ASSIGN(const std::string name, parse_oid(id.content));
      if (name == oid) {
        found = true;
      } else {
        append(kept, item.whole);
      }
    }
    if (!kept.empty()) append(content, write_der(der::context(3), write_der(der::k_sequence, kept)));
  }
  if (!found) return fail(ErrorCode::malformed, "the certificate has no extension " + std::string(oid));
  return write_der(der::k_sequence, content);
}

}  // namespace davit::oci
