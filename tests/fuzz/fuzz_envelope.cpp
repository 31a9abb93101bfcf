// An envelope that parses is written and parsed again to the same parts, and its statement never harms.
#include "manifests/envelope.hpp"
#include "manifests/statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = parse_json(text, JsonLimits{});
  if (!json) return 0;
  const auto envelope = parse_envelope(JsonView(*json));
  if (!envelope) return 0;
  const Json written = to_json(*envelope);
  const auto again = parse_envelope(JsonView(written));
  CHECK(again.has_value() && again->payload == envelope->payload && again->payload_type == envelope->payload_type);
  CHECK(pre_authentication_encoding(again->payload_type, again->payload) ==
        pre_authentication_encoding(envelope->payload_type, envelope->payload));
  if (const auto statement = parse_statement(as_text(envelope->payload))) CHECK(parse_statement(write_statement(*statement)).has_value());
  return 0;
}
