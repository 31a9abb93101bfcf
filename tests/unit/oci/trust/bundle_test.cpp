#include "oci/trust/bundle.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "manifests/media_type.hpp"
#include "oci/trust/judge.hpp"

namespace davit::oci {
namespace {

const std::string k_type = R"("mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json")";
const std::string k_material = R"("verificationMaterial":{"publicKey":{"hint":"h"}})";
const std::string k_envelope = R"("dsseEnvelope":{"payload":"aGk=","payloadType":"t","signatures":[{"sig":"c2ln"}]})";
const std::string k_message = R"("messageSignature":{"signature":"c2ln"})";

std::string join(std::initializer_list<std::string> members) {
  std::string out = "{";
  for (const std::string& member : members) out += (out.size() > 1 ? "," : "") + member;
  return out + "}";
}

TEST(bundle, reads_what_it_writes) {
  const Bundle bundle{.media_type = std::string(media_type::k_sigstore_bundle),
                      .key_hint = "h",
                      .content = Envelope{.payload_type = "t", .payload = to_bytes("hi"), .signatures = {{"", to_bytes("sig")}}}};

  const std::string text = write_bundle(bundle);
  const auto again = parse_bundle(text);

  EXPECT_EQ(text, join({k_type, k_material, k_envelope}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key_hint, "h");
  EXPECT_EQ(as_text(std::get<Envelope>(again->content).payload), "hi");
}

TEST(bundle, reads_a_message_signature_with_its_digest) {
  const Bundle bundle{.media_type = std::string(media_type::k_sigstore_bundle),
                      .key_hint = "h",
                      .content = MessageSignature{.message_digest = digest_of("x"), .signature = to_bytes("sig")}};

  const auto again = parse_bundle(write_bundle(bundle));

  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<MessageSignature>(again->content).message_digest, digest_of("x"));
}

TEST(bundle, treats_null_as_absent) {
  EXPECT_TRUE(parse_bundle(join({k_type, R"("verificationMaterial":{"publicKey":{"hint":"h"},"certificate":null,"tlogEntries":null})",
                                 k_envelope, R"("messageSignature":null)"})));
}

TEST(bundle, refuses_every_prefix) {
  const std::string text = join({k_type, k_material, k_envelope});
  ASSERT_TRUE(parse_bundle(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto bundle = parse_bundle(text.substr(0, length));
    ASSERT_FALSE(bundle) << length;
    EXPECT_EQ(bundle.error().code, ErrorCode::malformed);
  }
}

TEST(bundle, refuses_the_shelf_of_malformations) {
  const std::string shelf[] = {
      "",
      "null",
      "[]",
      join({k_material, k_envelope}),
      join({k_type, k_envelope}),
      join({k_type, k_material}),
      join({k_type, k_material, k_envelope, k_message}),
      join({k_type, k_material, k_envelope, R"("extra":1)"}),
      join({k_type, R"("verificationMaterial":null)", k_envelope}),
      join({k_type, R"("verificationMaterial":{})", k_envelope}),
      join({k_type, R"("verificationMaterial":{"publicKey":{"hint":"h"},"certificate":{"rawBytes":""}})", k_envelope}),
      join({k_type, R"("verificationMaterial":{"publicKey":{"hint":7}})", k_envelope}),
      join({k_type, R"("verificationMaterial":{"publicKey":{"hint":"h","key":"x"}})", k_envelope}),
      join({k_type, R"("verificationMaterial":{"publicKey":{"hint":"h"},"tlogEntries":{}})", k_envelope}),
      join({k_type, k_material, R"("dsseEnvelope":{"payload":"aGk=","payloadType":"t","signatures":[{"sig":"c2ln"},{"sig":"c2ln"}]})"}),
      join({k_type, k_material, R"("messageSignature":{"signature":""})"}),
      join({k_type, k_material, R"("messageSignature":{"signature":"c2ln","messageDigest":{"algorithm":"SHA2_256","digest":"AA=="}})"}),
      join({k_type, k_type, k_material, k_envelope}),
      join({k_type, k_material, k_envelope}) + "x",
  };
  for (const std::string& text : shelf) {
    const auto bundle = parse_bundle(text);
    ASSERT_FALSE(bundle) << text;
    EXPECT_EQ(bundle.error().code, ErrorCode::malformed) << text << ": " << bundle.error().message;
  }
}

TEST(bundle, refuses_unknown_versions_and_digests) {
  for (const std::string version :
       {"application/vnd.dev.sigstore.bundle.v0.4+json", "application/vnd.dev.sigstore.bundle+json;version=9", ""}) {
    EXPECT_EQ(parse_bundle(join({"\"mediaType\":\"" + version + "\"", k_material, k_envelope})).error().code, ErrorCode::unsupported);
  }
  const std::string md5 = R"("messageSignature":{"signature":"c2ln","messageDigest":{"algorithm":"MD5","digest":"AA=="}})";
  EXPECT_EQ(parse_bundle(join({k_type, k_material, md5})).error().code, ErrorCode::unsupported);
}

TEST(bundle, bounds_log_entries_and_timestamps) {
  std::string entries = "{}";
  for (std::size_t i = 0; i < k_max_log_entries; ++i) entries += ",{}";
  const std::string logs = R"("verificationMaterial":{"publicKey":{"hint":"h"},"tlogEntries":[)" + entries + "]}";
  const std::string times =
      R"("verificationMaterial":{"publicKey":{"hint":"h"},"timestampVerificationData":{"rfc3161Timestamps":[)" + entries + "]}}";

  EXPECT_EQ(parse_bundle(join({k_type, logs, k_envelope})).error().code, ErrorCode::limit);
  EXPECT_EQ(parse_bundle(join({k_type, times, k_envelope})).error().code, ErrorCode::limit);
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The cases of the conformance suite that are signed with a managed key and fail or pass without a log.
TEST(bundle, agrees_with_the_conformance_suite_on_managed_keys) {
  const char* vectors = std::getenv("DAVIT_VECTORS");
  const std::filesystem::path root = std::filesystem::path(vectors == nullptr ? "" : vectors) / "sigstore" / "bundle-verify";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "the conformance vectors are not at " << root;

  std::size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const auto path = entry.path();
    if (!std::filesystem::exists(path / "key.pub")) continue;
    const auto key = PublicKey::parse(read_text(path / "key.pub"));
    const auto artifact = std::filesystem::exists(path / "artifact") ? path / "artifact" : root.parent_path() / "a.txt";
    const Finding finding = key ? judge_bundle(read_text(path / "bundle.sigstore.json"),
                                               signature_question(davit::digest_of(read_text(artifact)), true), {.keys = {*key}})
                                : Finding{.reason = key.error().message};
    std::printf("  %s: %s (%s)\n", path.filename().c_str(), finding.verified ? "accepted" : "refused", finding.reason.c_str());
    const bool must_pass = !path.filename().string().ends_with("_fail");
    EXPECT_TRUE(finding.verified || !must_pass) << path << ": " << finding.reason;
    ++cases;
  }
  EXPECT_GT(cases, 0U);
}

}  // namespace
}  // namespace davit::oci
