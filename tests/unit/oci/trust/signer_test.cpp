#include "oci/trust/signer.hpp"

#include <gtest/gtest.h>

#include "manifests/encoding.hpp"

#include "oci/trust/judge.hpp"
#include "oci/trust/verifier.hpp"
#include "unit/oci/wrapped_repository.hpp"

namespace davit::oci {
namespace {

class SignerTest : public testing::Test {
 protected:
  SignerTest()
      : key_(*PrivateKey::generate()), other_(*PrivateKey::generate()), subject_(repository_.put_text(R"({"schemaVersion":2})", "v1")) {}

  Result<std::vector<SignatureEntry>> sign(const PrivateKey& key, SignatureFormat format) {
    return sign_manifest(repository_, subject_, key,
                         {.identity = "registry.example/app", .created = "1970-01-01T00:00:00Z", .formats = {format}});
  }
  Json manifest(const std::string& name) { return *parse_json(as_text((*repository_.fetch_manifest(name)).bytes), JsonLimits{}); }
  std::size_t classic_layers() { return manifest(classic_signature_tag(subject_.digest)).object()->find("layers")->array()->size(); }

  PrivateKey key_;
  PrivateKey other_;
  WrappedRepository repository_;
  Descriptor subject_;
};

TEST_F(SignerTest, writes_the_referrer_manifest_that_cosign_writes) {
  const auto entries = sign(key_, SignatureFormat::bundle);

  ASSERT_TRUE(entries && entries->size() == 1 && entries->front().added);
  const Json json = manifest(entries->front().manifest.text());
  const JsonView view(json);
  EXPECT_EQ(*view.field("artifactType")->as_string(), "application/vnd.dev.sigstore.bundle.v0.3+json");
  EXPECT_EQ(*view.field("config")->field("mediaType")->as_string(), "application/vnd.oci.empty.v1+json");
  EXPECT_EQ(*view.field("config")->field("digest")->as_string(), "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  EXPECT_EQ(parse_descriptor(*view.field("subject"))->digest, subject_.digest);
  const auto annotations = *parse_annotations(view.find("annotations"));
  EXPECT_EQ(annotations, (Annotations{{"dev.sigstore.bundle.content", "dsse-envelope"},
                                      {"dev.sigstore.bundle.predicateType", "https://sigstore.dev/cosign/sign/v1"},
                                      {"org.opencontainers.image.created", "1970-01-01T00:00:00Z"}}));
}

TEST_F(SignerTest, writes_classic_documents_byte_for_byte) {
  ASSERT_TRUE(sign(key_, SignatureFormat::classic));

  const Json json = manifest(classic_signature_tag(subject_.digest));
  const JsonView view(json);
  const Descriptor config = *parse_descriptor(*view.field("config"));
  const Descriptor layer = *parse_descriptor(view.field("layers")->as_items()->front());
  EXPECT_EQ(config.size, 233U);
  EXPECT_EQ(
      as_text(*read_all(**repository_.open_blob(config), 1000)),
      R"({"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],"os":"","rootfs":{"type":"layers","diff_ids":[")" +
          layer.digest.text() + R"("]},"config":{}})");
  EXPECT_EQ(as_text(*read_all(**repository_.open_blob(layer), 1000)),
            R"({"critical":{"identity":{"docker-reference":"registry.example/app"},"image":{"docker-manifest-digest":")" +
                subject_.digest.text() + R"("},"type":"cosign container image signature"},"optional":null})");
}

TEST_F(SignerTest, appends_to_the_classic_tag_without_losing_the_other_signer) {
  ASSERT_TRUE(sign(other_, SignatureFormat::classic));
  ASSERT_TRUE(sign(key_, SignatureFormat::classic));

  for (const PrivateKey* key : {&key_, &other_}) {
    EXPECT_TRUE((*(*Verifier::make({key->public_key()}, {})).verify(repository_, "v1")).proof);
  }
  EXPECT_EQ(classic_layers(), 2U);
}

