#include "unit/oci/trust/tuf/world.hpp"

#include <gmock/gmock.h>

namespace davit::oci::tuf_test {
namespace {

using testing::HasSubstr;

TEST(tuf_client, updates_and_fetches_a_target) {
  World world;
  EXPECT_EQ(as_text(*world.fetch("trusted_root.json")), "{}");
  EXPECT_EQ(world.fetch("other.json").error().code, ErrorCode::not_found);
  world.repo.publish_next();
  EXPECT_TRUE(world.fetch("trusted_root.json"));
}

TEST(tuf_client, works_without_consistent_snapshots) {
  World world;
  world.repo.consistent = false;
  world.repo.publish_root();
  world.first_root = world.repo.metadata["1.root.json"];
  world.repo.metadata.clear();
  world.repo.publish();
  world.repo.target_files = {{"trusted_root.json", "{}"}};
  EXPECT_TRUE(world.fetch("trusted_root.json"));
}

TEST(tuf_client, needs_a_first_root_that_its_own_keys_signed) {
  World world;
  EXPECT_EQ(TufClient::open(world.repo, world.memory, std::nullopt, k_now).error().code, ErrorCode::not_found);
  world.first_root = world.repo.make_root({&world.repo.root_a});
  EXPECT_THAT(world.refusal(), HasSubstr("signed by 1 of the 2"));
  world.first_root = world.repo.make_root({&world.repo.stranger, &world.repo.timestamp});
  EXPECT_THAT(world.refusal(), HasSubstr("signed by 0 of the 2"));
  EXPECT_TRUE(world.memory.files.empty());
}

TEST(tuf_client, the_remembered_root_counts_and_not_the_one_that_is_named_again) {
  World world;
  ASSERT_TRUE(world.update());
  World other;
  world.first_root = other.first_root;
  EXPECT_TRUE(world.update());
}

// --- root ---

TEST(tuf_client, follows_a_chain_of_roots) {
  World world;
  for (int version = 2; version <= 4; ++version) {
    world.repo.root_version = version;
    world.repo.publish_root({&world.repo.root_b, &world.repo.root_c});
  }
  ASSERT_TRUE(world.update());
  EXPECT_THAT(world.repo.asked, testing::IsSupersetOf({"2.root.json", "3.root.json", "4.root.json", "5.root.json"}));
  EXPECT_EQ(as_text(world.memory.files.at("root.json")), world.repo.metadata["4.root.json"]);
}

TEST(tuf_client, a_new_root_needs_the_thresholds_of_the_old_and_of_the_new_keys) {
  World world;
  Repo& repo = world.repo;
  const Signer d, e;
  repo.root_version = 2;
  repo.root_signers = {&repo.root_a, &repo.timestamp};
  repo.publish_root({&repo.root_a, &repo.timestamp});  // the new role only
  EXPECT_THAT(world.refusal(), HasSubstr("root version 2 is signed by 1 of the 2"));
  repo.publish_root({&repo.root_a, &repo.root_b});  // the old role only
  EXPECT_THAT(world.refusal(), HasSubstr("root version 2 is signed by 1 of the 2"));
  repo.publish_root({&repo.root_a, &repo.root_b, &repo.timestamp});
  EXPECT_EQ(world.refusal(), "");
}

TEST(tuf_client, one_key_counts_once_however_often_it_signs_and_however_it_is_called) {
  World world;
  world.repo.root_version = 2;
  world.repo.publish_root({&world.repo.root_a, &world.repo.root_a, &world.repo.root_a});
  EXPECT_THAT(world.refusal(), HasSubstr("signed by 1 of the 2"));
  Signer alias = world.repo.root_a;
  alias.id = std::string(64, 'a');
  const auto body = head("root", 1, k_later,
                         {{"keys", keys_json({&world.repo.root_a, &alias})},
                          {"roles", JsonObject{{"root", role_json({&world.repo.root_a, &alias}, 2)},
                                               {"timestamp", role_json({&alias}, 1)},
                                               {"snapshot", role_json({&alias}, 1)},
                                               {"targets", role_json({&alias}, 1)}}}});
  EXPECT_THAT(TrustedMetadata::begin(seal(body, {&world.repo.root_a, &alias}), k_now).error().message, HasSubstr("signed by 1 of the 2"));
}

TEST(tuf_client, refuses_a_root_that_skips_or_repeats_a_version) {
  for (const int version : {1, 3}) {
    World world;
    world.repo.root_version = version;
    world.repo.metadata["2.root.json"] = world.repo.make_root({&world.repo.root_a, &world.repo.root_b});
    EXPECT_THAT(world.refusal(), HasSubstr("follows version 1"));
  }
}

TEST(tuf_client, refuses_an_expired_root_unless_a_newer_one_follows) {
  World world;
  world.repo.root_expires = k_earlier;
  world.repo.publish_root();
  world.first_root = world.repo.metadata["1.root.json"];
  EXPECT_THAT(world.refusal(), HasSubstr("root version 1 expired"));
  world.repo.root_expires = k_later;
  world.repo.root_version = 2;
  world.repo.publish_root();
  EXPECT_EQ(world.refusal(), "");
}

TEST(tuf_client, does_not_follow_roots_without_end) {
  World world;
  for (world.repo.root_version = 2; world.repo.root_version < 300; ++world.repo.root_version) world.repo.publish_root();
  EXPECT_THAT(world.refusal(), HasSubstr("more than 256 new roots"));
}

// --- rollback and freeze ---

TEST(tuf_client, refuses_a_timestamp_that_is_older_than_before) {
  World world;
  world.repo.publish_next();
  ASSERT_TRUE(world.update());
  world.repo.timestamp_version = 1;
  world.repo.publish();
  EXPECT_THAT(world.refusal(), HasSubstr("timestamp is of version 1, older than version 2"));
}

TEST(tuf_client, refuses_a_new_timestamp_that_names_an_older_snapshot) {
  World world;
  world.repo.publish_next();
  ASSERT_TRUE(world.update());
  world.repo.timestamp_version = 3;
  world.repo.snapshot_version = 1;
  world.repo.publish();
  EXPECT_THAT(world.refusal(), HasSubstr("older than version 2"));
}

TEST(tuf_client, refuses_a_new_snapshot_in_which_a_document_is_older_or_gone) {
  World world;
  world.repo.targets_version = 5;
  world.repo.delegated = {{"role", "{}"}};
  world.repo.publish();
  ASSERT_TRUE(world.update());
  world.repo.delegated.clear();
  world.repo.publish_next();
  EXPECT_THAT(world.refusal(), HasSubstr("no longer names role.json"));
  world.repo.delegated = {{"role", "{}"}};
  world.repo.targets_version = 3;
  world.repo.publish_next();
  EXPECT_THAT(world.refusal(), HasSubstr("targets.json is of version 4, older than version 5"));
}

TEST(tuf_client, what_expired_is_refused_and_still_guards_against_rollback) {
  for (const char* name : {"timestamp", "snapshot", "targets"}) {
    World world;
    (std::string(name) == "timestamp"  ? world.repo.timestamp_expires
     : std::string(name) == "snapshot" ? world.repo.snapshot_expires
                                       : world.repo.targets_expires) = k_earlier;
    world.repo.publish();
    EXPECT_THAT(world.refusal(), HasSubstr(std::string(name) + " version 1 expired"));
  }
  World world;
  world.repo.publish_next();
  ASSERT_TRUE(world.update());
  world.now = *parse_time("2028-01-01T00:00:00Z");
  world.repo.root_expires = world.repo.timestamp_expires = world.repo.snapshot_expires = world.repo.targets_expires =
      "2029-01-01T00:00:00Z";
  world.repo.root_version = 2;
  world.repo.publish_root();
  world.repo.timestamp_version = 1;
  world.repo.publish();
  EXPECT_THAT(world.refusal(), HasSubstr("older than version 2"));
}

TEST(tuf_client, expires_at_the_very_second) {
  World world;
  world.now = *parse_time(k_later) - 1;
  EXPECT_EQ(world.refusal(), "");
  world.now += 1;
  EXPECT_THAT(world.refusal(), HasSubstr("expired"));
}

TEST(tuf_client, recovers_from_a_fast_forward_when_the_keys_are_changed) {
  World world;
  world.repo.timestamp_version = 1'000'000;
  world.repo.snapshot_version = 1'000'000;
  world.repo.publish();
  ASSERT_TRUE(world.update());
  world.repo.timestamp_version = 2;
  world.repo.snapshot_version = 2;
  world.repo.publish();
  EXPECT_THAT(world.refusal(), HasSubstr("older"));

  const Signer new_timestamp, new_snapshot;
  world.repo.timestamp_signer = &new_timestamp;
  world.repo.snapshot_signer = &new_snapshot;
  world.repo.root_version = 2;
  world.repo.publish_root();
  world.repo.publish();

  EXPECT_EQ(world.refusal(), "");
}

// --- mix and match, arbitrary software, endless data ---

TEST(tuf_client, refuses_documents_of_different_states) {
  World world;
  world.repo.publish_next();
  const auto newer = world.repo.metadata;
  world.repo.metadata["2.targets.json"] = world.repo.metadata["1.targets.json"];
  EXPECT_THAT(world.refusal(), HasSubstr("targets"));
  world.repo.metadata = newer;
  world.repo.metadata["2.snapshot.json"] = world.repo.metadata["1.snapshot.json"];
  EXPECT_THAT(world.refusal(), HasSubstr("snapshot"));
  // Without hashes and lengths the versions alone must do.
  world.repo.metadata = newer;
  world.repo.metadata["timestamp.json"] =
      seal(head("timestamp", 3, k_later, {{"meta", JsonObject{{"snapshot.json", JsonObject{{"version", 2}}}}}}), {&world.repo.timestamp});
  EXPECT_EQ(world.refusal(), "");
  world.repo.metadata["2.snapshot.json"] = world.repo.metadata["1.snapshot.json"];
  EXPECT_THAT(world.refusal(), HasSubstr("version 2 was signed for"));
}

TEST(tuf_client, refuses_what_other_keys_signed) {
  World world;
  const auto replace = [&](const Signer*& role) {
    const Signer* kept = role;
    role = &world.repo.stranger;
    world.repo.publish();
    role = kept;
    return world.refusal();
  };
  EXPECT_THAT(replace(world.repo.timestamp_signer), HasSubstr("timestamp version 1 is signed by 0"));
  EXPECT_THAT(replace(world.repo.snapshot_signer), HasSubstr("snapshot version 1 is signed by 0"));
  EXPECT_THAT(replace(world.repo.targets_signer), HasSubstr("targets version 1 is signed by 0"));
}

TEST(tuf_client, refuses_a_document_of_another_kind_in_the_place_of_one) {
  World world;
  world.repo.metadata["timestamp.json"] = world.repo.metadata["1.snapshot.json"];
  EXPECT_THAT(world.refusal(), HasSubstr("expected timestamp"));
}

TEST(tuf_client, refuses_targets_with_other_content_and_data_without_end) {
  World world;
  std::string& file = world.repo.target_files.begin()->second;
  file = "[]";
  EXPECT_EQ(world.fetch("trusted_root.json").error().code, ErrorCode::mismatch);
  file = "{";
  EXPECT_EQ(world.fetch("trusted_root.json").error().code, ErrorCode::mismatch);
  file = std::string(100, ' ');
  EXPECT_EQ(world.fetch("trusted_root.json").error().code, ErrorCode::limit);
  world.repo.metadata["timestamp.json"] += std::string(20'000, ' ');
  EXPECT_EQ(world.update().error().code, ErrorCode::limit);
}

TEST(tuf_client, GHSA_fcv2_xgw5_pqxf_target_names_never_lead_elsewhere) {
  for (const char* name : {"../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "..", "a/.", "a\\..\\b", "a\nb", "a/"}) {
    World world;
    world.repo.files = JsonObject{{name, target_json("{}")}};
    world.repo.publish();
    EXPECT_EQ(world.fetch(name).error().code, ErrorCode::malformed) << name;
  }
  World world;
  world.repo.files = JsonObject{{"npm/a b%2F..json", target_json("{}")}};
  world.repo.publish();
  EXPECT_EQ(world.fetch("npm/a b%2F..json").error().code, ErrorCode::not_found);
  EXPECT_EQ(world.repo.asked.back(), "npm/" + davit::digest_of("{}").hex() + ".a%20b%252F..json");
}
}  // namespace
}  // namespace davit::oci::tuf_test
