// A note either cannot be read, or says what is signed exactly; no log's key is satisfied by what it did not sign.
#include "oci/trust/sigstore/checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  static const PrivateKey key = *PrivateKey::generate();
  static const TrustedLog log{.base_url = "https://log.example",
                              .host = "log.example",
                              .id = davit::digest_of(key.public_key().der()).raw(),
                              .key = key.public_key()};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto checkpoint = parse_checkpoint(text);
  if (!checkpoint) return 0;
  CHECK(text.starts_with(checkpoint->signed_text) && checkpoint->root.size() == 32 && !checkpoint->signatures.empty());
  CHECK(!check_checkpoint(*checkpoint, log));
  return 0;
}
