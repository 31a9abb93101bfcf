// OCSP answers and revocation lists about one certificate: no input harms, and only its own authority is ever believed.
// The seeds are what that authority says; its key is gone.
#include "oci/trust/crypto/revocation_documents.hpp"

namespace {

constexpr const char* k_root = R"(-----BEGIN CERTIFICATE-----
MIIBUDCB96ADAgECAgEBMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwIBcN
MjYxMTIxMTQ1NTU4WhgPMjEyNjEwMjgxNDU1NThaMA8xDTALBgNVBAMMBHJvb3Qw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARaEwqwcEHmBiOTA498HP8wyLQH/GRk
SlNmjBuut0WQz9LrzSQyL60PturuG/6Hwz5X+DAQkjuY/sBqhemBGZvMo0IwQDAP
BgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUxzlurFYA
Tc28c+nxO5jT20YU8S8wCgYIKoZIzj0EAwIDSAAwRQIhANoldT4e8ZUm52dGDeDp
xsccdPU+BSa2HRojZbp9GyxhAiAqH5nuQ07crXFuGrzrRDEqqnOPH3QwBWIPWqcc
64uPVA==
-----END CERTIFICATE-----
)";
constexpr const char* k_leaf = R"(-----BEGIN CERTIFICATE-----
MIIBzjCCAXOgAwIBAgIBBzAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARyb290MCAX
DTI2MTEyMTE0NTU1OFoYDzIxMjYxMDI4MTQ1NTU4WjAPMQ0wCwYDVQQDDARsZWFm
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPWp5oXBGf2HGrOtVvJsxOcWj7FS/
n89tdp304G/EU3sve8loHFnVN5hO171Y+D3N5dfitDW+yBTDP+PtJjMB8qOBvTCB
ujAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDAwBggrBgEFBQcBAQQkMCIw
IAYIKwYBBQUHMAGGFGh0dHA6Ly9vY3NwLmV4YW1wbGUvMCgGA1UdHwQhMB8wHaAb
oBmGF2h0dHA6Ly9jcmwuZXhhbXBsZS9saXN0MB0GA1UdDgQWBBTEW8iy4fjTDu8T
PKWTCdJPNeuErTAfBgNVHSMEGDAWgBTHOW6sVgBNzbxz6fE7mNPbRhTxLzAKBggq
hkjOPQQDAgNJADBGAiEA4hkReXT7XLz/3Xxllvmlwi9pMJHC8nvpVDP381MEkToC
IQDg+OAOBNE+UyIj9OmJ+rWZdQTTf1ogquy+b2gd/xlkFA==
-----END CERTIFICATE-----
)";
constexpr std::int64_t k_now = 1'800'000'000;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  static const Certificate root = Certificate::parse_pem_chain(k_root)->front();
  static const Certificate leaf = Certificate::parse_pem_chain(k_leaf)->front();
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  const RevocationStatement list = read_revocation_list(bytes, leaf, root, k_now);
  const RevocationStatement answer = read_ocsp_answer(bytes, leaf, root, k_now);
  CHECK(list.word == RevocationWord::nothing || answer.word == RevocationWord::nothing);
  for (const RevocationStatement& one : {list, answer}) CHECK((one.word == RevocationWord::nothing) == !one.reason.empty());
  for (const std::int64_t other_time : {std::int64_t{0}, k_now * 100}) {
    CHECK(read_revocation_list(bytes, leaf, root, other_time).word == RevocationWord::nothing);
  }
  CHECK(read_revocation_list(bytes, root, leaf, k_now).word == RevocationWord::nothing);
  CHECK(read_ocsp_answer(bytes, root, leaf, k_now).word == RevocationWord::nothing);
  return 0;
}
