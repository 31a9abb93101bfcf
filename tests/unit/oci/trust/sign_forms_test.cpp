#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "oci/trust/sign_bundle.hpp"
#include "oci/trust/sign_classic.hpp"
#include "oci/trust/signer.hpp"
#include "oci/trust/wasm_judge.hpp"
#include "unit/oci/wrapped_repository.hpp"

namespace davit::oci {
namespace {

class SignForms : public testing::Test {
 protected:
  SignForms() : key_(*PrivateKey::generate()), subject_(repository_.put_text(R"({"schemaVersion":2})", "v1")) {}

  [[nodiscard]] std::string tag(std::string_view suffix) const { return "sha256-" + subject_.digest.hex() + "." + std::string(suffix); }
  Result<std::vector<SignatureEntry>> sign(SignatureFormat format, const Annotations& annotations = {}) {
    return sign_manifest(
        repository_, subject_, key_,
        {.identity = "registry.example/app", .created = "1970-01-01T00:00:00Z", .annotations = annotations, .formats = {format}});
  }
  Result<std::vector<SignatureEntry>> attest(SignatureFormat format, const Json& predicate = JsonObject{{"a", 1}}) {
    return attest_manifest(repository_, subject_, make_statement(subject_.digest, "app", "https://example.com/t", predicate),
                           KeySigner(key_), {.created = "1970-01-01T00:00:00Z", .formats = {format}});
  }
  std::size_t layers_at(const std::string& name) {
    const Json json = *parse_json(as_text(repository_.fetch_manifest(name)->bytes), JsonLimits{});
    return json.object()->find("layers")->array()->size();
  }
  // A manifest at a tag that claims whatever an attacker likes.
  void put_layers(const std::string& name, const JsonArray& layers) {
    repository_.put_text(write_json(JsonObject{{"schemaVersion", 2},
                                               {"mediaType", media_type::k_oci_manifest},
                                               {"config", to_json(repository_.put_content("{}", media_type::k_oci_config))},
                                               {"layers", layers}}),
                         name);
  }

  PrivateKey key_;
  WrappedRepository repository_;
  Descriptor subject_;
};

TEST(simple_signing, has_the_size_of_the_worked_example) {
  const std::string payload = make_simple_signing_payload(digest_of("{}"), "registry.example/app", {});

  EXPECT_EQ(payload.size(), 236U);
  EXPECT_TRUE(digest_of(payload).hex().starts_with("abc95943"));
}

TEST(simple_signing, sorts_annotations_and_escapes_them_as_readers_expect) {
  const std::string payload = make_simple_signing_payload(digest_of("{}"), "r", {{"b", "<&>"}, {"a", "\"1\""}});

  EXPECT_NE(payload.find(R"("optional":{"a":"\"1\"","b":"\u003c\u0026\u003e"}})"), std::string::npos) << payload;
}

TEST_F(SignForms, CVE_2024_29903_a_tag_with_endless_layers_is_not_appended_to) {
  const Json layer = to_json(repository_.put_content("x", "application/vnd.dev.cosign.simplesigning.v1+json"));
  put_layers(tag("sig"), JsonArray(k_max_classic_layers, layer));

  const auto done = sign(SignatureFormat::classic);

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::limit);
  EXPECT_EQ(layers_at(tag("sig")), k_max_classic_layers);
}

TEST_F(SignForms, CVE_2024_29902_a_layer_that_claims_to_be_huge_is_not_fetched) {
  Descriptor huge = repository_.put_content("x", "application/vnd.dsse.envelope.v1+json");
  huge.size = std::uint64_t{1} << 40;
  huge.annotations = {{"dev.cosignproject.cosign/signature", ""}, {"predicateType", "https://example.com/t"}};
  put_layers(tag("att"), {to_json(huge)});
  repository_.bend_blob = [](const Descriptor& blob) -> Result<std::unique_ptr<Source>> {
    ADD_FAILURE() << "fetched " << blob.size;
    return fail(ErrorCode::io, "not here");
  };

  EXPECT_TRUE(attest(SignatureFormat::classic));

  EXPECT_EQ(layers_at(tag("att")), 2U);
}