TEST_F(SignerTest, does_not_sign_twice_with_the_same_key) {
  for (const SignatureFormat format : {SignatureFormat::bundle, SignatureFormat::classic}) {
    ASSERT_TRUE(sign(key_, format));

    const auto again = sign(key_, format);

    ASSERT_TRUE(again);
    EXPECT_FALSE(again->front().added);
  }
  EXPECT_EQ(classic_layers(), 1U);
}

TEST_F(SignerTest, puts_its_entry_back_when_another_writer_overwrote_the_tag) {
  ASSERT_TRUE(sign(other_, SignatureFormat::classic));
  const RawManifest before = *repository_.fetch_manifest(classic_signature_tag(subject_.digest));
  int reads = 0;
  repository_.bend_manifest = [&](const std::string& name, Result<RawManifest> found) -> Result<RawManifest> {
    // The read that checks the write sees the tag as the other writer left it, without our entry.
    if (name.ends_with(".sig") && ++reads == 3) {
      EXPECT_TRUE(repository_.put_manifest(before, name));
      return before;
    }
    return found;
  };

  ASSERT_TRUE(sign(key_, SignatureFormat::classic));

  repository_.bend_manifest = nullptr;
  EXPECT_EQ(classic_layers(), 2U);
}

TEST_F(SignerTest, signs_what_an_attacker_cannot_move_to_another_artifact) {
  ASSERT_TRUE(sign(key_, SignatureFormat::classic));
  const Descriptor evil = repository_.put_text(R"({"schemaVersion":2,"evil":true})", "evil");
  const RawManifest signature = *repository_.fetch_manifest(classic_signature_tag(subject_.digest));
  ASSERT_TRUE(repository_.put_manifest(signature, classic_signature_tag(evil.digest)));

  const auto verification = (*Verifier::make({key_.public_key()}, {})).verify(repository_, "evil");

  ASSERT_TRUE(verification);
  EXPECT_FALSE(verification->proof);
  EXPECT_EQ(refusal(*verification).code, ErrorCode::untrusted);
}

TEST(judge, refuses_classic_payloads_that_do_not_say_what_they_must) {
  const PrivateKey key = *PrivateKey::generate();
  const Digest digest = davit::digest_of("artifact");
  const auto judged = [&](const std::string& payload) {
    const Bytes signature = *key.sign(classic_scheme(key.public_key().kind()), message_of(as_bytes(payload)));
    return judge_classic({.payload = as_bytes(payload), .signature = encode_base64(signature)}, signature_question(digest, false),
                         {.keys = {key.public_key()}});
  };
  const std::string identity = R"("identity":{"docker-reference":"a"})";
  const std::string image = R"("image":{"docker-manifest-digest":")" + digest.text() + "\"}";
  const std::string type = R"("type":"cosign container image signature")";
  ASSERT_TRUE(judged("{\"critical\":{" + identity + "," + image + "," + type + "},\"optional\":{}}").verified);

  const std::string shelf[] = {
      "",
      "null",
      "{}",
      R"({"critical":null})",
      "{\"critical\":{" + image + "," + type + "}}",
      "{\"critical\":{" + identity + "," + type + "}}",
      "{\"critical\":{" + identity + "," + image + "}}",
      "{\"critical\":{" + identity + "," + image + ",\"type\":\"atomic container signature\"}}",
      "{\"critical\":{" + identity + ",\"image\":{\"docker-manifest-digest\":\"" + davit::digest_of("x").text() + "\"}," + type + "}}",
      "{\"critical\":{" + identity + ",\"image\":{\"Docker-manifest-digest\":\"" + digest.text() + "\"}," + type + "}}",
      "{\"critical\":{" + identity + "," + image + "," + image + "," + type + "}}"};
  for (const std::string& payload : shelf) EXPECT_FALSE(judged(payload).verified) << payload;
}

TEST(judge, refuses_classic_signatures_that_are_empty_or_no_base64) {
  const PrivateKey key = *PrivateKey::generate();
  for (const std::string_view signature : {"", "!!", "AA==", "AA"}) {
    EXPECT_FALSE(judge_classic({.payload = as_bytes("x"), .signature = std::string(signature)},
                               signature_question(davit::digest_of("x"), false), {.keys = {key.public_key()}})
                     .verified);
  }
}

}  // namespace
}  // namespace davit::oci
