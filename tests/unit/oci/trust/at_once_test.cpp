// Asking several things at the same time changes nothing about the answer.
#include <gtest/gtest.h>

#include <array>

#include "oci/ask.hpp"
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/manifest.hpp"
#include "oci/trust/signer.hpp"
#include "oci/trust/verifier.hpp"
#include "unit/oci/wrapped_repository.hpp"

namespace davit::oci {
namespace {

// Its artifact can be made to be missing while everything said about it is there.
class Store : public WrappedRepository {
 public:
  std::optional<Error> trouble{};
  bool near = false;
  [[nodiscard]] bool is_near() const override { return near; }
  Result<Descriptor> resolve(const std::string& name) override {
    if (trouble) return *trouble;
    return WrappedRepository::resolve(name);
  }
};

enum class Asking { in_turn, at_once, few_at_once };

std::string name_of(const testing::TestParamInfo<Asking>& asking) {
  constexpr std::array k_names{"in_turn", "at_once", "few_at_once"};
  return k_names.at(static_cast<std::size_t>(asking.param));
}

class AtOnceTest : public testing::TestWithParam<Asking> {
 protected:
  AtOnceTest() : key_(*PrivateKey::generate()) {
    store_.near = GetParam() == Asking::few_at_once;
    subject_ = store_.put_text(R"({"schemaVersion":2})", "v1");
  }
  void sign(SignatureFormat format) {
    ASSERT_TRUE(sign_manifest(store_, *subject_, key_,
                              {.identity = "registry.example/app", .created = "1970-01-01T00:00:00Z", .formats = {format}}));
  }
  Result<Verification> verify(const std::string& name) {
    return Verifier::make({key_.public_key()}, {.at_once = GetParam() != Asking::in_turn})->verify(store_, name);
  }
  PrivateKey key_;
  Store store_;
  std::optional<Descriptor> subject_;
};

TEST_P(AtOnceTest, every_place_is_asked_and_told_in_the_same_order) {
  sign(SignatureFormat::bundle);
  sign(SignatureFormat::classic);
  for (const std::string& name : {std::string("v1"), subject_->digest.text()}) {
    const auto verification = verify(name);
    ASSERT_TRUE(verification);
    ASSERT_TRUE(verification->proof);
    EXPECT_EQ(verification->proof->digest(), subject_->digest);
    EXPECT_EQ(verification->digest, subject_->digest);
    ASSERT_EQ(verification->places.size(), 2U);
    EXPECT_EQ(verification->places[0].name, "referrers");
    EXPECT_EQ(verification->places[1].name, "tag " + classic_signature_tag(subject_->digest));
    ASSERT_EQ(verification->findings.size(), 2U);
    EXPECT_EQ(verification->findings[0].format, SignatureFormat::bundle);
    EXPECT_EQ(verification->findings[1].format, SignatureFormat::classic);
  }
}

TEST_P(AtOnceTest, what_is_not_there_is_told_from_what_is_not_signed) {
  EXPECT_EQ(refusal(*verify(subject_->digest.text())).code, ErrorCode::unsigned_content);
  for (const ErrorCode code : {ErrorCode::not_found, ErrorCode::denied, ErrorCode::mismatch}) {
    store_.trouble = fail(code, "trouble");
    for (const std::string& name : {std::string("v1"), subject_->digest.text()}) {
      const auto verification = verify(name);
      ASSERT_FALSE(verification);
      EXPECT_EQ(verification.error().code, code);
    }
  }
}

TEST_P(AtOnceTest, a_signed_digest_is_accepted_without_asking_for_the_artifact) {
  sign(SignatureFormat::bundle);
  store_.trouble = fail(ErrorCode::not_found, "trouble");
  const auto verification = verify(subject_->digest.text());
  ASSERT_TRUE(verification);
  EXPECT_TRUE(verification->proof);
  EXPECT_FALSE(verify("v1"));
}

TEST_P(AtOnceTest, a_notary_signature_is_not_judged_without_the_artifact_s_size_and_type) {
  const Bytes envelope = to_bytes("{}");
  ASSERT_TRUE(put_notation_envelope(store_, *subject_, envelope, k_jws_media_type, {}, "1970-01-01T00:00:00Z"));
  ASSERT_EQ(verify(subject_->digest.text())->findings.size(), 1U);
  sign(SignatureFormat::bundle);
  store_.trouble = fail(ErrorCode::denied, "trouble");
  EXPECT_EQ(verify(subject_->digest.text()).error().code, ErrorCode::denied);
}

TEST_P(AtOnceTest, a_place_that_cannot_be_asked_is_no_empty_one) {
  store_.bend_manifest = [&](const std::string& name, Result<RawManifest> found) -> Result<RawManifest> {
    if (name == classic_signature_tag(subject_->digest)) return fail(ErrorCode::network, "no answer");
    return found;
  };
  const auto refused = verify(subject_->digest.text());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::network);

  sign(SignatureFormat::bundle);
  const auto accepted = verify(subject_->digest.text());
  ASSERT_TRUE(accepted);
  EXPECT_TRUE(accepted->proof);
  EXPECT_TRUE(accepted->places[1].failure);
}

TEST_P(AtOnceTest, a_digest_of_another_algorithm_is_refused) { EXPECT_FALSE(verify("sha512:" + std::string(128, '0'))); }

INSTANTIATE_TEST_SUITE_P(all, AtOnceTest, testing::Values(Asking::in_turn, Asking::at_once, Asking::few_at_once), name_of);

TEST(asked, gives_the_same_answer_each_time_and_asks_once) {
  for (const bool at_once : {false, true}) {
    int times = 0;
    {
      Asked<int> asked(at_once, [&]() -> Result<int> { return ++times; });
      EXPECT_EQ(*asked.answer(), 1);
      EXPECT_EQ(*asked.answer(), 1);
    }
    EXPECT_EQ(times, 1);
  }
}

TEST(asked, in_turn_is_never_asked_when_nobody_wants_the_answer) {
  int times = 0;
  {
    const Asked<int> asked(false, [&]() -> Result<int> { return ++times; });
  }
  EXPECT_EQ(times, 0);
}

}  // namespace
}  // namespace davit::oci
