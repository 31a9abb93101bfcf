#include "oci/trust/crypto/sealed_pkcs8.hpp"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "oci/trust/crypto/c_handle.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {
namespace {

using Sealed = CHandle<X509_SIG, X509_SIG_free>;
using Scheme = CHandle<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2 = CHandle<PBKDF2PARAM, PBKDF2PARAM_free>;
using Scrypt = CHandle<SCRYPT_PARAMS, SCRYPT_PARAMS_free>;
using Pkcs8 = CHandle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

constexpr int k_written_iterations = 600'000;  // OWASP's figure for PBKDF2-HMAC-SHA-256
constexpr int k_salt_bytes = 16;

const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Sealed parse_sealed(ByteView der) {
  if (der.size() > k_max_key_bytes) return nullptr;
  const unsigned char* at = raw(der);
  Sealed sealed(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  return sealed && at == raw(der) + der.size() ? std::move(sealed) : nullptr;
}

// The parameters of an algorithm, parsed as what they should be.
template <typename Handle>
Handle parameters_of(const X509_ALGOR* algorithm, const ASN1_ITEM* item) {
  return Handle(static_cast<typename Handle::element_type*>(ASN1_TYPE_unpack_sequence(item, algorithm->parameter)));
}

int algorithm_of(const X509_ALGOR* algorithm) { return algorithm == nullptr ? NID_undef : OBJ_obj2nid(algorithm->algorithm); }

std::string name_of(int nid) {
  const char* name = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
  return name == nullptr ? "unknown" : name;
}

Error not_sealed() { return fail(ErrorCode::malformed, "this is not a valid encrypted private key"); }

Error unsupported(std::string_view what, int nid, std::string_view expected) {
  return fail(ErrorCode::unsupported,
              "the key file is sealed with the " + std::string(what) + " " + name_of(nid) + ", expected " + std::string(expected))
      .hinting("\"openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE\" seals it anew");
}

std::optional<std::uint64_t> number(const ASN1_INTEGER* integer) {
  std::uint64_t value = 0;
  if (integer == nullptr || ASN1_INTEGER_get_uint64(&value, integer) != 1) return std::nullopt;
  return value;
}

Result<void> describe_pbkdf2(const X509_ALGOR* function, SealingFacts& facts) {
  const auto parameters = parameters_of<Pbkdf2>(function, ASN1_ITEM_rptr(PBKDF2PARAM));
  const auto iterations = parameters ? number(parameters->iter) : std::nullopt;
  if (!iterations) return not_sealed();
  const int prf = parameters->prf == nullptr ? NID_hmacWithSHA1 : algorithm_of(parameters->prf);
  constexpr std::array<std::pair<int, std::string_view>, 4> k_known{
      {{NID_hmacWithSHA1, "sha1"}, {NID_hmacWithSHA256, "sha256"}, {NID_hmacWithSHA384, "sha384"}, {NID_hmacWithSHA512, "sha512"}}};
  const auto* const known = std::ranges::find(k_known, prf, [](const auto& entry) { return entry.first; });
  if (known == k_known.end()) return unsupported("derivation", prf, "PBKDF2 with HMAC over SHA-1 or SHA-2");
  if (*iterations == 0 || *iterations > k_max_pbkdf2_iterations) {
    return fail(ErrorCode::limit, "PBKDF2 with " + std::to_string(*iterations) + " iterations is refused; expected 1 to " +
                                      std::to_string(k_max_pbkdf2_iterations));
  }
  facts.derivation = "pbkdf2-hmac-" + std::string(known->second);
  facts.iterations = *iterations;
  return {};
}

Result<void> describe_scrypt(const X509_ALGOR* function, SealingFacts& facts) {
  const auto parameters = parameters_of<Scrypt>(function, ASN1_ITEM_rptr(SCRYPT_PARAMS));
  if (!parameters) return not_sealed();
  const auto n = number(parameters->costParameter);
  const auto r = number(parameters->blockSize);
  const auto p = number(parameters->parallelizationParameter);
  if (!n || !r || !p) return not_sealed();
  const std::uint64_t limit = k_max_pkcs8_scrypt_bytes / 128;
  const bool fits = *n >= 2 && (*n & (*n - 1)) == 0 && *r >= 1 && *n <= limit && *r <= limit / *n && *p >= 1 && *p <= k_max_pkcs8_scrypt_p;
  if (!fits) {
    return fail(ErrorCode::limit, "scrypt with N=" + std::to_string(*n) + " r=" + std::to_string(*r) + " p=" + std::to_string(*p) +
                                      " is refused; expected N a power of two, at most 32 MiB in all, and p up to 16");
  }
  facts.derivation = "scrypt";
  facts.scrypt_n = *n;
  facts.scrypt_r = *r;
  facts.scrypt_p = *p;
  return {};
}

Result<void> describe_cipher(const X509_ALGOR* encryption, SealingFacts& facts) {
  const int cipher = algorithm_of(encryption);
  switch (cipher) {
    case NID_aes_128_cbc: facts.cipher = "aes-128-cbc"; return {};
    case NID_aes_192_cbc: facts.cipher = "aes-192-cbc"; return {};
    case NID_aes_256_cbc: facts.cipher = "aes-256-cbc"; return {};
    default: return unsupported("cipher", cipher, "AES in CBC mode");
  }
}

Result<SealingFacts> describe(const X509_SIG* sealed) {
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OCTET_STRING* content = nullptr;
  X509_SIG_get0(sealed, &algorithm, &content);
  if (algorithm_of(algorithm) != NID_pbes2) return unsupported("scheme", algorithm_of(algorithm), "PBES2");
  const auto scheme = parameters_of<Scheme>(algorithm, ASN1_ITEM_rptr(PBE2PARAM));
  if (!scheme) return not_sealed();
  SealingFacts facts;
  TRY(describe_cipher(scheme->encryption, facts));
  const int function = algorithm_of(scheme->keyfunc);
  if (function == NID_id_pbkdf2) {
    TRY(describe_pbkdf2(scheme->keyfunc, facts));
  } else if (function == NID_id_scrypt) {
    TRY(describe_scrypt(scheme->keyfunc, facts));
  } else {
    return unsupported("derivation", function, "PBKDF2 or scrypt");
  }
  return facts;
}

Result<void> require_short(const SecretBytes& password) {
  if (password.view().size() <= k_max_password_bytes) return {};
  return fail(ErrorCode::limit, "the password is longer than " + std::to_string(k_max_password_bytes) + " bytes");
}

// Never null: OpenSSL reads a null pointer as "ask at the terminal".
const char* text_of(const SecretBytes& password) { return password.empty() ? "" : as_text(password.view()).data(); }

}  // namespace

Result<SealingFacts> describe_sealed_pkcs8(ByteView der) {
  const Sealed sealed = parse_sealed(der);
  if (!sealed) return not_sealed();
  return describe(sealed.get());
}

Result<SecretBytes> open_sealed_pkcs8(ByteView der, const SecretBytes& password) {
  TRY(require_short(password));
  const Sealed sealed = parse_sealed(der);
  if (!sealed) return not_sealed();
  TRY(describe(sealed.get()));
  const Pkcs8 info(PKCS8_decrypt(sealed.get(), text_of(password), static_cast<int>(password.view().size())));
  ERR_clear_error();
  if (!info) return fail(ErrorCode::denied, "the password does not open this key file");
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  CHECK(length > 0);
  Bytes plain(static_cast<std::size_t>(length));
  auto* at = reinterpret_cast<unsigned char*>(plain.data());
  CHECK(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) == length);
  return SecretBytes(std::move(plain));
}

Result<Bytes> seal_pkcs8(const SecretBytes& pkcs8, const SecretBytes& password) {
  TRY(require_short(password));
  const unsigned char* from = raw(pkcs8.view());
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &from, static_cast<long>(pkcs8.view().size())));
  CHECK(info != nullptr);
  const Sealed sealed(PKCS8_encrypt(-1, EVP_aes_256_cbc(), text_of(password), static_cast<int>(password.view().size()), nullptr,
                                    k_salt_bytes, k_written_iterations, info.get()));
  if (!sealed) return fail(ErrorCode::internal, "the key could not be sealed");
  const int length = i2d_X509_SIG(sealed.get(), nullptr);
  CHECK(length > 0);
  Bytes out(static_cast<std::size_t>(length));
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  CHECK(i2d_X509_SIG(sealed.get(), &at) == length);
  return out;
}

}  // namespace davit::oci
