#include "oci/trust/keys.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/c_handle.hpp"
#include "oci/trust/crypto/ed25519ph.hpp"
#include "oci/trust/crypto/plain_key.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = CHandle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = CHandle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Pkcs8 = CHandle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using Number = CHandle<BIGNUM, BN_free>;

constexpr std::string_view k_public_label = "PUBLIC KEY";
constexpr int k_max_rsa_exponent_bits = 64;  // what OpenSSL verifies with; larger ones only cost time

struct Curve {
  std::string_view name;  // OpenSSL's
  KeyKind kind;
  unsigned bits;
};
constexpr std::array<Curve, 3> k_curves{
    {{"prime256v1", KeyKind::ecdsa_p256, 256}, {"secp384r1", KeyKind::ecdsa_p384, 384}, {"secp521r1", KeyKind::ecdsa_p521, 521}}};

const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

Error not_a_key(std::string_view which) { return fail(ErrorCode::malformed, "this is not a valid " + std::string(which) + " key"); }

// Null when the bytes are no point of the curve.
Key load_plain(const PlainKey& plain) {
  if (plain.kind == KeyKind::ed25519) {
    return Key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw(plain.content), plain.content.size()));
  }
  const auto curve = std::ranges::find(k_curves, plain.kind, &Curve::kind);
  std::string name(curve->name);
  Bytes point = to_bytes(plain.content);
  std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), 0),
                        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()), OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.data()) != 1) return nullptr;
  return Key(key);
}

// What is generated has one parameter at most. Null when the generator fails.
Key generate_key(const char* algorithm, const OSSL_PARAM& parameter) {
  const std::array parameters{parameter, OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_CTX_set_params(context.get(), parameters.data()) != 1) return nullptr;
  EVP_PKEY* key = nullptr;
  return EVP_PKEY_generate(context.get(), &key) == 1 ? Key(key) : nullptr;
}

Key generate_ec(std::string curve) {
  return generate_key("EC", OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), 0));
}

Key generate_rsa(std::size_t bits) { return generate_key("RSA", OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &bits)); }

Key load_public(ByteView der) {
  if (der.size() > k_max_key_bytes) return nullptr;
  if (const auto plain = find_plain_key(der)) return load_plain(*plain);
  const unsigned char* at = raw(der);
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  return key && at == raw(der) + der.size() ? std::move(key) : nullptr;
}

Key load_private(ByteView der) {
  if (der.size() > k_max_key_bytes) return nullptr;
  const unsigned char* at = raw(der);
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (!info || at != raw(der) + der.size()) return nullptr;
  return Key(EVP_PKCS82PKEY(info.get()));
}

std::string text_parameter(EVP_PKEY* key, const char* name) {
  std::array<char, 64> text{};
  std::size_t length = 0;
  if (EVP_PKEY_get_utf8_string_param(key, name, text.data(), text.size(), &length) != 1) return {};
  return {text.data(), length};
}

// Calls an i2d function twice: for the length and for the bytes.
template <typename T>
Bytes encode_der(T* object, int (*encode)(const T*, unsigned char**)) {
  const int length = encode(object, nullptr);
  CHECK(length > 0);
  Bytes out(static_cast<std::size_t>(length));
  unsigned char* at = raw(out);
  CHECK(encode(object, &at) == length);
  return out;
}

struct KeyFacts {
  KeyKind kind;
  unsigned bits;
};

Result<KeyFacts> examine_curve(EVP_PKEY* key) {
  const std::string name = text_parameter(key, OSSL_PKEY_PARAM_GROUP_NAME);
  int is_explicit = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
  if (is_explicit != 0) return fail(ErrorCode::unsupported, "the key spells out its curve; expected P-256, P-384 or P-521 by name");
  for (const Curve& curve : k_curves) {
    if (curve.name == name) return KeyFacts{curve.kind, curve.bits};
  }
  return fail(ErrorCode::unsupported, "a key on the curve " + printable(name) + " is not supported; expected P-256, P-384 or P-521");
}

