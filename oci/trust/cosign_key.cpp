#include "oci/trust/cosign_key.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/trust/pem.hpp"

namespace davit::oci {
namespace {

// On the wire: never change.
constexpr std::string_view k_label = "ENCRYPTED SIGSTORE PRIVATE KEY";
constexpr std::string_view k_older_label = "ENCRYPTED COSIGN PRIVATE KEY";
constexpr std::string_view k_kdf = "scrypt";
constexpr std::string_view k_cipher = "nacl/secretbox";
constexpr std::size_t k_salt_bytes = 32;
constexpr std::uint64_t k_scrypt_n = 65536;
constexpr std::array<std::uint64_t, 3> k_accepted_n{32768, 65536, 131072};
constexpr std::uint32_t k_scrypt_r = 8;
constexpr std::uint32_t k_scrypt_p = 1;

struct SealedKey {
  std::uint64_t n = 0;
  Bytes salt{};
  Bytes nonce{};
  Bytes ciphertext{};
};

unsigned char* raw(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Result<void> require_text(const JsonView& object, std::string_view name, std::string_view expected) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY_ASSIGN(const std::string text, field.as_string());
  if (text == expected) return {};
  return fail(ErrorCode::unsupported,
              "the key file is sealed with \"" + printable(text) + "\", expected \"" + std::string(expected) + "\"");
}

Result<Bytes> decode_field(const JsonView& object, std::string_view name, std::size_t expected_bytes) {
  TRY_ASSIGN(const JsonView field, object.field(name));
  TRY_ASSIGN(const std::string text, field.as_string());
  auto bytes = decode_base64(text);
  if (!bytes) return field.complaint("expected base64");
  if (expected_bytes != 0 && bytes->size() != expected_bytes) {
    return field.complaint("holds " + std::to_string(bytes->size()) + " bytes, expected " + std::to_string(expected_bytes));
  }
  return *std::move(bytes);
}

Result<std::uint64_t> parse_cost(const JsonView& kdf) {
  TRY_ASSIGN(const JsonView params, kdf.field("params"));
  std::array<std::uint64_t, 3> values{};
  constexpr std::array<std::string_view, 3> k_names{"N", "r", "p"};
  for (std::size_t i = 0; i < k_names.size(); ++i) {
    TRY_ASSIGN(const JsonView field, params.field(k_names.at(i)));
    TRY_ASSIGN(values.at(i), field.as_unsigned());
  }
  if (!std::ranges::count(k_accepted_n, values[0]) || values[1] != k_scrypt_r || values[2] != k_scrypt_p) {
    return fail(ErrorCode::limit, "scrypt with N=" + std::to_string(values[0]) + " r=" + std::to_string(values[1]) +
                                      " p=" + std::to_string(values[2]) + " is refused; expected N of 32768, 65536 or 131072, r=8, p=1");
  }
  return values[0];
}

Result<SealedKey> parse_sealed(std::string_view pem) {
  TRY_ASSIGN(const PemBlock block, parse_pem(pem));
  if (block.label != k_label && block.label != k_older_label) {
    return fail(ErrorCode::malformed, "this PEM file holds \"" + printable(block.label) + "\", expected \"" + std::string(k_label) + "\"");
  }
  TRY_ASSIGN(const Json json, parse_json(as_text(block.content), JsonLimits{.size_bytes = k_max_pem_bytes, .depth = 8}));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView kdf, view.field("kdf"));
  TRY_ASSIGN(const JsonView cipher, view.field("cipher"));
  TRY(require_text(kdf, "name", k_kdf));
  TRY(require_text(cipher, "name", k_cipher));
  SealedKey sealed;
  TRY_ASSIGN(sealed.n, parse_cost(kdf));
  TRY_ASSIGN(sealed.salt, decode_field(kdf, "salt", k_salt_bytes));
  TRY_ASSIGN(sealed.nonce, decode_field(cipher, "nonce", crypto_secretbox_NONCEBYTES));
  TRY_ASSIGN(sealed.ciphertext, decode_field(view, "ciphertext", 0));
  if (sealed.ciphertext.size() <= crypto_secretbox_MACBYTES) return fail(ErrorCode::malformed, "the key file holds no key");
  return sealed;
}

Result<SecretBytes> derive_key(const SecretBytes& password, const Bytes& salt, std::uint64_t n) {
  if (password.view().size() > k_max_password_bytes) {
    return fail(ErrorCode::limit, "the password is longer than " + std::to_string(k_max_password_bytes) + " bytes");
  }
  if (sodium_init() < 0) return fail(ErrorCode::internal, "libsodium did not start");
  Bytes key(crypto_secretbox_KEYBYTES);
  // An empty password is allowed (cosign's habit); libsodium must not see a null pointer for it.
  const unsigned char empty = 0;
  const unsigned char* text = password.empty() ? &empty : raw(password.view());
  const int status = crypto_pwhash_scryptsalsa208sha256_ll(text, password.view().size(), raw(salt), salt.size(), n, k_scrypt_r, k_scrypt_p,
                                                           raw(key), key.size());
  if (status != 0) return fail(ErrorCode::limit, "not enough memory to derive the key from the password");
  return SecretBytes(std::move(key));
}

}  // namespace

