// No input is ever accepted, by a key that signed nothing or by a trusted root that knows nobody, and none harms.
#include "oci/trust/bundle.hpp"

#include "oci/trust/judge.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

namespace {

// A root without any log or authority, so that judging goes as far as it can without one.
davit::oci::SigstoreTrust keyless() {
  using namespace davit::oci;
  auto root = TrustedRoot::parse(R"({"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"})");
  CHECK(root.has_value());
  SigstoreTrust trust{.min_logs_with_certificate = 0, .min_certificate_transparency = 0, .now = 1795000000};
  trust.root = std::make_shared<const TrustedRoot>(*std::move(root));
  trust.identities.push_back({.name = *TextRule::pattern(".*"), .issuer = *TextRule::pattern(".*")});
  return trust;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  static const PrivateKey key = *PrivateKey::generate();
  static const SigstoreTrust by_key{.keys = {key.public_key()}}, by_identity = keyless();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Digest digest = davit::digest_of("artifact");
  for (const SigstoreTrust* trust : {&by_key, &by_identity}) {
    CHECK(!judge_bundle(text, signature_question(digest, false), *trust).verified);
    CHECK(!judge_bundle(text, signature_question(digest, true), *trust).verified);
    const ClassicEntry entry{
        .payload = as_bytes(text), .signature = std::string(text.substr(0, size / 2)), .certificate = std::string(text)};
    CHECK(!judge_classic(entry, signature_question(digest, false), *trust).verified);
  }
  const auto bundle = parse_bundle(text);
  if (bundle && (bundle->material == KeyMaterial::public_key || bundle->version() < 3 || bundle->certificates.size() == 1))
    CHECK(parse_bundle(write_bundle(*bundle)).has_value());
  return 0;
}