Result<KeyFacts> examine_rsa(EVP_PKEY* key) {
  const auto bits = static_cast<unsigned>(EVP_PKEY_get_bits(key));
  if (bits < k_min_rsa_bits || bits > k_max_rsa_bits) {
    return fail(ErrorCode::unsupported, "an RSA key of " + std::to_string(bits) + " bits is refused; expected " +
                                            std::to_string(k_min_rsa_bits) + " to " + std::to_string(k_max_rsa_bits));
  }
  BIGNUM* found = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &found) != 1) return not_a_key("RSA");
  const Number exponent(found);
  if (BN_num_bits(exponent.get()) > k_max_rsa_exponent_bits) {
    return fail(ErrorCode::unsupported, "an RSA key with a public exponent of " + std::to_string(BN_num_bits(exponent.get())) +
                                            " bits is refused; expected at most " + std::to_string(k_max_rsa_exponent_bits));
  }
  return KeyFacts{KeyKind::rsa, bits};
}

Bytes raw_public(EVP_PKEY* key) {
  Bytes out(k_ed25519_key_bytes);
  std::size_t length = out.size();
  if (EVP_PKEY_get_raw_public_key(key, raw(out), &length) != 1 || length != out.size()) return {};
  return out;
}

// Kind and size first: the checks after it cost time that grows with the size.
Result<KeyFacts> examine(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "EC") == 1) return examine_curve(key);
  if (EVP_PKEY_is_a(key, "RSA") == 1) return examine_rsa(key);
  if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    if (!is_sound_ed25519_key(raw_public(key))) return not_a_key("Ed25519");
    return KeyFacts{KeyKind::ed25519, 256};
  }
  const char* kind = EVP_PKEY_get0_type_name(key);
  return fail(ErrorCode::unsupported,
              "a key of type " + std::string(kind == nullptr ? "unknown" : kind) + " is not supported; expected ECDSA, Ed25519 or RSA");
}

bool passes(EVP_PKEY* key, int (*check)(EVP_PKEY_CTX*)) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  return context && check(context.get()) == 1;
}

// --- signing and verifying ---

const EVP_MD* hash_of(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::ecdsa_sha256:
    case SignatureScheme::rsa_pkcs1_sha256:
    case SignatureScheme::rsa_pss_sha256: return EVP_sha256();
    case SignatureScheme::ecdsa_sha384:
    case SignatureScheme::rsa_pkcs1_sha384:
    case SignatureScheme::rsa_pss_sha384: return EVP_sha384();
    case SignatureScheme::ecdsa_sha512:
    case SignatureScheme::rsa_pkcs1_sha512:
    case SignatureScheme::rsa_pss_sha512: return EVP_sha512();
    case SignatureScheme::ed25519:
    case SignatureScheme::ed25519ph: return nullptr;
  }
  return nullptr;
}

// Empty when the message has no such digest.
Bytes digest_for(const EVP_MD* hash, const SignedMessageView& message) {
  switch (EVP_MD_get_size(hash)) {
    case 32: return message.sha256.algorithm() == DigestAlgorithm::sha256 ? message.sha256.raw() : Bytes{};
    case std::tuple_size_v<Sha384>: {
      const auto sha384 = sha384_of(message);
      return sha384 ? to_bytes(*sha384) : Bytes{};
    }
    case std::tuple_size_v<Sha512>: {
      const auto sha512 = sha512_of(message);
      return sha512 ? to_bytes(*sha512) : Bytes{};
    }
    default: return {};
  }
}

bool is_pss(SignatureScheme scheme) {
  return scheme == SignatureScheme::rsa_pss_sha256 || scheme == SignatureScheme::rsa_pss_sha384 ||
         scheme == SignatureScheme::rsa_pss_sha512;
}

bool set_scheme(EVP_PKEY_CTX* context, SignatureScheme scheme, KeyKind kind) {
  const EVP_MD* hash = hash_of(scheme);
  if (kind != KeyKind::rsa) return EVP_PKEY_CTX_set_signature_md(context, hash) == 1;
  if (EVP_PKEY_CTX_set_rsa_padding(context, is_pss(scheme) ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1) return false;
  if (EVP_PKEY_CTX_set_signature_md(context, hash) != 1) return false;
  if (!is_pss(scheme)) return true;
  return EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool verify_pure(EVP_PKEY* key, ByteView message, ByteView signature) {
  const DigestContext context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) != 1) return false;
  return EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
}

Error no_signature() { return fail(ErrorCode::internal, "the key did not yield a signature"); }

