// No input is ever accepted by a key that signed nothing, and none harms.
#include "oci/trust/bundle.hpp"
#include "oci/trust/judge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  static const PrivateKey key = *PrivateKey::generate();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Digest digest = davit::digest_of("artifact");
  static const SigstoreTrust trust{.keys = {key.public_key()}};
  CHECK(!judge_bundle(text, signature_question(digest, false), trust).verified);
  CHECK(!judge_bundle(text, signature_question(digest, true), trust).verified);
  const ClassicEntry entry{.payload = as_bytes(text), .signature = std::string(text.substr(0, size / 2))};
  CHECK(!judge_classic(entry, signature_question(digest, false), trust).verified);
  const auto bundle = parse_bundle(text);
  if (bundle && bundle->material == KeyMaterial::public_key && bundle->entries.empty())
    CHECK(parse_bundle(write_bundle(*bundle)).has_value());
  return 0;
}
