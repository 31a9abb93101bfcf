#include "support/forge/forms.hpp"

#include "manifests/encoding.hpp"
#include "manifests/envelope.hpp"
#include "manifests/media_type.hpp"
#include "manifests/statement.hpp"
#include "oci/trust/sigstore/classic_material.hpp"

namespace davit::forge {
namespace {

std::string envelope_text(const Envelope& envelope) {
  return R"({"payloadType":")" + envelope.payload_type + R"(","payload":")" + encode_base64(envelope.payload) +
         R"(","signatures":[{"sig":")" + encode_base64(envelope.signatures.front().signature) + "\"}]}";
}

// What the entry of a log is about: the artifact or the envelope's encoding.
Bytes covered_by(const oci::Bundle& bundle) {
  const auto* envelope = std::get_if<Envelope>(&bundle.content);
  return envelope == nullptr ? to_bytes(std::string_view(k_artifact))
                             : pre_authentication_encoding(envelope->payload_type, envelope->payload);
}

Making begin(World& world, bool keyless) {
  Making making{.world = &world};
  making.bundle.media_type = media_type::k_sigstore_bundle;
  if (keyless) {
    making.certificate = world.certify(making.key);
    making.bundle.material = oci::KeyMaterial::certificate;
    making.bundle.certificates = {making.certificate};
  } else {
    making.bundle.key_hint = encode_base64(hash_of(making.key.spki()));
  }
  return making;
}

std::string body_of(const Making& making, const std::string& kind) {
  const auto* envelope = std::get_if<Envelope>(&making.bundle.content);
  if (envelope == nullptr)
    return hashedrekord(hash_of(as_bytes(k_artifact)), std::get<oci::MessageSignature>(making.bundle.content).signature,
                        making.signer_pem());
  const Bytes& signature = envelope->signatures.front().signature;
  if (kind == "intoto") return intoto(envelope->payload_type, envelope->payload, signature, making.signer_pem());
  return dsse(envelope_text(*envelope), envelope->payload, signature, making.signer_pem());
}

}  // namespace

Bytes& Making::signature() {
  if (auto* envelope = std::get_if<Envelope>(&bundle.content)) return envelope->signatures.front().signature;
  return std::get<oci::MessageSignature>(bundle.content).signature;
}

std::string Making::signer_pem() const { return certificate.empty() ? key.public_pem() : pem("CERTIFICATE", certificate); }

void log_it(Making& making, Logged logged, const std::string& kind) {
  making.bundle.entries.clear();
  if (logged == Logged::second_generation) {
    const bool by_certificate = !making.certificate.empty();
    const std::string body = hashedrekord_2(hash_of(covered_by(making.bundle)), making.signature(),
                                            by_certificate ? making.certificate : making.key.spki(), by_certificate);
    making.bundle.entries.push_back(making.world->tiles.add("hashedrekord", "0.0.2", as_bytes(body)));
  } else if (logged == Logged::first_generation) {
    const bool statement = std::holds_alternative<Envelope>(making.bundle.content);
    const std::string body = body_of(making, kind);
    making.bundle.entries.push_back(
        making.world->rekor.add(statement ? kind : "hashedrekord", statement && kind == "intoto" ? "0.0.2" : "0.0.1", as_bytes(body)));
  }
}

void stamp_it(Making& making, const TimestampSpec& spec) { making.bundle.timestamps = {making.world->tsa.stamp(making.signature(), spec)}; }

Making make_message(World& world, bool keyless, Logged logged) {
  Making making = begin(world, keyless);
  making.bundle.content = oci::MessageSignature{.message_digest = davit::digest_of(std::string_view(k_artifact)),
                                                .signature = making.key.sign(as_bytes(k_artifact))};
  log_it(making, logged);
  if (logged == Logged::second_generation) stamp_it(making);
  return making;
}

std::string statement(const std::string& predicate_type, const std::string& subject_hex) {
  return R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"artifact","digest":{"sha256":")" + subject_hex +
         R"("}}],"predicateType":")" + predicate_type + R"(","predicate":{"made":"by hand"}})";
}

