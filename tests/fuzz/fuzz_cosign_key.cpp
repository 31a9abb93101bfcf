// Key files from outside: parsed, never opened by chance. Files with a well-formed document are not tried with a
// password, because deriving the key is slow by design; all that is read before it is covered.
#include "oci/trust/cosign_key.hpp"
#include "oci/trust/pem.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const SecretBytes too_long(std::string(k_max_password_bytes + 1, 'x'));
  CHECK(!open_private_key(text, too_long).has_value());
  // The document itself, so that the fuzzer need not find base64.
  CHECK(!open_private_key(write_pem("ENCRYPTED SIGSTORE PRIVATE KEY", as_bytes(text)), too_long).has_value());
  if (const auto key = PublicKey::parse(text)) CHECK(PublicKey::parse(key->pem()).has_value());
  if (const auto block = parse_pem(text)) CHECK(parse_pem(write_pem(block->label, block->content))->content == block->content);
  return 0;
}
