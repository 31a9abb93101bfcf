#include "oci/trust/notation/envelope.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "manifests/encoding.hpp"
#include "oci/trust/notation/cbor.hpp"
#include "oci/trust/notation/payload.hpp"

namespace davit::oci {
namespace {

NotationContent sample() {
  return {.algorithm = NotationAlgorithm::es256,
          .content_type = std::string(k_notation_payload_type),
          .scheme = SigningScheme::x509,
          .signing_time = 1'700'000'000,
          .expiry = 1'800'000'000,
          .certificates = {to_bytes("leaf"), to_bytes("root")},
          .timestamp_token = to_bytes("token"),
          .signing_agent = "agent/1",
          .payload = to_bytes(write_notation_payload({.media_type = "m", .digest = "sha256:00", .size = 7, .annotations = {{"a", "b"}}})),
          .signature = to_bytes("signature")};
}

Bytes write_jws(const NotationContent& content) { return finish_jws(draft_jws(content), content); }
Bytes write_cose(const NotationContent& content) { return finish_cose(draft_cose(content), content); }

void expect_same(const NotationContent& a, const NotationContent& b) {
  EXPECT_EQ(a.algorithm, b.algorithm);
  EXPECT_EQ(a.content_type, b.content_type);
  EXPECT_EQ(a.scheme, b.scheme);
  EXPECT_EQ(a.signing_time, b.signing_time);
  EXPECT_EQ(a.expiry, b.expiry);
  EXPECT_EQ(a.certificates, b.certificates);
  EXPECT_EQ(a.timestamp_token, b.timestamp_token);
  EXPECT_EQ(a.signing_agent, b.signing_agent);
  EXPECT_EQ(a.payload, b.payload);
  EXPECT_EQ(a.signature, b.signature);
}

TEST(notation_envelope, reads_what_it_writes_in_both_forms_and_schemes) {
  for (const SigningScheme scheme : {SigningScheme::x509, SigningScheme::signing_authority}) {
    NotationContent content = sample();
    content.scheme = scheme;

    const auto jws = parse_notation_envelope(write_jws(content), k_jws_media_type);
    const auto cose = parse_notation_envelope(write_cose(content), k_cose_media_type);

    ASSERT_TRUE(jws) << jws.error().message;
    ASSERT_TRUE(cose) << cose.error().message;
    expect_same(*jws, content);
    expect_same(*cose, content);
    EXPECT_EQ(jws->signed_bytes, draft_jws(content).signed_bytes);
    EXPECT_EQ(cose->signed_bytes, draft_cose(content).signed_bytes);
  }
}

TEST(notation_envelope, refuses_every_prefix) {
  const Bytes jws = write_jws(sample());
  const Bytes cose = write_cose(sample());
  for (std::size_t length = 0; length < jws.size(); ++length) EXPECT_FALSE(parse_jws(davit::as_text(jws).substr(0, length))) << length;
  for (std::size_t length = 0; length < cose.size(); ++length) EXPECT_FALSE(parse_cose(ByteView(cose).first(length))) << length;
}

TEST(notation_envelope, refuses_other_media_types) {
  EXPECT_EQ(parse_notation_envelope(write_jws(sample()), "application/json").error().code, ErrorCode::unsupported);
  EXPECT_FALSE(parse_notation_envelope(write_jws(sample()), k_cose_media_type));
  EXPECT_FALSE(parse_notation_envelope(write_cose(sample()), k_jws_media_type));
}

std::string jws_with(const std::string& protected_header, const std::string& header = R"({"x5c":["bGVhZg=="]})") {
  return R"({"payload":"e30","protected":")" + encode_base64url(as_bytes(protected_header)) + R"(","header":)" + header +
         R"(,"signature":"c2ln"})";
}

constexpr const char* k_good =
    R"({"alg":"PS256","cty":"t","crit":["io.cncf.notary.signingScheme"],"io.cncf.notary.signingScheme":"notary.x509","io.cncf.notary.signingTime":"2023-06-27T13:20:21+08:00"})";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(notation_jws, reads_times_with_offsets) {
  const auto envelope = parse_jws(jws_with(k_good));
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->signing_time, 1687843221);
  EXPECT_FALSE(envelope->expiry);
}

struct Change {
  const char* what;
  const char* by;
  ErrorCode code;
};

TEST(notation_jws, refuses_protected_headers_that_break_a_rule) {
  for (const Change& change : std::initializer_list<Change>{
           {R"("PS256")", R"("RS256")", ErrorCode::unsupported},
           {R"("PS256")", R"("none")", ErrorCode::unsupported},
           {R"("PS256")", R"("HS256")", ErrorCode::unsupported},
           {R"("PS256")", R"("ps256")", ErrorCode::unsupported},
           {R"("PS256")", "null", ErrorCode::malformed},
           {R"("cty":"t",)", "", ErrorCode::malformed},
           {R"(["io.cncf.notary.signingScheme"])", "[]", ErrorCode::malformed},
           {R"("crit":["io.cncf.notary.signingScheme"],)", "", ErrorCode::malformed},
           {R"(["io.cncf.notary.signingScheme"])", R"(["io.cncf.notary.signingScheme","io.cncf.notary.signingScheme"])",
            ErrorCode::malformed},
           {R"(["io.cncf.notary.signingScheme"])", R"(["io.cncf.notary.signingScheme","io.cncf.notary.expiry"])", ErrorCode::malformed},
           {R"(["io.cncf.notary.signingScheme"])", R"(["io.cncf.notary.signingScheme","mine"])", ErrorCode::unsupported},
           {R"("cty")", R"("io.cncf.notary.verificationPlugin":"p","cty")", ErrorCode::unsupported},
           {R"("cty")", R"("b64":false,"cty")", ErrorCode::unsupported},
           {R"("cty")", R"("io.cncf.notary.expiry":"2033-01-01T00:00:00Z","cty")", ErrorCode::malformed},
           {R"("notary.x509")", R"("notary.x509.other")", ErrorCode::unsupported},
           {R"("notary.x509")", R"("notary.x509.signingAuthority")", ErrorCode::malformed},
           {R"("cty")", R"("io.cncf.notary.authenticSigningTime":"2023-06-27T05:20:21Z","cty")", ErrorCode::malformed},
           {R"("2023-06-27T13:20:21+08:00")", "1687843221", ErrorCode::malformed},
           {R"("2023-06-27T13:20:21+08:00")", R"("yesterday")", ErrorCode::malformed},
           {R"({"alg")", R"({"alg":"ES256","alg")", ErrorCode::malformed}}) {
    const auto envelope = parse_jws(jws_with(replaced(k_good, change.what, change.by)));
    ASSERT_FALSE(envelope) << change.by;
    EXPECT_EQ(envelope.error().code, change.code) << change.by << ": " << envelope.error().message;
  }
}

TEST(notation_jws, refuses_an_expiry_that_is_not_after_the_signing) {
  const std::string text = replaced(replaced(k_good, R"("cty")", R"("io.cncf.notary.expiry":"2023-06-27T05:20:21Z","cty")"),
                                    R"(["io.cncf.notary.signingScheme"])", R"(["io.cncf.notary.signingScheme","io.cncf.notary.expiry"])");
  EXPECT_FALSE(parse_jws(jws_with(text)));
  EXPECT_TRUE(parse_jws(jws_with(replaced(text, "2023-06-27T05:20:21Z", "2023-06-27T05:20:22Z"))));
}

TEST(notation_jws, refuses_other_shapes_and_unsigned_headers_that_must_be_signed) {
  const std::string good = jws_with(k_good);
  ASSERT_TRUE(parse_jws(good));
  for (const std::string& text :
       {jws_with(k_good, "{}"), jws_with(k_good, R"({"x5c":[]})"), jws_with(k_good, R"({"x5c":"bGVhZg=="})"),
        jws_with(k_good, R"({"x5c":["bGVhZg"]})"), jws_with(k_good, R"({"x5c":["bGVhZg=="],"alg":"PS256"})"),
        jws_with(k_good, R"({"x5c":["bGVhZg=="],"crit":[]})"), replaced(good, R"("payload":"e30")", R"("payload":"")"),
        replaced(good, R"("payload":"e30")", R"("payload":"e30=")"), replaced(good, R"("signature":"c2ln")", R"("signature":"")"),
        replaced(good, R"("payload")", R"("signatures":[],"payload")"), replaced(good, R"("payload":"e30",)", ""), good + "x",
        std::string("a.b.c"), std::string("[]")}) {
    EXPECT_FALSE(parse_jws(text)) << text;
  }
}

TEST(notation_jws, bounds_the_chain) {
  std::string chain = R"({"x5c":["bGVhZg==")";
  for (int i = 0; i < 10; ++i) chain += R"(,"bGVhZg==")";
  EXPECT_EQ(parse_jws(jws_with(k_good, chain + "]}")).error().code, ErrorCode::limit);
}

// The parts of a good COSE message, to be changed one at a time.
struct CoseParts {
  CborMap header{{Cbor::integer(1), Cbor::integer(-7)},
                 {Cbor::integer(2), Cbor::array({Cbor::text("io.cncf.notary.signingScheme")})},
                 {Cbor::integer(3), Cbor::text("t")},
                 {Cbor::text("io.cncf.notary.signingScheme"), Cbor::text("notary.x509")},
                 {Cbor::text("io.cncf.notary.signingTime"), Cbor::tag(1, Cbor::integer(1687843221))}};
  CborMap unsigned_header{{Cbor::integer(33), Cbor::array({Cbor::bytes(as_bytes("leaf"))})}};
  std::uint64_t tag = 18;
  Cbor payload = Cbor::bytes(as_bytes("{}"));
  [[nodiscard]] Bytes write() const {
    return write_cbor(Cbor::tag(
        tag, Cbor::array({Cbor::bytes(write_cbor(Cbor::map(header))), Cbor::map(unsigned_header), payload, Cbor::bytes(as_bytes("sig"))})));
  }
};

TEST(notation_cose, reads_one_certificate_without_a_list) {
  CoseParts parts;
  ASSERT_TRUE(parse_cose(parts.write()));
  parts.unsigned_header = {{Cbor::integer(33), Cbor::bytes(as_bytes("leaf"))}};
  const auto envelope = parse_cose(parts.write());
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->certificates.size(), 1U);
  EXPECT_EQ(envelope->signing_time, 1687843221);
}

