#include "oci/trust/keys.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "manifests/encoding.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Deleter<PKCS8_PRIV_KEY_INFO_free>>;

constexpr std::string_view k_curve = "prime256v1";
constexpr std::string_view k_public_label = "PUBLIC KEY";
constexpr std::size_t k_max_key_bytes = 16 * 1024;

const unsigned char* start_of(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Result<void> require_p256(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "EC") != 1) {
    const char* kind = EVP_PKEY_get0_type_name(key);
    return fail(ErrorCode::unsupported,
                "a key of type " + std::string(kind == nullptr ? "unknown" : kind) + " is not supported; expected ECDSA P-256");
  }
  std::array<char, 64> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1 || std::string_view(name.data(), length) != k_curve) {
    return fail(ErrorCode::unsupported, "a key on the curve " + printable({name.data(), length}) + " is not supported; expected P-256");
  }
  return {};
}

// Parsed anew for each use: microseconds, and the key stays a plain value.
Key load_public(ByteView der) {
  if (der.size() > k_max_key_bytes) return nullptr;
  const unsigned char* at = start_of(der);
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  return key && at == start_of(der) + der.size() ? std::move(key) : nullptr;
}

Key load_private(ByteView der) {
  if (der.size() > k_max_key_bytes) return nullptr;
  const unsigned char* at = start_of(der);
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (!info || at != start_of(der) + der.size()) return nullptr;
  return Key(EVP_PKCS82PKEY(info.get()));
}

bool is_on_curve(EVP_PKEY* key) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  return context && EVP_PKEY_public_check(context.get()) == 1;
}

bool halves_agree(EVP_PKEY* key) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  return context && EVP_PKEY_pairwise_check(context.get()) == 1;
}

// Calls an i2d function twice: for the length and for the bytes.
template <typename T>
Bytes encode_der(T* object, int (*encode)(const T*, unsigned char**)) {
  const int length = encode(object, nullptr);
  CHECK(length > 0);
  Bytes out(static_cast<std::size_t>(length));
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  CHECK(encode(object, &at) == length);
  return out;
}

Error not_a_key(std::string_view which) { return fail(ErrorCode::malformed, "this is not a valid " + std::string(which) + " key"); }

}  // namespace

Result<PublicKey> PublicKey::parse(std::string_view pem) {
  TRY_ASSIGN(PemBlock block, parse_pem(pem));
  if (block.label != k_public_label) {
    Error error = fail(ErrorCode::malformed, "this PEM file holds \"" + printable(block.label) + "\", expected \"PUBLIC KEY\"");
    if (block.label.ends_with("PRIVATE KEY"))
      return std::move(error).hinting("give the public half; \"davit key public --key FILE\" prints it");
    return error;
  }
  const Key key = load_public(block.content);
  if (!key) return not_a_key("public");
  TRY(require_p256(key.get()));
  if (!is_on_curve(key.get())) return not_a_key("public");
  return PublicKey(std::move(block.content));
}

std::string PublicKey::pem() const { return write_pem(k_public_label, der_); }
std::string PublicKey::hint() const { return encode_base64(davit::digest_of(der_).raw()); }
std::string PublicKey::name() const { return davit::digest_of(der_).text(); }

bool PublicKey::verifies(const Digest& message_digest, ByteView signature) const {
  if (message_digest.algorithm() != DigestAlgorithm::sha256 || signature.empty()) return false;
  const Key key = load_public(der_);
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return false;
  if (EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) return false;
  const Bytes hash = message_digest.raw();
  return EVP_PKEY_verify(context.get(), start_of(signature), signature.size(), start_of(hash), hash.size()) == 1;
}

Result<PrivateKey> PrivateKey::generate() {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return fail(ErrorCode::internal, "the random generator did not yield a key");
  const Pkcs8 info(EVP_PKEY2PKCS8(key.get()));
  CHECK(info != nullptr);
  return parse(SecretBytes(encode_der<PKCS8_PRIV_KEY_INFO>(info.get(), i2d_PKCS8_PRIV_KEY_INFO)));
}

Result<PrivateKey> PrivateKey::parse(SecretBytes pkcs8) {
  const Key key = load_private(pkcs8.view());
  if (!key) return not_a_key("private");
  TRY(require_p256(key.get()));
  if (!halves_agree(key.get())) return not_a_key("private");
  return PrivateKey(std::move(pkcs8), PublicKey(encode_der<EVP_PKEY>(key.get(), i2d_PUBKEY)));
}

Result<Bytes> PrivateKey::sign(const Digest& message_digest) const {
  CHECK(message_digest.algorithm() == DigestAlgorithm::sha256);
  const Key key = load_private(pkcs8_.view());
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  CHECK(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1);
  CHECK(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  const Bytes hash = message_digest.raw();
  std::size_t length = 0;
  CHECK(EVP_PKEY_sign(context.get(), nullptr, &length, start_of(hash), hash.size()) == 1);
  Bytes signature(length);
  if (EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, start_of(hash), hash.size()) != 1) {
    return fail(ErrorCode::internal, "the key did not yield a signature");
  }
  signature.resize(length);
  return signature;
}

}  // namespace davit::oci
