// Key files from outside, in every form: parsed, never opened by chance. Sealed files are not tried with a password,
// because deriving the key is slow by design; all that is read before it is covered.
#include "oci/trust/cosign_key.hpp"
#include "oci/trust/crypto/sealed_pkcs8.hpp"
#include "oci/trust/key_forms.hpp"
#include "oci/trust/pem.hpp"
#include "oci/trust/pkcs11_uri.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto nobody = []() -> Result<SecretBytes> { return fail(ErrorCode::usage, "not asked"); };
  const auto facts = describe_key_file(text);
  const auto key = open_key_file(text, nobody);
  CHECK(!(key && facts && facts->sealing));
  if (key) CHECK(PublicKey::parse(key->public_key().pem()).has_value());
  // The documents inside, so that the fuzzer need not find base64.
  static const SecretBytes too_long(std::string(k_max_password_bytes + 1, 'x'));
  CHECK(!open_private_key(write_pem("ENCRYPTED SIGSTORE PRIVATE KEY", as_bytes(text)), too_long).has_value());
  static_cast<void>(describe_sealed_pkcs8(as_bytes(text)));
  static_cast<void>(PrivateKey::parse(SecretBytes(text)));
  static_cast<void>(PrivateKey::parse_traditional(KeyKind::ecdsa_p256, SecretBytes(text)));
  static_cast<void>(PrivateKey::parse_traditional(KeyKind::rsa, SecretBytes(text)));
  if (const auto spki = PublicKey::from_der(as_bytes(text))) CHECK(spki->der() == to_bytes(text));
  if (const auto public_key = PublicKey::parse(text)) CHECK(PublicKey::parse(public_key->pem()).has_value());
  if (const auto block = parse_pem(text)) CHECK(parse_pem(write_pem(block->label, block->content))->content == block->content);
  static_cast<void>(parse_pkcs11_uri(text));
  return 0;
}