TEST(notation_cose, refuses_headers_that_break_a_rule) {
  const std::vector<std::pair<std::string, std::function<void(CoseParts&)>>> changes{
      {"algorithm RS256", [](CoseParts& p) { p.header[0].second = Cbor::integer(-257); }},
      {"algorithm as text", [](CoseParts& p) { p.header[0].second = Cbor::text("ES256"); }},
      {"no algorithm", [](CoseParts& p) { p.header.erase(p.header.begin()); }},
      {"no crit", [](CoseParts& p) { p.header.erase(p.header.begin() + 1); }},
      {"empty crit", [](CoseParts& p) { p.header[1].second = Cbor::array({}); }},
      {"unknown crit",
       [](CoseParts& p) {
         p.header[1].second = Cbor::array({Cbor::text("io.cncf.notary.signingScheme"), Cbor::text("x")});
       }},
      {"unknown number in crit",
       [](CoseParts& p) {
         p.header[1].second = Cbor::array({Cbor::text("io.cncf.notary.signingScheme"), Cbor::integer(4)});
       }},
      {"content type as number", [](CoseParts& p) { p.header[2].second = Cbor::integer(50); }},
      {"scheme", [](CoseParts& p) { p.header[3].second = Cbor::text("other"); }},
      {"time without tag", [](CoseParts& p) { p.header[4].second = Cbor::integer(1687843221); }},
      {"time with another tag", [](CoseParts& p) { p.header[4].second = Cbor::tag(0, Cbor::integer(1)); }},
      {"time before 1970", [](CoseParts& p) { p.header[4].second = Cbor::tag(1, Cbor::integer(-1)); }},
      {"time beyond calendars", [](CoseParts& p) { p.header[4].second = Cbor::tag(1, Cbor::integer(INT64_MAX)); }},
      {"no time", [](CoseParts& p) { p.header.pop_back(); }},
      {"plugin", [](CoseParts& p) { p.header.emplace_back(Cbor::text("io.cncf.notary.verificationPlugin"), Cbor::text("p")); }},
      {"no chain", [](CoseParts& p) { p.unsigned_header.clear(); }},
      {"empty chain", [](CoseParts& p) { p.unsigned_header[0].second = Cbor::array({}); }},
      {"chain of texts", [](CoseParts& p) { p.unsigned_header[0].second = Cbor::array({Cbor::text("leaf")}); }},
      {"unsigned algorithm", [](CoseParts& p) { p.unsigned_header.emplace_back(Cbor::integer(1), Cbor::integer(-7)); }},
      {"header in both parts", [](CoseParts& p) { p.unsigned_header.push_back(p.header[4]); }},
      {"other tag", [](CoseParts& p) { p.tag = 98; }},
      {"detached payload", [](CoseParts& p) { p.payload = Cbor(Cbor::Value(CborNull{})); }},
      {"empty payload", [](CoseParts& p) { p.payload = Cbor::bytes({}); }}};
  for (const auto& [name, change] : changes) {
    CoseParts parts;
    change(parts);
    EXPECT_FALSE(parse_cose(parts.write())) << name;
  }
}

TEST(notation_payload, reads_what_it_writes_and_refuses_the_rest) {
  const std::string text = write_notation_payload({.media_type = "m", .digest = "sha256:00", .size = 7});
  EXPECT_EQ(text, R"({"targetArtifact":{"mediaType":"m","digest":"sha256:00","size":7}})");
  EXPECT_EQ(parse_notation_payload(text)->size, 7U);
  for (const char* bad :
       {"", "{}", "[]", R"({"targetArtifact":{}})", R"({"targetArtifact":{"mediaType":"m","digest":"d","size":-1}})",
        R"({"targetArtifact":{"mediaType":"m","digest":"d"}})", R"({"targetArtifact":{"mediaType":"m","size":1}})",
        R"({"targetArtifact":{"digest":"d","size":1}})", R"({"targetArtifact":{"mediaType":"m","digest":"d","size":1},"x":1})",
        R"({"targetArtifact":{"mediaType":"m","digest":"d","size":1,"annotations":{"a":1}}})"}) {
    EXPECT_FALSE(parse_notation_payload(bad)) << bad;
  }
}

}  // namespace
}  // namespace davit::oci
