#include "oci/trust/sigstore/witnessed_signer.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/trust/sigstore/classic_material.hpp"
#include "oci/trust/sigstore/evidence.hpp"
#include "oci/trust/sigstore/signer_identity.hpp"

namespace davit::oci {
namespace {

Bytes encoding_of(const Envelope& envelope) { return pre_authentication_encoding(envelope.payload_type, envelope.payload); }

}  // namespace

Result<std::unique_ptr<WitnessedSigner>> WitnessedSigner::with_key(Transport& transport, const SigningKey& key, WitnessOptions options) {
  if (options.root == nullptr)
    return fail(ErrorCode::usage, "no trusted root was given to check the logs' answers by").hinting("add --trusted-root FILE");
  std::unique_ptr<WitnessedSigner> signer(new WitnessedSigner(transport, std::move(options)));
  signer->key_ = &key;
  signer->name_ = key.public_key().name();
  return signer;
}

Result<std::unique_ptr<WitnessedSigner>> WitnessedSigner::keyless(Transport& transport, const IdToken& token, WitnessOptions options) {
  if (options.root == nullptr)
    return fail(ErrorCode::usage, "no trusted root was given to check the services' answers by").hinting("add --trusted-root FILE");
  if (options.services.authority.empty())
    return fail(ErrorCode::usage, "no certificate authority was named").hinting("add --signing-config FILE or --fulcio-url URL");
  std::unique_ptr<WitnessedSigner> signer(new WitnessedSigner(transport, std::move(options)));
  TRY_ASSIGN(PrivateKey key, PrivateKey::generate(KeyKind::ecdsa_p256));
  signer->own_key_ = std::make_unique<PrivateKey>(std::move(key));
  signer->key_ = signer->own_key_.get();
  TRY_ASSIGN(signer->chain_, request_certificate(transport, signer->options_.services.authority, token, *signer->key_));
  TRY_ASSIGN(const CertificateIdentity identity, read_identity(signer->chain_.front()));
  signer->name_ = printable(identity.name);
  return signer;
}

SignedThing WitnessedSigner::thing_of(const SignedMessageView& message, ByteView signature) const {
  return {.message = message,
          .signature = signature,
          .stamped = signature,
          .leaf = chain_.empty() ? nullptr : &chain_.front(),
          .key = chain_.empty() ? &key_->public_key() : nullptr};
}

Bundle WitnessedSigner::begin() const {
  Bundle bundle{.media_type = std::string(media_type::k_sigstore_bundle), .content = MessageSignature{}};
  if (chain_.empty()) {
    bundle.key_hint = key_->public_key().hint();
  } else {
    bundle.material = KeyMaterial::certificate;
    bundle.certificates = {chain_.front().der()};
  }
  return bundle;
}

Result<Bytes> WitnessedSigner::sign(const SignedMessageView& message) const {
  return key_->sign(classic_scheme(key_->public_key().kind()), message);
}

// As a stranger would, who trusts exactly this signer and asks for every witness that was called.
Result<void> WitnessedSigner::check_own(const Bundle& bundle, const SignedThing& thing) const {
  const SigstoreTrust trust{.root = options_.root,
                            .min_logs_with_key = bundle.entries.empty() ? std::size_t{0} : std::size_t{1},
                            .min_logs_with_certificate = bundle.entries.empty() ? std::size_t{0} : std::size_t{1},
                            .min_timestamps = bundle.timestamps.empty() ? std::size_t{0} : std::size_t{1},
                            .now = options_.now()};
  Finding finding;
  const auto objection = judge_evidence(thing, {.entries = bundle.entries, .timestamps = bundle.timestamps}, trust, finding);
  if (!objection) return {};
  return fail(ErrorCode::untrusted, "the signature was made and would be refused, so it is not published: " + objection->reason)
      .hinting("does the trusted root belong to these services?");
}

Result<Bundle> WitnessedSigner::witness(Bundle bundle, const SignedThing& thing) const {
  for (const Service& log : options_.services.logs) {
    TRY_ASSIGN(LogEntry entry, submit_to_log(*transport_, log, thing));
    bundle.entries.push_back(std::move(entry));
  }
  for (const std::string& authority : options_.services.timestamp_authorities) {
    TRY_ASSIGN(Bytes timestamp, request_timestamp(*transport_, authority, thing.stamped));
    bundle.timestamps.push_back(std::move(timestamp));
  }
  TRY(check_own(bundle, thing));
  return bundle;
}

Result<Bundle> WitnessedSigner::sign_envelope(Envelope envelope) const {
  const Bytes covered = encoding_of(envelope);
  const SignedMessageView message = message_of(covered);
  TRY_ASSIGN(const Bytes signature, sign(message));
  envelope.signatures.push_back({.signature = signature});
  SignedThing thing = thing_of(message, signature);
  thing.envelope = &envelope;
  Bundle bundle = begin();
  bundle.content = envelope;
  return witness(std::move(bundle), thing);
}

Result<Bundle> WitnessedSigner::sign_file(const SignedMessageView& file) const {
  TRY_ASSIGN(const Bytes signature, sign(file));
  Bundle bundle = begin();
  bundle.content = MessageSignature{.message_digest = file.sha256, .signature = signature};
  return witness(std::move(bundle), thing_of(file, signature));
}

Result<ClassicSignature> WitnessedSigner::sign_payload(ByteView payload) const {
  const SignedMessageView message = message_of(payload);
  TRY_ASSIGN(ClassicSignature out, [&]() -> Result<ClassicSignature> {
    TRY_ASSIGN(Bytes signature, sign(message));
    return ClassicSignature{.signature = std::move(signature)};
  }());
  TRY_ASSIGN(const Bundle bundle, witness(begin(), thing_of(message, out.signature)));
  TRY_ASSIGN(out.evidence, evidence_of(bundle));
  return out;
}

Result<ClassicEvidence> WitnessedSigner::evidence_of(const Bundle& bundle) const {
  ClassicEvidence out;
  if (!chain_.empty()) {
    out.certificate = chain_.front().pem();
    for (const Certificate& one : std::span(chain_).subspan(1)) out.chain += one.pem();
  }
  // The classic form knows promises only.
  const auto promised = std::ranges::find_if(bundle.entries, [](const LogEntry& entry) { return !entry.promise.empty(); });
  if (promised == bundle.entries.end() && !bundle.entries.empty()) {
    return fail(ErrorCode::unsupported, "the classic form cannot hold an entry of this generation of logs")
        .hinting("choose the form bundle, or name a log of the first generation");
  }
  if (promised != bundle.entries.end()) out.bundle = write_classic_bundle(*promised);
  if (bundle.timestamps.empty()) return out;
  const auto* envelope = std::get_if<Envelope>(&bundle.content);
  if (envelope == nullptr) {
    out.timestamp = write_classic_timestamp(bundle.timestamps.front());
    return out;
  }
  // Of an attestation the classic form stamps the whole envelope as it is stored.
  const std::string stored = write_json(davit::to_json(*envelope));
  TRY_ASSIGN(const Bytes timestamp, request_timestamp(*transport_, options_.services.timestamp_authorities.front(), as_bytes(stored)));
  out.timestamp = write_classic_timestamp(timestamp);
  return out;
}

}  // namespace davit::oci