TEST_F(SignForms, a_statement_is_attested_to_once_and_another_one_besides) {
  for (const SignatureFormat format : {SignatureFormat::bundle, SignatureFormat::classic}) {
    EXPECT_TRUE(attest(format)->front().added);
    EXPECT_FALSE(attest(format)->front().added);
    EXPECT_TRUE(attest(format, JsonObject{{"a", 2}})->front().added);
  }
  EXPECT_EQ(layers_at(tag("att")), 2U);
}

TEST_F(SignForms, a_signature_with_other_annotations_is_another_one) {
  for (const SignatureFormat format : {SignatureFormat::bundle, SignatureFormat::classic}) {
    EXPECT_TRUE(sign(format)->front().added);
    EXPECT_TRUE(sign(format, {{"build", "42"}})->front().added);
    EXPECT_FALSE(sign(format, {{"build", "42"}})->front().added);
    EXPECT_FALSE(sign(format)->front().added);
  }
  EXPECT_EQ(layers_at(tag("sig")), 2U);
}

TEST_F(SignForms, a_copied_entry_of_another_key_does_not_pass_for_ones_own) {
  ASSERT_TRUE(sign(SignatureFormat::classic));
  const PrivateKey other = *PrivateKey::generate();

  const auto done =
      sign_manifest(repository_, subject_, other, {.identity = "registry.example/app", .formats = {SignatureFormat::classic}});

  EXPECT_TRUE(done->front().added);
  EXPECT_EQ(layers_at(tag("sig")), 2U);
}

TEST_F(SignForms, a_tag_that_keeps_changing_is_a_conflict_and_not_a_loss) {
  ASSERT_TRUE(sign(SignatureFormat::classic));
  const RawManifest before = *repository_.fetch_manifest(tag("sig"));
  repository_.bend_manifest = [&](const std::string&, Result<RawManifest> found) -> Result<RawManifest> {
    return found && found->descriptor.digest != subject_.digest ? Result<RawManifest>(before) : std::move(found);
  };

  const auto done = sign(SignatureFormat::classic, {{"build", "42"}});

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::conflict);
}

TEST_F(SignForms, an_index_is_walked_once_even_if_it_holds_itself_or_endlessly_many) {
  const auto index_of = [&](const JsonArray& manifests) {
    const std::string text = write_json(JsonObject{{"schemaVersion", 2}, {"mediaType", media_type::k_oci_index}, {"manifests", manifests}});
    return repository_.put_text(text, "index");
  };
  put_layers("leaf", {});
  const Descriptor leaf = *repository_.resolve("leaf");
  Descriptor inner = index_of({to_json(leaf), to_json(leaf)});
  inner.media_type = media_type::k_oci_index;
  const Descriptor outer = index_of({to_json(inner), to_json(leaf)});

  const auto all = with_all_manifests(repository_, outer);

  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->size(), 3U);
  JsonArray many;
  for (std::size_t i = 0; i <= k_max_signed_manifests; ++i)
    many.push_back(to_json(describe(as_bytes(std::to_string(i)), media_type::k_oci_manifest)));
  EXPECT_EQ(with_all_manifests(repository_, index_of(many)).error().code, ErrorCode::limit);
}

TEST(wasm_judge, accepts_only_a_whole_signature_of_a_given_key) {
  const PrivateKey key = *PrivateKey::generate(KeyKind::ed25519);
  const std::vector<PublicKey> keys{PrivateKey::generate()->public_key(), key.public_key()};
  const Bytes message = to_bytes(std::string_view("wasmsig"));
  WasmSignature good{.signature = *key.sign(SignatureScheme::ed25519, message_of(message)), .message = message};

  EXPECT_TRUE(judge_wasm_signature(good, keys).verified);
  EXPECT_EQ(judge_wasm_signature(good, keys).signer, key.public_key().name());
  EXPECT_EQ(judge_wasm_signature(good, {}).refusal, Refusal::wrong_key);
  WasmSignature bad = good;
  bad.coverage_defect = "the file is cut";
  EXPECT_EQ(judge_wasm_signature(bad, keys).refusal, Refusal::wrong_subject);
  bad.record_defect = "broken";
  EXPECT_EQ(judge_wasm_signature(bad, keys).refusal, Refusal::malformed);
  good.message.push_back(std::byte{0});
  EXPECT_FALSE(judge_wasm_signature(good, keys).verified);
}

}  // namespace
}  // namespace davit::oci
