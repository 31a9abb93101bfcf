// What a signed statement must say, and what a promise, proof or checkpoint must be, beyond bundle_judge_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifests/encoding.hpp"
#include "support/forge/forms.hpp"

namespace davit::oci {
namespace {

using namespace davit::forge;

Finding judged(const Making& making, const Question& asked = question(k_predicate)) {
  return judge_bundle(making.text(), asked, trust_of(*making.world));
}

TEST(statement_judge, CVE_2022_35929_and_CVE_2022_35930_an_attestation_of_another_type_does_not_count) {
  World world;
  const Making making = make_statement(world, true, Logged::first_generation);
  EXPECT_TRUE(judged(making).verified);
  EXPECT_EQ(judged(making, question("https://slsa.dev/provenance/v1")).refusal, Refusal::wrong_type);
  EXPECT_EQ(judged(making, question()).refusal, Refusal::wrong_type) << "and no attestation is a signature";
  Question any = question();
  any.any_predicate = true;
  EXPECT_TRUE(judged(making, any).verified);
  Question lax = question();
  lax.lax_type = true;
  EXPECT_TRUE(judged(making, lax).verified);
  EXPECT_EQ(judged(making, lax).warnings.size(), 1U);
}

TEST(statement_judge, CVE_2026_39395_a_payload_that_is_no_statement_is_refused_after_its_signature_was_good) {
  World world;
  for (const char* payload : {"", "{}", "null", "not json", R"({"_type":"https://in-toto.io/Statement/v9"})"}) {
    Making making = make_statement(world, true, Logged::not_at_all);
    auto& envelope = std::get<Envelope>(making.bundle.content);
    envelope.payload = to_bytes(std::string_view(payload));
    envelope.signatures.front().signature = making.key.sign(pre_authentication_encoding(envelope.payload_type, envelope.payload));
    log_it(making, Logged::first_generation);
    const Finding finding = judged(making);
    EXPECT_FALSE(finding.verified) << payload;
    EXPECT_TRUE(finding.refusal == Refusal::malformed || finding.refusal == Refusal::unsupported) << finding.reason;
  }
}

TEST(statement_judge, CVE_2026_31830_a_statement_about_something_else_is_refused) {
  World world;
  const Making making = make_statement(world, true, Logged::first_generation, k_predicate, encode_hex(hash_of(as_bytes("other"))));
  EXPECT_EQ(judged(making).refusal, Refusal::wrong_subject);
}

TEST(statement_judge, another_payload_type_is_no_statement) {
  World world;
  Making making = make_statement(world, true, Logged::not_at_all);
  auto& envelope = std::get<Envelope>(making.bundle.content);
  envelope.payload_type = "application/json";
  envelope.signatures.front().signature = making.key.sign(pre_authentication_encoding(envelope.payload_type, envelope.payload));
  log_it(making, Logged::first_generation);
  EXPECT_EQ(judged(making).refusal, Refusal::wrong_type);
}

TEST(statement_judge, a_files_signature_does_not_count_for_a_manifest_nor_for_an_attestation) {
  World world;
  const Making making = make_message(world, true, Logged::first_generation);
  Question manifest = question();
  manifest.artifact.is_file = false;
  EXPECT_EQ(judged(making, manifest).refusal, Refusal::wrong_type);
  EXPECT_EQ(judged(making).refusal, Refusal::wrong_type);
  EXPECT_TRUE(judged(making, question()).verified);
}

TEST(statement_judge, a_message_digest_of_another_file_is_refused_whatever_the_signature_says) {
  World world;
  Making making = make_message(world, true, Logged::first_generation);
  std::get<MessageSignature>(making.bundle.content).message_digest = davit::digest_of(std::string_view("other"));
  EXPECT_EQ(judged(making, question()).refusal, Refusal::wrong_subject);
}

TEST(statement_judge, versions_of_the_bundle_ask_for_what_they_say) {
  World world;
  const auto version = [&](const char* type, Making making) {
    making.bundle.media_type = type;
    return judged(making, question());
  };
  const Making good = make_message(world, true, Logged::first_generation);
  constexpr const char* k_01 = "application/vnd.dev.sigstore.bundle+json;version=0.1";
  constexpr const char* k_02 = "application/vnd.dev.sigstore.bundle+json;version=0.2";
  constexpr const char* k_03 = "application/vnd.dev.sigstore.bundle+json;version=0.3";
  for (const char* type : {k_01, k_02, k_03}) EXPECT_TRUE(version(type, good).verified) << type;
  Making promised_only = good, proven_only = good, no_checkpoint = good;
  promised_only.bundle.entries.front().proof.reset();
  proven_only.bundle.entries.front().promise.clear();
  stamp_it(proven_only);
  no_checkpoint.bundle.entries.front().proof->checkpoint.clear();
  EXPECT_TRUE(version(k_01, promised_only).verified);
  EXPECT_FALSE(version(k_02, promised_only).verified);
  EXPECT_FALSE(version(k_03, promised_only).verified);
  EXPECT_FALSE(version(k_01, proven_only).verified);
  EXPECT_TRUE(version(k_02, proven_only).verified);
  EXPECT_TRUE(version(k_01, no_checkpoint).verified);
  EXPECT_FALSE(version(k_02, no_checkpoint).verified);
  for (const char* type : {"application/vnd.dev.sigstore.bundle+json;version=0.4", "application/vnd.dev.sigstore.bundle.v0.4+json", ""}) {
    std::string text = good.text();
    text.replace(text.find(good.bundle.media_type), good.bundle.media_type.size(), type);
    EXPECT_FALSE(judge_bundle(text, question(), trust_of(world)).verified) << type;
  }
}

TEST(statement_judge, chains_hold_no_root_and_are_not_of_version_03) {
  World world;
  Making making = make_message(world, true, Logged::first_generation);
  making.bundle.media_type = "application/vnd.dev.sigstore.bundle+json;version=0.2";
  making.bundle.certificates.push_back(world.fulcio.issuer);
  EXPECT_TRUE(judged(making, question()).verified);
  std::string text = making.text();
  text.replace(text.find("version=0.2"), 11, "version=0.3");
  EXPECT_EQ(judge_bundle(text, question(), trust_of(world)).refusal, Refusal::malformed);
  making.bundle.certificates.push_back(world.fulcio.root);
  EXPECT_EQ(judged(making, question()).refusal, Refusal::malformed);
  making.bundle.certificates.clear();
  EXPECT_EQ(judged(making, question()).refusal, Refusal::malformed);
}

TEST(statement_judge, proofs_and_checkpoints_fit_the_entry_and_the_log) {
  World world;
  const Making good = make_message(world, true, Logged::second_generation);
  const auto with = [&](auto fault) {
    Making making = good;
    fault(*making.bundle.entries.front().proof);
    return judged(making, question()).verified;
  };
  const Log& log = world.tiles;
  EXPECT_TRUE(with([](InclusionProof&) {}));
  EXPECT_FALSE(with([](InclusionProof& proof) { proof.hashes.pop_back(); }));
  EXPECT_FALSE(with([](InclusionProof& proof) { proof.hashes.push_back(proof.hashes.back()); }));
  EXPECT_FALSE(with([](InclusionProof& proof) { std::swap(proof.hashes.front(), proof.hashes.back()); }));
  EXPECT_FALSE(with([](InclusionProof& proof) { proof.root_hash.front() ^= std::byte{1}; }));
  EXPECT_FALSE(with([](InclusionProof& proof) { ++proof.tree_size; }));
  EXPECT_FALSE(with([](InclusionProof& proof) { proof.log_index = 0; }));
  EXPECT_FALSE(with([&](InclusionProof& proof) {
    world.tiles.fill(1);
    proof.checkpoint = log.checkpoint();
  })) << "a checkpoint of a later tree";
  const auto renamed = [&](const std::string& origin, const std::string& name, const Key& by) {
    return with([&](InclusionProof& proof) {
      const std::string text = origin + proof.checkpoint.substr(log.host().size(), proof.checkpoint.find("\n\n") + 1 - log.host().size());
      const Bytes id = log.id();
      proof.checkpoint = log.note(text, name, by, id);
    });
  };
  EXPECT_TRUE(renamed(log.host(), log.host(), log.key()));
  EXPECT_FALSE(renamed("other.example", "other.example", log.key())) << "origin and name both altered, with a good signature";
  EXPECT_FALSE(renamed(log.host(), "other.example", log.key()));
  EXPECT_FALSE(renamed(log.host(), log.host(), Key::ed25519()));
}

TEST(statement_judge, signatures_of_witnesses_stand_beside_the_logs_in_any_order) {
  World world;
  const Making good = make_message(world, true, Logged::second_generation);
  const std::string witness = "\u2014 witness.example " + encode_base64(Bytes(72, std::byte{7})) + "\n";
  for (const bool first : {true, false}) {
    Making making = good;
    std::string& note = making.bundle.entries.front().proof->checkpoint;
    note = first ? note.insert(note.find("\n\n") + 2, witness) : note + witness;
    EXPECT_TRUE(judged(making, question()).verified);
  }
}

TEST(statement_judge, CVE_2024_45395_lists_over_their_limits_are_refused_before_anything_is_judged) {
  World world;
  Making making = make_message(world, true, Logged::first_generation);
  making.bundle.entries.resize(k_max_log_entries + 1, making.bundle.entries.front());
  EXPECT_EQ(judged(making, question()).refusal, Refusal::over_limit);
  making = make_message(world, true, Logged::second_generation);
  making.bundle.timestamps.resize(k_max_timestamps + 1, making.bundle.timestamps.front());
  EXPECT_EQ(judged(making, question()).refusal, Refusal::over_limit);
  making = make_message(world, true, Logged::second_generation);
  making.bundle.entries.front().proof->hashes.resize(k_max_proof_hashes + 1, Bytes(32));
  EXPECT_EQ(judged(making, question()).refusal, Refusal::over_limit);
  EXPECT_EQ(judge_bundle(std::string(k_max_bundle_bytes + 1, ' '), question(), trust_of(world)).refusal, Refusal::over_limit);
}

TEST(statement_judge, CVE_2023_47122_and_CVE_2024_51746_a_log_that_the_trust_root_does_not_name_counts_for_nothing) {
  World world, other;
  for (const Logged logged : {Logged::first_generation, Logged::second_generation}) {
    Making making = make_message(world, true, logged);
    std::swap(world.rekor, other.rekor);
    std::swap(world.tiles, other.tiles);
    EXPECT_EQ(judged(making, question()).refusal, Refusal::not_logged);
  }
}

TEST(statement_judge, a_body_that_is_no_entry_is_refused_and_harms_nothing) {
  World world;
  for (const char* body :
       {"", "null", "[]", "{}", R"({"kind":"hashedrekord","apiVersion":"0.0.1"})",
        R"({"kind":"hashedrekord","apiVersion":"0.0.1","spec":null})",
        R"({"kind":"hashedrekord","apiVersion":"0.0.1","spec":{"data":null}})", R"({"kind":"rpm","apiVersion":"0.0.1","spec":{}})",
        R"({"kind":"dsse","apiVersion":"0.0.1","spec":{"signatures":[]}})"}) {
    Making making = make_message(world, true, Logged::not_at_all);
    making.bundle.entries = {world.rekor.add("hashedrekord", "0.0.1", as_bytes(std::string_view(body)))};
    EXPECT_FALSE(judged(making, question()).verified) << body;
  }
}

}  // namespace
}  // namespace davit::oci