Making make_statement(World& world, bool keyless, Logged logged, const std::string& predicate_type, const std::string& subject) {
  Making making = begin(world, keyless);
  const std::string hex = subject.empty() ? encode_hex(hash_of(as_bytes(k_artifact))) : subject;
  Envelope envelope{
      .payload_type = std::string(k_statement_payload_type), .payload = to_bytes(statement(predicate_type, hex)), .signatures = {}};
  envelope.signatures.push_back({.signature = making.key.sign(pre_authentication_encoding(envelope.payload_type, envelope.payload))});
  making.bundle.content = std::move(envelope);
  log_it(making, logged);
  if (logged == Logged::second_generation) stamp_it(making);
  return making;
}

std::string simple_signing(const std::string& digest) {
  return R"({"critical":{"identity":{"docker-reference":"registry.example/app"},"image":{"docker-manifest-digest":")" + digest +
         R"("},"type":"cosign container image signature"},"optional":null})";
}

oci::ClassicEntry entry_of(const ClassicMaking& making) {
  oci::ClassicEntry entry = making.entry;
  entry.payload = as_bytes(making.payload);
  return entry;
}

ClassicMaking make_classic(World& world, bool keyless, bool logged) {
  ClassicMaking making{.world = &world};
  making.payload = simple_signing(davit::digest_of(std::string_view(k_artifact)).text());
  making.signature = making.key.sign(as_bytes(making.payload));
  making.entry.signature = encode_base64(making.signature);
  std::string signer = making.key.public_pem();
  if (keyless) {
    making.certificate = world.certify(making.key);
    signer = pem("CERTIFICATE", making.certificate);
    making.entry.certificate = signer;
    making.entry.chain = pem("CERTIFICATE", world.fulcio.issuer) + pem("CERTIFICATE", world.fulcio.root);
  }
  if (!logged) return making;
  const std::string body = hashedrekord(hash_of(as_bytes(making.payload)), making.signature, signer);
  making.entry.bundle = oci::write_classic_bundle(world.rekor.add("", "", as_bytes(body)));
  making.entry.timestamp = oci::write_classic_timestamp(world.tsa.stamp(making.signature));
  return making;
}

ClassicMaking make_classic_attestation(World& world, bool keyless, const std::string& kind) {
  ClassicMaking making{.world = &world};
  Envelope envelope{.payload_type = std::string(k_statement_payload_type),
                    .payload = to_bytes(statement(k_predicate, encode_hex(hash_of(as_bytes(k_artifact))))),
                    .signatures = {}};
  making.signature = making.key.sign(pre_authentication_encoding(envelope.payload_type, envelope.payload));
  envelope.signatures.push_back({.signature = making.signature});
  making.payload = envelope_text(envelope);
  making.entry.attestation = true;
  std::string signer = making.key.public_pem();
  if (keyless) {
    making.certificate = world.certify(making.key);
    signer = pem("CERTIFICATE", making.certificate);
    making.entry.certificate = signer;
  }
  const std::string body = kind == "intoto_1" ? intoto_1(making.payload, envelope.payload, signer)
                           : kind == "intoto" ? intoto(envelope.payload_type, envelope.payload, making.signature, signer)
                                              : dsse(making.payload, envelope.payload, making.signature, signer);
  making.entry.bundle = oci::write_classic_bundle(world.rekor.add("", "", as_bytes(body)));
  making.entry.timestamp = oci::write_classic_timestamp(world.tsa.stamp(as_bytes(making.payload)));
  return making;
}

oci::SigstoreTrust trust_of(const World& world) {
  auto root = oci::TrustedRoot::parse(world.trusted_root());
  CHECK(root.has_value());
  oci::SigstoreTrust trust{.now = k_epoch + k_year};
  trust.root = std::make_shared<const oci::TrustedRoot>(*std::move(root));
  trust.identities.push_back({.name = oci::TextRule::exactly(k_signer), .issuer = oci::TextRule::exactly(k_issuer)});
  return trust;
}

oci::Question question(const std::string& predicate_type) {
  oci::Question out = oci::signature_question(davit::digest_of(std::string_view(k_artifact)), true);
  out.artifact.message = oci::message_of(as_bytes(k_artifact));
  out.predicate_type = predicate_type;
  return out;
}

}  // namespace davit::forge
