// RFC 3161 responses and tokens: what is read covers nothing that it does not name, and no stranger signed it.
#include "oci/trust/crypto/timestamp.hpp"
#include "oci/trust/sigstore/timestamp_judge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  (void)Timestamp::parse_token(bytes);
  const auto timestamp = Timestamp::parse_response(bytes);
  if (!timestamp) return 0;
  CHECK(!timestamp->covers(as_bytes("bytes that nobody stamped")));
  for (const Certificate& one : timestamp->certificates()) (void)timestamp->check_signer(one);
  return 0;
}