Result<std::string> seal_private_key(const PrivateKey& key, const SecretBytes& password) {
  if (sodium_init() < 0) return fail(ErrorCode::internal, "libsodium did not start");
  Bytes salt(k_salt_bytes);
  Bytes nonce(crypto_secretbox_NONCEBYTES);
  randombytes_buf(salt.data(), salt.size());
  randombytes_buf(nonce.data(), nonce.size());
  TRY_ASSIGN(const SecretBytes derived, derive_key(password, salt, k_scrypt_n));
  const ByteView plain = key.pkcs8().view();
  Bytes ciphertext(plain.size() + crypto_secretbox_MACBYTES);
  CHECK(crypto_secretbox_easy(raw(ciphertext), raw(plain), plain.size(), raw(nonce), raw(derived.view())) == 0);
  const JsonObject document{
      {"kdf", JsonObject{{"name", k_kdf},
                         {"params", JsonObject{{"N", k_scrypt_n}, {"r", std::uint64_t{k_scrypt_r}}, {"p", std::uint64_t{k_scrypt_p}}}},
                         {"salt", encode_base64(salt)}}},
      {"cipher", JsonObject{{"name", k_cipher}, {"nonce", encode_base64(nonce)}}},
      {"ciphertext", encode_base64(ciphertext)}};
  return write_pem(k_label, as_bytes(write_json(document)));
}

Result<SealingFacts> describe_sealed_key(std::string_view pem) {
  TRY_ASSIGN(const SealedKey sealed, parse_sealed(pem));
  return SealingFacts{.derivation = std::string(k_kdf),
                      .cipher = std::string(k_cipher),
                      .scrypt_n = sealed.n,
                      .scrypt_r = k_scrypt_r,
                      .scrypt_p = k_scrypt_p};
}

Result<PrivateKey> open_private_key(std::string_view pem, const SecretBytes& password) {
  TRY_ASSIGN(const SealedKey sealed, parse_sealed(pem));
  TRY_ASSIGN(const SecretBytes derived, derive_key(password, sealed.salt, sealed.n));
  Bytes plain(sealed.ciphertext.size() - crypto_secretbox_MACBYTES);
  const int status = crypto_secretbox_open_easy(raw(plain), raw(ByteView(sealed.ciphertext)), sealed.ciphertext.size(),
                                                raw(ByteView(sealed.nonce)), raw(derived.view()));
  if (status != 0) return fail(ErrorCode::denied, "the password does not open this key file");
  return PrivateKey::parse(SecretBytes(std::move(plain)));
}

}  // namespace davit::oci
