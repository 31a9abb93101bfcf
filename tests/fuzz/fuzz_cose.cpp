// CBOR has one encoding for each value; no envelope that nobody signed is ever accepted.
#include <algorithm>

#include "oci/trust/notation/cbor.hpp"
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/judge.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto value = parse_cbor(bytes)) CHECK(std::ranges::equal(write_cbor(*value), bytes));
  const auto content = parse_cose(bytes);
  if (content) {
    const auto again = parse_cose(finish_cose(draft_cose(*content), *content));
    CHECK(again && again->payload == content->payload && again->expiry == content->expiry);
  }
  const ArtifactView artifact{
      .digest = davit::digest_of("artifact"), .size = 8, .media_type = "m", .message = message_of(davit::as_bytes("artifact"))};
  CHECK(!judge_notation(bytes, k_cose_media_type, artifact, trust_in_chain({}, {}), 1'800'000'000).verified);
  return 0;
}
