#include "manifests/envelope.hpp"

#include <gtest/gtest.h>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

Result<Envelope> parse(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{}));
  return parse_envelope(JsonView(json));
}

TEST(envelope, encodes_what_is_signed_as_the_protocol_page_shows) {
  const Bytes encoded = pre_authentication_encoding("http://example.com/HelloWorld", as_bytes("hello world"));

  EXPECT_EQ(as_text(encoded), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(envelope, encodes_an_empty_body_and_type_with_zero_lengths) {
  EXPECT_EQ(as_text(pre_authentication_encoding("", {})), "DSSEv1 0  0 ");
}

TEST(envelope, reads_what_it_writes) {
  const Envelope envelope{.payload_type = "text/plain", .payload = to_bytes("hi?>"), .signatures = {{"key one", to_bytes("sig")}}};

  const auto again = parse(write_json(to_json(envelope)));

  ASSERT_TRUE(again);
  EXPECT_EQ(again->payload_type, "text/plain");
  EXPECT_EQ(as_text(again->payload), "hi?>");
  ASSERT_EQ(again->signatures.size(), 1U);
  EXPECT_EQ(again->signatures[0].key_id, "key one");
  EXPECT_EQ(as_text(again->signatures[0].signature), "sig");
}

TEST(envelope, takes_both_alphabets_of_base64_with_and_without_padding) {
  for (const std::string text : {"aGk/Pg==", "aGk_Pg==", "aGk_Pg"}) {
    const auto envelope = parse(R"({"payload":")" + text + R"(","payloadType":"t","signatures":[{"sig":"c2ln"}]})");
    ASSERT_TRUE(envelope) << text;
    EXPECT_EQ(as_text(envelope->payload), "hi?>") << text;
  }
}

TEST(envelope, refuses_the_shelf_of_malformations) {
  const std::string_view shelf[] = {
      R"({})",
      R"([])",
      R"({"payloadType":"t","signatures":[{"sig":"c2ln"}]})",
      R"({"payload":"aGk=","signatures":[{"sig":"c2ln"}]})",
      R"({"payload":"aGk=","payloadType":"t"})",
      R"({"payload":"aGk=","payloadType":"t","signatures":[]})",
      R"({"payload":"aGk=","payloadType":"t","signatures":{}})",
      R"({"payload":"aGk=","payloadType":"t","signatures":[{}]})",
      R"({"payload":"aGk=","payloadType":"t","signatures":[{"sig":""}]})",
      R"({"payload":"aGk=","payloadType":"t","signatures":[{"sig":"c2 ln"}]})",
      R"({"payload":"aGk=","payloadType":"t","signatures":[{"sig":7}]})",
      R"({"payload":"a\nGk=","payloadType":"t","signatures":[{"sig":"c2ln"}]})",
      R"({"payload":"aGk=","payload":"aGk=","payloadType":"t","signatures":[{"sig":"c2ln"}]})",
  };
  for (const std::string_view text : shelf) {
    const auto envelope = parse(text);
    ASSERT_FALSE(envelope) << text;
    EXPECT_EQ(envelope.error().code, ErrorCode::malformed) << text;
  }
}

TEST(envelope, no_prefix_of_an_envelope_is_one) {
  const std::string whole = R"({"payload":"aGk=","payloadType":"t","signatures":[{"keyid":"k","sig":"c2ln"}]})";
  ASSERT_TRUE(parse(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto json = parse_json(whole.substr(0, length), JsonLimits{});
    EXPECT_FALSE(json && parse_envelope(JsonView(*json))) << length;
  }
}

TEST(envelope, refuses_more_signatures_than_the_limit) {
  std::string text = R"({"payload":"aGk=","payloadType":"t","signatures":[{"sig":"c2ln"})";
  for (std::size_t i = 0; i < k_max_envelope_signatures; ++i) text += R"(,{"sig":"c2ln"})";

  const auto envelope = parse(text + "]}");

  ASSERT_FALSE(envelope);
  EXPECT_EQ(envelope.error().code, ErrorCode::limit);
}

}  // namespace
}  // namespace davit
