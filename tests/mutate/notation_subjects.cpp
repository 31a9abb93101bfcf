// Envelopes of the Notary Project in both forms, with and without a timestamp, and the root of a TUF repository.
#include <memory>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "mutate/engine.hpp"
#include "oci/trust/key_forms.hpp"
#include "oci/trust/notation/cbor.hpp"
#include "oci/trust/notation/envelope.hpp"
#include "oci/trust/notation/judge.hpp"
#include "oci/trust/notation/sign.hpp"
#include "oci/trust/tuf/canonical_json.hpp"
#include "oci/trust/tuf/trusted_metadata.hpp"
#include "support/forge/sigstore.hpp"

namespace davit::mutate {
namespace {

using forge::k_epoch;
using forge::k_year;

constexpr std::int64_t k_now = k_epoch + 1000;

// A signer below a root, and an authority for timestamps.
struct NotationStage {
  forge::Key root_key = forge::Key::ec(), key = forge::Key::ec();
  oci::Certificate root = *oci::Certificate::parse(forge::make_certificate(
      root_key, {.common_name = "root", .ca = true, .key_usage = "critical,keyCertSign", .extended_key_usage = ""}, {}, root_key));
  oci::Certificate leaf = *oci::Certificate::parse(forge::make_certificate(key, {.common_name = "signer"}, root.der(), root_key));
  oci::PrivateKey private_key = *oci::open_key_file(key.private_pem(), [] { return oci::SecretBytes(); });
  forge::TimestampAuthority authority{"stamps"};

