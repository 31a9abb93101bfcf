// Trusted roots and signing configurations: every log and authority that is read has what judging needs of it.
#include "oci/trust/sigstore/signing_config.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto config = SigningConfig::parse(text)) {
    const auto chosen = choose_services(config->logs, {1, 2}, 1795000000);
    CHECK(!chosen || chosen->size() <= config->logs.services.size());
  }
  const auto root = TrustedRoot::parse(text);
  if (!root) return 0;
  for (const auto* logs : {&root->logs(), &root->certificate_logs()})
    for (const TrustedLog& log : *logs) CHECK(log.id.size() == 32);
  for (const auto* list : {&root->certificate_authorities(), &root->timestamp_authorities()})
    for (const TrustedAuthority& authority : *list)
      if (const auto& chain = authority.chain.read()) CHECK(!chain->empty());
  CHECK(!root->summary(0).empty());
  return 0;
}
