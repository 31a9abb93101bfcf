#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/trust/crypto/timestamp.hpp"
#include "support/forge/forms.hpp"

namespace davit::oci {
namespace {

using namespace davit::forge;

class TimestampJudge : public testing::Test {
 protected:
  World world_;
  Making making_ = make_message(world_, true, Logged::second_generation);

  Finding with(const TimestampSpec& spec) {
    stamp_it(making_, spec);
    return judge_bundle(making_.text(), question(), trust_of(world_));
  }
};

TEST_F(TimestampJudge, accepts_tokens_with_and_without_their_certificates) {
  EXPECT_TRUE(with({}).verified) << with({}).reason;
  EXPECT_TRUE(with({.bag = {world_.tsa.certificate}}).verified);
  EXPECT_TRUE(with({.bag = {world_.tsa.certificate, world_.tsa.authority.issuer}}).verified);
  EXPECT_TRUE(with({.status = 1}).verified);
  for (const char* imprint : {"SHA256", "SHA384", "SHA512"}) EXPECT_TRUE(with({.imprint = imprint}).verified) << imprint;
}

TEST_F(TimestampJudge, CVE_2026_39984_the_certificate_that_is_checked_is_the_one_that_signed) {
  const TimestampAuthority rogue("rogue");
  const Key& rogue_key = rogue.key;
  // The trusted certificate lies in the bag and is named by hash, and another key signed.
  EXPECT_EQ(with({.bag = {world_.tsa.certificate, rogue.certificate}, .key = &rogue_key}).refusal, Refusal::not_timestamped);
  EXPECT_EQ(with({.bag = {rogue.certificate, world_.tsa.certificate}, .named = rogue.certificate, .key = &rogue_key}).refusal,
            Refusal::not_timestamped);
  EXPECT_EQ(with({.bag = {rogue.certificate}, .named = rogue.certificate, .hashed = rogue.certificate, .key = &rogue_key}).refusal,
            Refusal::not_timestamped);
  // Even a good token does not bring strangers along.
  EXPECT_EQ(with({.bag = {world_.tsa.certificate, rogue.certificate}}).refusal, Refusal::not_timestamped);
  EXPECT_EQ(with({.hashed = rogue.certificate}).refusal, Refusal::not_timestamped);
}

TEST_F(TimestampJudge, a_token_is_about_this_signature) {
  making_.bundle.timestamps = {world_.tsa.stamp(as_bytes("other"))};
  EXPECT_EQ(judge_bundle(making_.text(), question(), trust_of(world_)).refusal, Refusal::not_timestamped);
}

TEST_F(TimestampJudge, weak_imprints_refusals_and_unsigned_parts_are_refused) {
  EXPECT_EQ(with({.imprint = "SHA1"}).refusal, Refusal::unsupported);
  EXPECT_EQ(with({.status = 2}).refusal, Refusal::not_timestamped);
  EXPECT_EQ(with({.unsigned_attribute = true}).refusal, Refusal::unsupported);
}

TEST_F(TimestampJudge, the_authority_is_held_to_its_windows_at_both_ends) {
  world_.tsa_window = window(k_signing_time, k_signing_time);
  EXPECT_TRUE(with({}).verified);
  world_.tsa_window = window(k_epoch, k_signing_time - 1);
  EXPECT_EQ(with({}).refusal, Refusal::not_timestamped);
  world_.tsa_window = window(k_signing_time + 1);
  EXPECT_EQ(with({}).refusal, Refusal::not_timestamped);
}

TEST_F(TimestampJudge, its_certificate_was_valid_then_and_is_for_timestamps_alone) {
  std::vector<CertificateSpec> faults(6, TimestampAuthority::default_spec());
  faults[0].not_after = k_signing_time - 1;
  faults[1].not_before = k_signing_time + 1;
  faults[2].extended_key_usage = "timeStamping";
  faults[3].extended_key_usage = "critical,timeStamping,codeSigning";
  faults[4].extended_key_usage = "critical,codeSigning";
  faults[5].key_usage = "critical,keyAgreement";
  for (const CertificateSpec& spec : faults) {
    world_.tsa = TimestampAuthority("tsa", spec);
    EXPECT_EQ(with({}).refusal, Refusal::not_timestamped);
  }
  CertificateSpec expired_today = TimestampAuthority::default_spec();
  expired_today.not_after = k_signing_time;
  world_.tsa = TimestampAuthority("tsa", expired_today);
  EXPECT_TRUE(with({}).verified) << "expired by now, and valid when it signed";
}

TEST_F(TimestampJudge, one_authority_counts_once) {
  SigstoreTrust trust = trust_of(world_);
  trust.min_timestamps = 2;
  making_.bundle.timestamps = {world_.tsa.stamp(making_.signature()), world_.tsa.stamp(making_.signature(), {.time = k_signing_time + 1})};
  EXPECT_EQ(judge_bundle(making_.text(), question(), trust).refusal, Refusal::not_timestamped);
  making_.bundle.timestamps[1] = making_.bundle.timestamps[0];
  EXPECT_EQ(judge_bundle(making_.text(), question(), trust_of(world_)).refusal, Refusal::malformed);
}

TEST_F(TimestampJudge, the_log_must_have_been_believed_at_the_stamped_time) {
  world_.tiles_window = window(k_epoch, k_signing_time);
  EXPECT_TRUE(with({}).verified);
  EXPECT_EQ(with({.time = k_signing_time + 1}).refusal, Refusal::not_logged);
}

TEST(timestamp, every_cut_and_every_flipped_bit_is_refused_or_changes_nothing_signed) {
  const TimestampAuthority authority("tsa");
  const Certificate signer = *Certificate::parse(authority.certificate);
  Bytes der = authority.stamp(as_bytes("x"));
  const Timestamp good = *Timestamp::parse_response(der);
  ASSERT_TRUE(good.check_signer(signer)) << good.check_signer(signer).error().message;
  for (std::size_t length = 0; length < der.size(); ++length) EXPECT_FALSE(Timestamp::parse_response(ByteView(der).first(length)));
  for (std::size_t i = 0; i < der.size() * 8; ++i) {
    der[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
    const auto mutant = Timestamp::parse_response(der);
    const bool accepted = mutant && mutant->covers(as_bytes("x")) && mutant->check_signer(signer);
    // The status says "granted" or "granted with changes"; both come with a token.
    EXPECT_TRUE(!accepted || der[8] != std::byte{0}) << "bit " << i;
    if (accepted) {
      EXPECT_EQ(mutant->time(), good.time());
    }
    der[i / 8] ^= static_cast<std::byte>(1U << (i % 8));
  }
}

}  // namespace
}  // namespace davit::oci