Result<Bytes> sign_pure(EVP_PKEY* key, ByteView message) {
  const DigestContext context(EVP_MD_CTX_new());
  Bytes signature(k_ed25519_signature_bytes);
  std::size_t length = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1) return no_signature();
  if (EVP_DigestSign(context.get(), raw(signature), &length, raw(message), message.size()) != 1) return no_signature();
  return signature;
}

Result<Bytes> sign_prehashed(EVP_PKEY* key, const Sha512& prehash) {
  Bytes seed(k_ed25519_key_bytes);
  std::size_t length = seed.size();
  const bool read = EVP_PKEY_get_raw_private_key(key, raw(seed), &length) == 1;
  const SecretBytes secret(std::move(seed));
  if (!read || length != k_ed25519_key_bytes) return no_signature();
  return sign_ed25519ph(secret, prehash);
}

Result<Bytes> sign_digest(EVP_PKEY* key, SignatureScheme scheme, KeyKind kind, ByteView hash) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  CHECK(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 && set_scheme(context.get(), scheme, kind));
  std::size_t length = 0;
  CHECK(EVP_PKEY_sign(context.get(), nullptr, &length, raw(hash), hash.size()) == 1);
  Bytes signature(length);
  if (EVP_PKEY_sign(context.get(), raw(signature), &length, raw(hash), hash.size()) != 1) return no_signature();
  signature.resize(length);
  return signature;
}

Error lacks(std::string_view shape) {
  return fail(ErrorCode::usage, "the message is known without its " + std::string(shape) + ", which this key signs");
}

Result<SecretBytes> encode_pkcs8(EVP_PKEY* key) {
  const Pkcs8 info(EVP_PKEY2PKCS8(key));
  if (!info) return not_a_key("private");
  return SecretBytes(encode_der<PKCS8_PRIV_KEY_INFO>(info.get(), i2d_PKCS8_PRIV_KEY_INFO));
}

}  // namespace

Result<PublicKey> PublicKey::parse(std::string_view pem) {
  TRY_ASSIGN(PemBlock block, parse_pem(pem));
  if (block.label == k_public_label) return from_der(block.content);
  Error error = fail(ErrorCode::malformed, "this PEM file holds \"" + printable(block.label) + "\", expected \"PUBLIC KEY\"");
  if (block.label.ends_with("PRIVATE KEY"))
    return std::move(error).hinting("give the public half; \"davit key public --key FILE\" prints it");
  return error;
}

Result<PublicKey> PublicKey::from_der(ByteView spki) {
  Key key = load_public(spki);
  if (!key) return not_a_key("public");
  if (const auto plain = find_plain_key(spki)) {
    // Canonical by its form. The curves have a prime number of points: each but the one at infinity, which this form
    // cannot write, is of full order, so that the quick check leaves nothing out.
    const bool sound =
        plain->kind == KeyKind::ed25519 ? is_sound_ed25519_key(plain->content) : passes(key.get(), EVP_PKEY_public_check_quick);
    if (!sound) return not_a_key(plain->kind == KeyKind::ed25519 ? "Ed25519" : "public");
    return PublicKey(plain->kind, plain->bits, to_bytes(spki), std::move(key));
  }
  TRY_ASSIGN(const KeyFacts facts, examine(key.get()));
  if (!passes(key.get(), EVP_PKEY_public_check)) return not_a_key("public");
  const std::string point_form = text_parameter(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT);
  if (facts.kind != KeyKind::rsa && facts.kind != KeyKind::ed25519 && point_form != OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) {
    return fail(ErrorCode::unsupported, "the point of the key is written in " + printable(point_form) + " form; expected uncompressed")
        .hinting("\"openssl pkey -pubin -in FILE -ec_conv_form uncompressed\" rewrites it");
  }
  if (encode_der<EVP_PKEY>(key.get(), i2d_PUBKEY) != to_bytes(spki)) return not_a_key("public");
  return PublicKey(facts.kind, facts.bits, to_bytes(spki), std::move(key));
}

std::string PublicKey::pem() const { return write_pem(k_public_label, der_); }
std::string PublicKey::hint() const { return encode_base64(davit::digest_of(der_).raw()); }
std::string PublicKey::name() const { return davit::digest_of(der_).text(); }

