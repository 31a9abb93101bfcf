// Certificates, their extensions, and the list of log timestamps inside them.
#include "oci/trust/crypto/chain.hpp"
#include "oci/trust/sigstore/certificate_log.hpp"
#include "oci/trust/sigstore/signer_identity.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)parse_certificate_timestamps(bytes);
  (void)Certificate::parse_pem_chain(as_text(bytes));
  const auto certificate = Certificate::parse(bytes);
  if (!certificate) return 0;
  CHECK(certificate->der() == to_bytes(bytes));
  (void)read_identity(*certificate);
  (void)certificate->public_key();
  (void)certificate->tbs_without(k_oid_certificate_timestamps);
  if (const auto list = certificate->extension(k_oid_certificate_timestamps)) (void)parse_certificate_timestamps(*list);
  const auto logs = find_certificate_logs(*certificate, *certificate, {});
  CHECK(!logs || logs->empty());
  CHECK(!find_chain(*certificate, std::span(&*certificate, 1), {}, certificate->not_before()));
  return 0;
}
