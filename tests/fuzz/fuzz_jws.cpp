// No envelope that nobody signed is ever accepted, and what is read can be written and read again.
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/judge.hpp"
#include "oci/trust/notation/payload.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto content = parse_jws(text);
  if (content) {
    const auto again = parse_jws(davit::as_text(finish_jws(draft_jws(*content), *content)));
    CHECK(again && again->payload == content->payload && again->signing_time == content->signing_time);
    static_cast<void>(parse_notation_payload(davit::as_text(content->payload)));
  }
  const ArtifactView artifact{
      .digest = davit::digest_of("artifact"), .size = 8, .media_type = "m", .message = message_of(davit::as_bytes("artifact"))};
  CHECK(!judge_notation(davit::as_bytes(text), k_jws_media_type, artifact, trust_in_chain({}, {}), 1'800'000'000).verified);
  return 0;
}