  [[nodiscard]] std::string sign(oci::SignatureFormat format, bool stamped) const {
    oci::NotationSigning signing{.format = format, .chain = {leaf, root}, .time = k_now, .expiry = k_now + k_year};
    if (stamped) {
      signing.timestamp = [this](ByteView signature) -> Result<Bytes> {
        forge::TimestampSpec spec;
        spec.time = k_now;
        spec.bag = {authority.certificate, authority.authority.issuer};
        return authority.stamp(signature, spec);
      };
    }
    const oci::NotationTarget target{.media_type = "m", .digest = digest_of("a").text(), .size = 1, .annotations = {{"stage", "prod"}}};
    return std::string(as_text(*oci::sign_notation(target, private_key, signing)));
  }
  [[nodiscard]] oci::NotationTrust trust(bool stamped) const {
    oci::NotationTrust trust = oci::trust_in_chain({root}, {});
    trust.required_metadata = {{"stage", "prod"}};
    if (stamped) trust.timestamp_authorities = {*oci::Certificate::parse(authority.authority.root)};
    trust.names_timestamp_store = stamped;
    return trust;
  }
};

oci::Finding judge(std::string_view envelope, oci::SignatureFormat format, const oci::NotationTrust& trust) {
  const oci::ArtifactView artifact{.digest = digest_of("a"), .size = 1, .media_type = "m", .message = oci::message_of(as_bytes("a"))};
  return oci::judge_notation(as_bytes(envelope), oci::media_type_of(format), artifact, trust, k_now + 10);
}

Subject envelope_subject(const std::string& name, const std::shared_ptr<const NotationStage>& stage, oci::SignatureFormat format,
                         bool stamped) {
  const oci::NotationTrust trust = stage->trust(stamped);
  return {name, {{"envelope", stage->sign(format, stamped)}}, [stage, format, trust](const std::vector<std::string>& parts) {
            return judge(parts[0], format, trust);
          }};
}

// A COSE message taken apart, so that each of its fields is changed by itself and put together again.
Subject cose_fields_subject(const std::shared_ptr<const NotationStage>& stage) {
  const auto content = *oci::parse_cose(as_bytes(stage->sign(oci::SignatureFormat::notation_cose, false)));
  const oci::NotationDraft draft = oci::draft_cose(content);
  const auto text = [](const Bytes& bytes) { return std::string(as_text(bytes)); };
  return {"notation COSE, by fields",
          {{"protected", text(draft.header)},
           {"payload", text(content.payload)},
           {"signature", text(content.signature)},
           {"leaf", text(content.certificates[0])},
           {"root", text(content.certificates[1])}},
          [stage, trust = stage->trust(false)](const std::vector<std::string>& parts) {
            oci::NotationContent changed{
                .certificates = {to_bytes(parts[3]), to_bytes(parts[4])}, .payload = to_bytes(parts[1]), .signature = to_bytes(parts[2])};
            const Bytes whole = oci::finish_cose({.header = to_bytes(parts[0])}, changed);
            return judge(as_text(whole), oci::SignatureFormat::notation_cose, trust);
          }};
}

// A root that two of three keys signed, so that no signature can be missed.
Subject tuf_subject() {
  std::vector<oci::PrivateKey> keys;
  JsonObject key_list;
  JsonArray ids;
  for (int i = 0; i < 2; ++i) {
    keys.push_back(*oci::PrivateKey::generate(oci::KeyKind::ecdsa_p256));
    const Json key = JsonObject{
        {"keytype", "ecdsa"}, {"scheme", "ecdsa-sha2-nistp256"}, {"keyval", JsonObject{{"public", keys.back().public_key().pem()}}}};
    const std::string id = digest_of(*oci::write_canonical(key)).hex();
    key_list.set(id, key);
    ids.emplace_back(id);
  }
  const Json role = JsonObject{{"keyids", ids}, {"threshold", 2}};
  const Json body = JsonObject{{"_type", "root"},
                               {"spec_version", "1.0.31"},
                               {"version", 1},
                               {"expires", "2030-01-01T00:00:00Z"},
                               {"consistent_snapshot", true},
                               {"keys", std::move(key_list)},
                               {"roles", JsonObject{{"root", role}, {"timestamp", role}, {"snapshot", role}, {"targets", role}}}};
  const Bytes canonical = *oci::write_canonical(body);
  JsonArray signatures;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string signature = encode_hex(*keys[i].sign(oci::SignatureScheme::ecdsa_sha256, oci::message_of(canonical)));
    signatures.emplace_back(JsonObject{{"keyid", ids[i]}, {"sig", signature}});
  }
  const std::string text = write_json(JsonObject{{"signed", body}, {"signatures", std::move(signatures)}});
  return {"TUF root", {{"metadata", text}}, [](const std::vector<std::string>& parts) {
            return oci::Finding{.verified = oci::TrustedMetadata::begin(parts[0], k_now).has_value()};
          }};
}

std::vector<Subject> make_subjects() {
  const auto stage = std::make_shared<const NotationStage>();
  constexpr auto jws = oci::SignatureFormat::notation_jws;
  constexpr auto cose = oci::SignatureFormat::notation_cose;
  return {envelope_subject("notation JWS", stage, jws, false),
          envelope_subject("notation JWS, stamped", stage, jws, true),
          envelope_subject("notation COSE", stage, cose, false),
          envelope_subject("notation COSE, stamped", stage, cose, true),
          cose_fields_subject(stage),
          tuf_subject()};
}

bool is_tuf(const Subject& subject) { return subject.name.starts_with("TUF"); }

std::vector<AcceptedClass> make_classes() {
  return {{"bag order", "the certificates beside a timestamp are an unsigned set, which has no order",
           [](const Subject& subject, const Mutation& one) {
             return subject.name == "notation JWS, stamped" && one.place.ends_with("timestampSignature>") && one.how == "der-swap";
           }},
          {"canonical", "the signatures of TUF are over a form in which members have no order",
           [](const Subject& subject, const Mutation& one) { return is_tuf(subject) && one.how == "reorder"; }},
          {"signature list", "the order of signatures, or one that stands there twice, changes nothing",
           [](const Subject& subject, const Mutation& one) {
             return is_tuf(subject) && one.place.starts_with("/signatures") && (one.how == "duplicate" || one.how == "swap");
           }}};
}

const Registration registered(make_subjects, make_classes);

}  // namespace
}  // namespace davit::mutate
