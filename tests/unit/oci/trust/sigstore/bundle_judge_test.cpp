// Bundles with exactly one fault each, made by an own Sigstore, against the ordered checklist of offline verification.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "manifests/encoding.hpp"
#include "oci/trust/clock_tolerance.hpp"
#include "support/forge/forms.hpp"

namespace davit::oci {
namespace {

using namespace davit::forge;

// An authority with a certificate that is none.
const std::string k_hollow = R"({"certChain":{"certificates":[{"rawBytes":"MAcwADAAAwEA"}]},"validFor":{"start":"2020-01-01T00:00:00Z"}})";

const std::array k_generations{Logged::first_generation, Logged::second_generation};

Finding judged(const Making& making, const Question& asked = question(k_predicate)) {
  Question ask = asked;
  ask.any_predicate = std::holds_alternative<MessageSignature>(making.bundle.content);
  SigstoreTrust trust = trust_of(*making.world);
  if (making.certificate.empty()) {
    trust.identities.clear();
    trust.keys = {*PublicKey::from_der(making.key.spki())};
    trust.min_logs_with_key = 1;
  }
  return judge_bundle(making.text(), ask, trust);
}

#define EXPECT_REFUSED(finding, why)                                            \
  do {                                                                          \
    const Finding refused_finding = (finding);                                  \
    EXPECT_FALSE(refused_finding.verified);                                     \
    EXPECT_EQ(refused_finding.refusal, Refusal::why) << refused_finding.reason; \
    EXPECT_FALSE(refused_finding.statement.has_value());                        \
    EXPECT_TRUE(refused_finding.signer.empty());                                \
  } while (false)

TEST(bundle_judge, accepts_every_valid_form) {
  World world;
  for (const bool keyless : {false, true}) {
    for (const Logged logged : k_generations) {
      const Finding message = judged(make_message(world, keyless, logged));
      EXPECT_TRUE(message.verified) << message.reason;
      EXPECT_EQ(message.logs.size(), 1U);
      EXPECT_TRUE(message.logs.front().included);
      EXPECT_EQ(message.logs.front().promised, logged == Logged::first_generation);
      EXPECT_EQ(message.times.size(), 1U);
      EXPECT_EQ(message.certificate.has_value(), keyless);
      const Finding statement = judged(make_statement(world, keyless, logged));
      EXPECT_TRUE(statement.verified) << statement.reason;
      EXPECT_EQ(statement.predicate_type, k_predicate);
      EXPECT_TRUE(statement.statement.has_value());
    }
    Making intoto = make_statement(world, keyless, Logged::not_at_all);
    log_it(intoto, Logged::first_generation, "intoto");
    EXPECT_TRUE(judged(intoto).verified) << judged(intoto).reason;
  }
}

TEST(bundle_judge, an_authority_that_cannot_be_read_vouches_for_nobody_and_spoils_no_other) {
  World world;
  const Making making = make_message(world, true, Logged::first_generation);
  Question ask = question(k_predicate);
  ask.any_predicate = true;
  const auto judged_by = [&](const std::string& authorities) {
    std::string text = world.trusted_root();
    const std::size_t begin = text.find("\"certificateAuthorities\":[") + 26;
    const std::size_t end = text.find("],\"ctlogs\"", begin);
    text.replace(begin, end - begin, authorities == "both" ? text.substr(begin, end - begin) + "," + k_hollow : authorities);
    SigstoreTrust trust = trust_of(world);
    auto root = TrustedRoot::parse(text);
    EXPECT_TRUE(root) << root.error().message;
    trust.root = std::make_shared<const TrustedRoot>(*std::move(root));
    return judge_bundle(making.text(), ask, trust);
  };
  EXPECT_TRUE(judged_by("both").verified);
  const Finding alone = judged_by(k_hollow);
  EXPECT_FALSE(alone.verified);
  EXPECT_THAT(alone.reason, testing::HasSubstr("not a valid certificate"));
}

TEST(bundle_judge, tells_who_signed_when_and_where_it_was_logged) {
  World world;
  Making making = make_message(world, true, Logged::first_generation);
  stamp_it(making, {.time = k_signing_time + 5});
  const Finding finding = judged(making);
  ASSERT_TRUE(finding.verified) << finding.reason;
  EXPECT_EQ(finding.signer, k_signer);
  EXPECT_EQ(finding.certificate->issuer, k_issuer);
  EXPECT_EQ(finding.certificate->fingerprint, davit::digest_of(making.certificate).text());
  ASSERT_EQ(finding.times.size(), 2U);
  EXPECT_EQ(finding.times[0].seconds, k_signing_time + 5);
  EXPECT_EQ(finding.times[0].source, "timestamp authority tsa");
  EXPECT_EQ(finding.times[1].source, "log https://rekor.example");
}

TEST(bundle_judge, CVE_2022_36056_a_log_entry_of_something_else_is_no_evidence) {
  World world;
  for (const bool keyless : {false, true}) {
    for (const Logged logged : k_generations) {
      Making making = make_message(world, keyless, logged);
      const Making other = make_message(world, keyless, logged);
      making.bundle.entries = other.bundle.entries;
      EXPECT_REFUSED(judged(making), not_logged);
    }
  }
}

// One wrong part of a hashedrekord at a time, of both generations.
TEST(bundle_judge, CVE_2026_22703_every_part_of_the_log_entry_is_bound_to_the_signature) {
  World world;
  const Bytes digest = hash_of(as_bytes(k_artifact)), other_digest = hash_of(as_bytes("other"));
  for (const bool keyless : {false, true}) {
    const Making good = make_message(world, keyless, Logged::not_at_all);
    const Making other = make_message(world, keyless, Logged::not_at_all);
    const Bytes signature = std::get<MessageSignature>(good.bundle.content).signature;
    const Bytes other_signature = good.key.sign(as_bytes(k_artifact));
    const auto der = [&](const Making& one) { return keyless ? one.certificate : one.key.spki(); };
    const auto first = [&](ByteView hash, ByteView sig, const std::string& signer) {
      Making making = good;
      making.bundle.entries = {world.rekor.add("hashedrekord", "0.0.1", as_bytes(hashedrekord(hash, sig, signer)))};
      return judged(making);
    };
    const auto second = [&](ByteView hash, ByteView sig, const Bytes& signer, bool as_certificate) {
      Making making = good;
      making.bundle.entries = {world.tiles.add("hashedrekord", "0.0.2", as_bytes(hashedrekord_2(hash, sig, signer, as_certificate)))};
      stamp_it(making);
      return judged(making);
    };
    EXPECT_TRUE(first(digest, signature, good.signer_pem()).verified);
    EXPECT_REFUSED(first(other_digest, signature, good.signer_pem()), not_logged);
    EXPECT_REFUSED(first(digest, other_signature, good.signer_pem()), not_logged);
    EXPECT_REFUSED(first(digest, signature, other.signer_pem()), not_logged);
    EXPECT_REFUSED(first(digest, signature, keyless ? good.key.public_pem() : pem("CERTIFICATE", good.key.spki())), not_logged);
    EXPECT_TRUE(second(digest, signature, der(good), keyless).verified);
    EXPECT_REFUSED(second(other_digest, signature, der(good), keyless), not_logged);
    EXPECT_REFUSED(second(digest, other_signature, der(good), keyless), not_logged);
    EXPECT_REFUSED(second(digest, signature, der(other), keyless), not_logged);
    EXPECT_REFUSED(second(digest, signature, der(good), !keyless), not_logged);
  }
}

TEST(bundle_judge, CVE_2024_53267_the_entry_of_a_statement_is_compared_with_the_envelope) {
  World world;
  for (const char* kind : {"dsse", "intoto"}) {
    for (const bool keyless : {false, true}) {
      const Making good = make_statement(world, keyless, Logged::not_at_all);
      const Making other = make_statement(world, keyless, Logged::not_at_all);
      const auto& envelope = std::get<Envelope>(good.bundle.content);
      const Bytes signature = envelope.signatures.front().signature;
      const Bytes again = good.key.sign(pre_authentication_encoding(envelope.payload_type, envelope.payload));
      const auto with = [&](ByteView payload, ByteView sig, const std::string& signer) {
        Making making = good;
        const bool dsse_kind = std::string_view(kind) == "dsse";
        const std::string body = dsse_kind ? dsse("{}", payload, sig, signer) : intoto(envelope.payload_type, payload, sig, signer);
        making.bundle.entries = {world.rekor.add(kind, dsse_kind ? "0.0.1" : "0.0.2", as_bytes(body))};
        return judged(making);
      };
      EXPECT_TRUE(with(envelope.payload, signature, good.signer_pem()).verified);
      EXPECT_REFUSED(with(as_bytes("{}"), signature, good.signer_pem()), not_logged);
      EXPECT_REFUSED(with(envelope.payload, again, good.signer_pem()), not_logged);
      EXPECT_REFUSED(with(envelope.payload, signature, other.signer_pem()), not_logged);
    }
  }
  Making message = make_message(world, true, Logged::not_at_all);
  const std::string body = dsse("{}", as_bytes(k_artifact), message.signature(), message.signer_pem());
  message.bundle.entries = {world.rekor.add("dsse", "0.0.1", as_bytes(body))};
  EXPECT_REFUSED(judged(message), not_logged);
}

TEST(bundle_judge, a_statement_may_be_logged_as_the_digest_of_its_encoding_only) {
  World world;
  Making making = make_statement(world, true, Logged::second_generation);
  const auto& envelope = std::get<Envelope>(making.bundle.content);
  const std::string body = hashedrekord_2(hash_of(envelope.payload), making.signature(), making.certificate);
  making.bundle.entries = {world.tiles.add("hashedrekord", "0.0.2", as_bytes(body))};
  EXPECT_REFUSED(judged(making), not_logged);
}

TEST(bundle_judge, GHSA_9vcr_p3rj_q5q6_the_same_entry_twice_is_no_second_witness) {
  World world;
  Making making = make_message(world, true, Logged::first_generation);
  making.bundle.entries.push_back(making.bundle.entries.front());
  EXPECT_REFUSED(judged(making), malformed);
  // Two entries of one log count once.
  making.bundle.entries.pop_back();
  SigstoreTrust trust = trust_of(world);
  trust.min_logs_with_certificate = 2;
  EXPECT_REFUSED(judge_bundle(making.text(), question(), trust), not_logged);
  making.bundle.entries.push_back(world.tiles.add(
      "hashedrekord", "0.0.2", as_bytes(hashedrekord_2(hash_of(as_bytes(k_artifact)), making.signature(), making.certificate))));
  making.bundle.entries.back().log_index = making.bundle.entries.back().proof->log_index;
  stamp_it(making);
  EXPECT_TRUE(judge_bundle(making.text(), question(), trust).verified) << judge_bundle(making.text(), question(), trust).reason;
}

TEST(bundle_judge, CVE_2026_48816_a_time_without_a_promise_is_no_time) {
  World world;
  Making making = make_message(world, true, Logged::first_generation);
  making.bundle.entries.front().promise.clear();
  EXPECT_REFUSED(judged(making), not_timestamped);
  stamp_it(making);
  EXPECT_TRUE(judged(making).verified) << "a timestamp says the time in its place";
  making.bundle.entries.front().integrated_time = k_epoch;
  EXPECT_TRUE(judged(making).verified) << "and the bare claim is not even looked at";
}

TEST(bundle_judge, GHSA_hhfg_fwrw_87w7_a_promise_covers_body_time_index_and_log) {
  World world;
  const Making good = make_message(world, true, Logged::first_generation);
  const std::vector<std::function<void(LogEntry&)>> faults{[](LogEntry& entry) { *entry.integrated_time += 1; },
                                                           [](LogEntry& entry) { entry.log_index += 1; },
                                                           [](LogEntry& entry) { entry.promise.back() ^= std::byte{1}; }};
  for (const auto& fault : faults) {
    Making making = good;
    fault(making.bundle.entries.front());
    EXPECT_REFUSED(judged(making), not_logged);
  }
  Making timeless = good;
  timeless.bundle.entries.front().integrated_time.reset();
  EXPECT_REFUSED(judged(timeless), malformed);
}

TEST(bundle_judge, times_must_lie_in_the_windows_of_log_certificate_and_authority) {
  World world;
  const Making good = make_message(world, true, Logged::first_generation);
  ASSERT_TRUE(judged(good).verified);
  world.log_window = window(k_epoch, k_signing_time);
  EXPECT_TRUE(judged(good).verified) << "the end belongs to the window";
  world.log_window = window(k_signing_time);
  EXPECT_TRUE(judged(good).verified) << "so does the start";
  world.log_window = window(k_epoch, k_signing_time - 1);
  EXPECT_REFUSED(judged(good), not_logged);
  world.log_window = R"({"start":"2026-01-01T00:00:00Z","end":null})";
  EXPECT_TRUE(judged(good).verified) << "null is no end";
  world.fulcio_window = window(k_epoch, k_signing_time - 1);
  EXPECT_REFUSED(judged(good), untrusted_chain);
  world.fulcio_window = window(k_signing_time, k_signing_time);
  EXPECT_TRUE(judged(good).verified);
  world.ct_window = window(k_signing_time);
  EXPECT_REFUSED(judged(good), untrusted_chain);
}

TEST(bundle_judge, a_signature_made_outside_the_certificates_minutes_has_expired) {
  World world;
  for (const std::int64_t time : {k_signing_time - 61, k_signing_time + 541}) {
    Making making = make_message(world, true, Logged::not_at_all);
    const std::string body = hashedrekord(hash_of(as_bytes(k_artifact)), making.signature(), making.signer_pem());
    making.bundle.entries = {world.rekor.add("hashedrekord", "0.0.1", as_bytes(body), time)};
    EXPECT_REFUSED(judged(making), expired);
    Making stamped = make_message(world, true, Logged::second_generation);
    stamp_it(stamped, {.time = time});
    EXPECT_REFUSED(judged(stamped), expired);
  }
  // Every trusted time counts, not the one that fits.
  Making both = make_message(world, true, Logged::first_generation);
  stamp_it(both, {.time = k_signing_time + 541});
  EXPECT_REFUSED(judged(both), expired);
}

TEST(bundle_judge, nothing_from_the_future_is_believed) {
  World world;
  SigstoreTrust trust = trust_of(world);
  trust.now = k_signing_time - k_clock_tolerance_seconds - 1;
  EXPECT_REFUSED(judge_bundle(make_message(world, true, Logged::first_generation).text(), question(), trust), expired);
  EXPECT_REFUSED(judge_bundle(make_message(world, true, Logged::second_generation).text(), question(), trust), not_timestamped);
  // The services' clocks may be a little ahead.
  trust.now = k_signing_time - k_clock_tolerance_seconds;
  EXPECT_TRUE(judge_bundle(make_message(world, true, Logged::first_generation).text(), question(), trust).verified);
  EXPECT_TRUE(judge_bundle(make_message(world, true, Logged::second_generation).text(), question(), trust).verified);
}

TEST(bundle_judge, CVE_2026_24122_an_issuer_that_had_expired_at_signing_is_refused) {
  World world;
  world.fulcio.issuer = make_certificate(world.fulcio.key,
                                         {.common_name = "fulcio issuer",
                                          .organization = "forge",
                                          .not_after = k_signing_time - 1,
                                          .ca = true,
                                          .key_usage = "critical,keyCertSign",
                                          .extended_key_usage = "codeSigning"},
                                         world.fulcio.root, world.fulcio.root_key);
  const Finding finding = judged(make_message(world, true, Logged::first_generation));
  EXPECT_REFUSED(finding, untrusted_chain);
  EXPECT_THAT(finding.reason, testing::HasSubstr("had expired"));
}

TEST(bundle_judge, GHSA_wqqc_jjcq_vfxm_a_key_with_a_validity_in_the_trust_root_is_held_to_it) {
  World world;
  Making making = make_message(world, false, Logged::first_generation);
  world.second_certificate_log = making.key;
  EXPECT_TRUE(judged(making).verified);
  world.ct_window = window(k_epoch, k_signing_time - 1);
  EXPECT_REFUSED(judged(making), expired);
}

TEST(bundle_judge, certificate_logs_are_counted_by_log) {
  World world;
  Making making = make_message(world, true, Logged::not_at_all);
  const auto with = [&](const std::vector<Key>& logs, std::size_t least) {
    making.certificate = world.certify(making.key, signer_spec(), logs);
    making.bundle.certificates = {making.certificate};
    log_it(making, Logged::first_generation);
    SigstoreTrust trust = trust_of(world);
    trust.min_certificate_transparency = least;
    return judge_bundle(making.text(), question(), trust);
  };
  const Key &one = world.certificate_log, &two = world.second_certificate_log;
  EXPECT_TRUE(with({one}, 1).verified);
  EXPECT_TRUE(with({one, two}, 2).verified);
  EXPECT_REFUSED(with({one, one}, 2), untrusted_chain);
  EXPECT_TRUE(with({Key::ec(), two}, 1).verified) << "a log that is not trusted is passed over";
  EXPECT_REFUSED(with({Key::ec()}, 1), untrusted_chain);
  EXPECT_REFUSED(with({}, 1), untrusted_chain);
  EXPECT_TRUE(with({}, 0).verified);
}

TEST(bundle_judge, promises_may_carry_extensions_and_must_be_about_this_certificate) {
  World world;
  Making making = make_message(world, true, Logged::not_at_all);
  const auto with = [&](const Bytes& extension, int serial) {
    CertificateSpec spec = signer_spec();
    spec.serial = serial;
    spec.extras.push_back({"1.3.6.1.4.1.11129.2.4.2", extension});
    making.certificate = world.fulcio.issue(making.key, spec);
    making.bundle.certificates = {making.certificate};
    log_it(making, Logged::first_generation);
    return judged(making);
  };
  CertificateSpec spec = signer_spec();
  spec.serial = 555;
  const Bytes without = world.fulcio.issue(making.key, spec);
  const Bytes plain = promises(without, world.fulcio.issuer, {world.certificate_log}, k_signing_time - 60);
  const Bytes extended = promises(without, world.fulcio.issuer, {world.certificate_log}, k_signing_time - 60, as_bytes("static"));
  EXPECT_TRUE(with(plain, 555).verified);
  EXPECT_TRUE(with(extended, 555).verified);
  EXPECT_REFUSED(with(plain, 556), untrusted_chain);
  EXPECT_REFUSED(with(promises(without, world.fulcio.root, {world.certificate_log}, k_signing_time - 60), 555), untrusted_chain);
  for (std::size_t length = 0; length < plain.size(); ++length) {
    EXPECT_FALSE(with(Bytes(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(length)), 555).verified);
    if (length > 8) length += 7;
  }
}

TEST(bundle_judge, a_certificate_must_be_for_signing_code_and_for_nothing_above_it) {
  World world;
  std::vector<CertificateSpec> faults(5, signer_spec());
  faults[0].extended_key_usage = "timeStamping";
  faults[1].extended_key_usage = "";
  faults[2].ca = true;
  faults[3].key_usage = "critical,keyAgreement";
  faults[4].extras.push_back({"1.2.3.4", to_bytes("x"), true});
  for (const CertificateSpec& spec : faults) {
    Making making = make_message(world, true, Logged::not_at_all);
    making.certificate = world.certify(making.key, spec, {world.certificate_log});
    making.bundle.certificates = {making.certificate};
    log_it(making, Logged::first_generation);
    EXPECT_REFUSED(judged(making), untrusted_chain);
  }
  World other;
  Making foreign = make_message(other, true, Logged::first_generation);
  foreign.world = &world;
  log_it(foreign, Logged::first_generation);
  EXPECT_REFUSED(judged(foreign), untrusted_chain);
}

TEST(bundle_judge, GHSA_f83f_xpx7_ffpw_identities_fit_whole_or_not_at_all) {
  World world;
  const std::string text = make_message(world, true, Logged::first_generation).text();
  const auto with = [&](TextRule name, TextRule issuer) {
    SigstoreTrust trust = trust_of(world);
    trust.identities = {{.name = std::move(name), .issuer = std::move(issuer)}};
    return judge_bundle(text, question(), trust);
  };
  const TextRule issuer = TextRule::exactly(k_issuer), name = TextRule::exactly(k_signer);
  EXPECT_TRUE(with(name, issuer).verified);
  EXPECT_TRUE(with(*TextRule::pattern("dev@.*"), *TextRule::pattern("https://issuer\\.example")).verified);
  EXPECT_REFUSED(with(TextRule::exactly("dev@project.example2"), issuer), wrong_identity);
  EXPECT_REFUSED(with(TextRule::exactly("DEV@project.example"), issuer), wrong_identity);
  EXPECT_REFUSED(with(name, TextRule::exactly("https://issuer.example/")), wrong_identity);
  EXPECT_REFUSED(with(*TextRule::pattern("project"), issuer), wrong_identity);
  EXPECT_REFUSED(with(name, *TextRule::pattern("https://issuer")), wrong_identity);
  SigstoreTrust trust = trust_of(world);
  trust.identities.front().extensions.emplace("sourceRepositoryURI", TextRule::exactly("https://x"));
  EXPECT_REFUSED(judge_bundle(text, question(), trust), wrong_identity);
}

TEST(bundle_judge, key_and_certificate_are_not_taken_for_one_another) {
  World world;
  const Making keyless = make_message(world, true, Logged::first_generation), keyed = make_message(world, false, Logged::first_generation);
  SigstoreTrust trust = trust_of(world);
  EXPECT_REFUSED(judge_bundle(keyed.text(), question(), trust), wrong_key);
  trust.identities.clear();
  trust.keys = {*PublicKey::from_der(keyless.key.spki())};
  EXPECT_REFUSED(judge_bundle(keyless.text(), question(), trust), wrong_key);
  trust.keys.clear();
  EXPECT_REFUSED(judge_bundle(keyless.text(), question(), trust), wrong_key);
}

TEST(bundle_judge, without_a_trusted_root_no_certificate_is_accepted) {
  World world;
  SigstoreTrust trust = trust_of(world);
  trust.root.reset();
  EXPECT_REFUSED(judge_bundle(make_message(world, true, Logged::first_generation).text(), question(), trust), not_logged);
  trust.min_logs_with_certificate = 0;
  EXPECT_FALSE(judge_bundle(make_message(world, true, Logged::first_generation).text(), question(), trust).verified);
}

TEST(bundle_judge, CVE_2022_36056_even_without_a_trusted_root_an_entry_must_be_about_the_signature) {
  World world;
  Making making = make_message(world, false, Logged::first_generation);
  const SigstoreTrust trust{.keys = {*PublicKey::from_der(making.key.spki())}};
  EXPECT_TRUE(judge_bundle(making.text(), question(), trust).verified);
  making.bundle.entries = make_message(world, false, Logged::first_generation).bundle.entries;
  EXPECT_REFUSED(judge_bundle(making.text(), question(), trust), not_logged);
}

}  // namespace
}  // namespace davit::oci