bool PublicKey::verifies(SignatureScheme scheme, const SignedMessageView& message, ByteView signature) const {
  if (!fits(scheme, kind_) || signature.empty()) return false;
  if (scheme == SignatureScheme::ed25519) return message.bytes && verify_pure(key_.get(), *message.bytes, signature);
  if (scheme == SignatureScheme::ed25519ph) {
    const auto sha512 = sha512_of(message);
    return sha512 && verify_ed25519ph(raw_public(key_.get()), *sha512, signature);
  }
  const Bytes hash = digest_for(hash_of(scheme), message);
  const KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  if (hash.empty() || !context || EVP_PKEY_verify_init(context.get()) != 1) return false;
  if (!set_scheme(context.get(), scheme, kind_)) return false;
  return EVP_PKEY_verify(context.get(), raw(signature), signature.size(), raw(hash), hash.size()) == 1;
}

Result<PrivateKey> PrivateKey::generate(KeyKind kind, unsigned rsa_bits) {
  if (kind == KeyKind::rsa && rsa_bits != 2048 && rsa_bits != 3072 && rsa_bits != 4096) {
    return fail(ErrorCode::usage, "an RSA key of " + std::to_string(rsa_bits) + " bits is not made; expected 2048, 3072 or 4096");
  }
  Key key;
  switch (kind) {
    case KeyKind::ecdsa_p256: key = generate_ec("P-256"); break;
    case KeyKind::ecdsa_p384: key = generate_ec("P-384"); break;
    case KeyKind::ecdsa_p521: key = generate_ec("P-521"); break;
    case KeyKind::ed25519: key = generate_key("ED25519", OSSL_PARAM_construct_end()); break;
    case KeyKind::rsa: key = generate_rsa(rsa_bits); break;
  }
  if (!key) return fail(ErrorCode::internal, "the random generator did not yield a key");
  TRY_ASSIGN(SecretBytes pkcs8, encode_pkcs8(key.get()));
  return parse(std::move(pkcs8));
}

Result<PrivateKey> PrivateKey::parse(SecretBytes pkcs8) {
  const Key key = load_private(pkcs8.view());
  if (!key) return not_a_key("private");
  TRY_ASSIGN(PublicKey public_key, PublicKey::from_der(encode_der<EVP_PKEY>(key.get(), i2d_PUBKEY)));
  // The public half of an Ed25519 key is computed from the private one; there is nothing to compare.
  if (public_key.kind() != KeyKind::ed25519 && !passes(key.get(), EVP_PKEY_pairwise_check)) return not_a_key("private");
  return PrivateKey(std::move(pkcs8), std::move(public_key));
}

Result<PrivateKey> PrivateKey::parse_traditional(KeyKind family, SecretBytes der) {
  const ByteView view = der.view();
  // OpenSSL would also take PKCS#8 here, and then the label of the file would lie.
  if (view.size() > k_max_key_bytes || load_private(view)) return not_a_key("private");
  const unsigned char* at = raw(view);
  const Key key(d2i_PrivateKey(family == KeyKind::rsa ? EVP_PKEY_RSA : EVP_PKEY_EC, nullptr, &at, static_cast<long>(view.size())));
  if (!key || at != raw(view) + view.size()) return not_a_key("private");
  TRY_ASSIGN(SecretBytes pkcs8, encode_pkcs8(key.get()));
  return parse(std::move(pkcs8));
}

Result<Bytes> PrivateKey::sign(SignatureScheme scheme, const SignedMessageView& message) const {
  const KeyKind kind = public_key_.kind();
  if (!fits(scheme, kind)) {
    return fail(ErrorCode::unsupported, "a key of type " + std::string(to_text(kind)) + " cannot sign in the way that is asked for");
  }
  const Key key = load_private(pkcs8_.view());
  CHECK(key != nullptr);
  if (scheme == SignatureScheme::ed25519) {
    if (!message.bytes) return lacks("bytes");
    return sign_pure(key.get(), *message.bytes);
  }
  if (scheme == SignatureScheme::ed25519ph) {
    const auto sha512 = sha512_of(message);
    if (!sha512) return lacks("sha512 digest");
    return sign_prehashed(key.get(), *sha512);
  }
  const Bytes hash = digest_for(hash_of(scheme), message);
  if (hash.empty()) return lacks("digest");
  return sign_digest(key.get(), scheme, kind, hash);
}

}  // namespace davit::oci
