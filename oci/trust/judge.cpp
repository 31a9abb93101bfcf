#include "oci/trust/judge.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/statement.hpp"
#include "oci/trust/bundle.hpp"
#include "oci/trust/sigstore/authority_examination.hpp"
#include "oci/trust/sigstore/classic_material.hpp"
#include "oci/trust/sigstore/evidence.hpp"
#include "oci/trust/sigstore/signer_identity.hpp"

namespace davit::oci {
namespace {

// Judges one candidate of either form, step by step; the first objection is the reason.
class Candidate {
 public:
  Candidate(SignatureFormat format, const Question& question, const SigstoreTrust& trust) : question_(question), trust_(trust) {
    finding_.format = format;
  }
  Finding judge_bundle(std::string_view text);
  Finding judge_classic(const ClassicEntry& entry);

 private:
  Objection look_at_bundle(std::string_view text);
  Objection look_at_classic(const ClassicEntry& entry);
  Objection look_at_classic_signature(const ClassicEntry& entry, SignedThing thing, const ClassicMaterial& evidence);
  Objection look_at_message(const MessageSignature& message) const;
  Objection with_certificate(SignedThing thing, const std::vector<Certificate>& chain, const Evidence& evidence);
  Objection with_key(SignedThing thing, const Evidence& evidence, const std::string& hint);
  Objection look_at_statement(const Envelope& envelope);
  Objection look_at_type(const std::string& type);
  Objection look_at_payload(ByteView payload);
  [[nodiscard]] Objection no_identity() const;
  Finding close(Objection objection);

  const Question& question_;
  const SigstoreTrust& trust_;
  Finding finding_{};
  std::string accepted_{};
};

Refused refuse(Refusal why, std::string reason) { return {.refusal = why, .reason = std::move(reason)}; }

Refused unreadable(std::string_view what, const Error& error) {
  Refused out = objection_of(error, Refusal::malformed);
  out.reason = std::string(what) + " cannot be read: " + out.reason;
  return out;
}

Finding Candidate::close(Objection objection) {
  finding_.verified = !objection;
  finding_.refusal = objection ? objection->refusal : Refusal::none;
  finding_.reason = objection ? std::move(objection->reason) : accepted_;
  if (objection) {
    finding_.statement.reset();
    finding_.signer.clear();
  }
  return std::move(finding_);
}

Objection Candidate::no_identity() const {
  return refuse(Refusal::wrong_key, trust_.keys.empty() ? "signed with a certificate, and no identity was given"
                                                        : "signed with a certificate, and a key was given");
}

Objection Candidate::with_certificate(SignedThing thing, const std::vector<Certificate>& chain, const Evidence& evidence) {
  const Certificate& leaf = chain.front();
  auto identity = read_identity(leaf);
  if (!identity) return objection_of(identity.error(), Refusal::malformed);
  finding_.certificate = *identity;
  if (trust_.identities.empty()) return no_identity();
  const AuthorityExamination beside(leaf, trust_);
  const auto key = leaf.public_key();
  if (!key) return objection_of(key.error(), Refusal::unsupported);
  if (!key->verifies(thing.message, thing.signature)) return refuse(Refusal::bad_signature, "the signature does not fit the signed bytes");
  thing.leaf = &leaf;
  if (auto no = judge_evidence(thing, evidence, trust_, finding_)) return no;
  accepted_ = "signed by the certificate of " + printable(identity->name) + ", as " + printable(identity->issuer) + " says";
  return judge_identity(*identity, trust_, finding_);
}

Objection Candidate::with_key(SignedThing thing, const Evidence& evidence, const std::string& hint) {
  if (trust_.keys.empty()) return refuse(Refusal::wrong_key, "signed with a key, and none was given");
  const auto found = std::ranges::find_if(trust_.keys, [&](const PublicKey& key) { return key.verifies(thing.message, thing.signature); });
  if (found == trust_.keys.end()) {
    // Hints are not signed; they only make the refusal more helpful.
    if (std::ranges::any_of(trust_.keys, [&](const PublicKey& key) { return key.hint() == hint; }))
      return refuse(Refusal::bad_signature, "the signature does not fit the signed bytes");
    return refuse(Refusal::wrong_key, hint.empty() ? "not signed with a given key" : "signed with another key, " + printable(hint));
  }
  thing.key = &*found;
  finding_.signer = found->name();
  accepted_ = "signed with the given key";
  return judge_evidence(thing, evidence, trust_, finding_);
}

Objection Candidate::look_at_type(const std::string& type) {
  finding_.predicate_type = type;
  if (question_.any_predicate) return {};
  const bool signature = question_.predicate_type.empty();
  if (type == (signature ? k_signature_predicate : std::string_view(question_.predicate_type))) return {};
  std::string reason = signature ? "this is an attestation of type \"" + printable(type) + "\", not a signature"
                                 : "this is an attestation of type \"" + printable(type) + "\", and \"" +
                                       printable(question_.predicate_type) + "\" is asked for";
  if (!question_.lax_type) return refuse(Refusal::wrong_type, std::move(reason));
  finding_.warnings.push_back(std::move(reason));
  return {};
}

Objection Candidate::look_at_statement(const Envelope& envelope) {
  if (envelope.payload_type != k_statement_payload_type) {
    return refuse(Refusal::wrong_type, "the signed payload is \"" + printable(envelope.payload_type) + "\", expected \"" +
                                           std::string(k_statement_payload_type) + "\"");
  }
  const auto statement = parse_statement(as_text(envelope.payload));
  if (!statement) return unreadable("the signed statement", statement.error());
  if (!statement->is_about(question_.artifact.digest))
    return refuse(Refusal::wrong_subject, "the signed statement is about something else");
  finding_.statement = envelope.payload;
  return look_at_type(statement->predicate_type);
}

Objection Candidate::look_at_message(const MessageSignature& message) const {
  const ArtifactView& artifact = question_.artifact;
  if (!artifact.is_file) return refuse(Refusal::wrong_type, "the bundle holds a file's signature where a statement is needed");
  if (!question_.predicate_type.empty() && !question_.any_predicate && !question_.lax_type)
    return refuse(Refusal::wrong_type,
                  "this is a signature, and an attestation of type \"" + printable(question_.predicate_type) + "\" is asked for");
  const bool sha256 = message.message_digest && message.message_digest->algorithm() == DigestAlgorithm::sha256;
  if (sha256 && *message.message_digest != artifact.digest) return refuse(Refusal::wrong_subject, "the bundle is about another file");
  if (message.message_digest && !sha256) {
    const auto sha512 = sha512_of(artifact.message);
    if (!sha512) return refuse(Refusal::unsupported, "the bundle names the file by SHA-512, and only its SHA-256 is known");
    if (message.message_digest->raw() != Bytes(sha512->begin(), sha512->end()))
      return refuse(Refusal::wrong_subject, "the bundle is about another file");
  }
  if (message.message_sha384 && message.message_sha384 != sha384_of(artifact.message))
    return refuse(Refusal::wrong_subject, "the bundle is about another file, or one of which only the SHA-256 is known");
  return {};
}

Objection Candidate::look_at_bundle(std::string_view text) {
  const auto bundle = parse_bundle(text);
  if (!bundle) return unreadable("the bundle", bundle.error());
  const auto* envelope = std::get_if<Envelope>(&bundle->content);
  SignedThing thing{.message = question_.artifact.message, .envelope = envelope};
  Bytes covered;
  if (envelope != nullptr) {
    covered = pre_authentication_encoding(envelope->payload_type, envelope->payload);
    thing.message = message_of(covered);
    thing.signature = envelope->signatures.front().signature;
  } else {
    const auto& message = std::get<MessageSignature>(bundle->content);
    if (auto no = look_at_message(message)) return no;
    thing.signature = message.signature;
  }
  thing.stamped = thing.signature;
  std::vector<Certificate> chain;
  for (const Bytes& der : bundle->certificates) {
    auto certificate = Certificate::parse(der);
    if (!certificate && trust_.identities.empty()) return no_identity();
    if (!certificate) return unreadable("a certificate of the bundle", certificate.error());
    if (certificate->is_self_signed())
      return refuse(Refusal::malformed, "the bundle holds a root certificate, which must come from the trusted root");
    chain.push_back(*std::move(certificate));
  }
  Evidence evidence{.entries = bundle->entries, .timestamps = bundle->timestamps};
  if (!chain.empty()) evidence.intermediates = std::span(chain).subspan(1);
  if (auto no = bundle->material == KeyMaterial::certificate ? with_certificate(thing, chain, evidence)
                                                             : with_key(thing, evidence, bundle->key_hint))
    return no;
  return envelope != nullptr ? look_at_statement(*envelope) : Objection();
}

// The claims of a payload whose signature was accepted.
Result<std::string> check_simple_signing(ByteView payload, const Digest& digest) {
  TRY_ASSIGN(const Json json, parse_json(as_text(payload), JsonLimits{.size_bytes = k_max_payload_bytes, .depth = 16}));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView critical, view.field("critical"));
  TRY_ASSIGN(const JsonView type_field, critical.field("type"));
  TRY_ASSIGN(const std::string type, type_field.as_string());
  if (type != k_simple_signing_type) return type_field.complaint("expected \"" + std::string(k_simple_signing_type) + "\"");
  TRY_ASSIGN(const JsonView image, critical.field("image"));
  TRY_ASSIGN(const JsonView named_field, image.field("docker-manifest-digest"));
  TRY_ASSIGN(const std::string named, named_field.as_string());
  if (named != digest.text()) return fail(ErrorCode::untrusted, "the signed payload is about something else");
  TRY_ASSIGN(const JsonView identity, critical.field("identity"));
  TRY_ASSIGN(const JsonView reference, identity.field("docker-reference"));
  return reference.as_string();
}

Objection Candidate::look_at_payload(ByteView payload) {
  if (!question_.predicate_type.empty() && !question_.any_predicate)
    return refuse(Refusal::wrong_type,
                  "this is a signature, and an attestation of type \"" + printable(question_.predicate_type) + "\" is asked for");
  auto identity = check_simple_signing(payload, question_.artifact.digest);
  if (!identity) return objection_of(identity.error(), Refusal::wrong_subject);
  finding_.identity = printable(*identity);
  return {};
}

Objection Candidate::look_at_classic_signature(const ClassicEntry& entry, SignedThing thing, const ClassicMaterial& evidence) {
  const Evidence beside{
      .entries = evidence.entries,
      .timestamps = evidence.timestamps,
      .intermediates = evidence.certificates.empty() ? std::span<const Certificate>() : std::span(evidence.certificates).subspan(1)};
  const bool by_key = std::ranges::any_of(trust_.keys, [&](const PublicKey& key) { return key.verifies(thing.message, thing.signature); });
  const bool by_certificate = !by_key && !entry.certificate.empty() && (!trust_.identities.empty() || trust_.keys.empty());
  return by_certificate ? with_certificate(thing, evidence.certificates, beside) : with_key(thing, beside, "");
}

Objection Candidate::look_at_classic(const ClassicEntry& entry) {
  const auto raw = decode_base64(entry.signature);
  if (!raw) return refuse(Refusal::malformed, "its signature is not base64");
  if (entry.attestation != raw->empty())
    return refuse(Refusal::wrong_type,
                  entry.attestation ? "this is a signature, not an attestation" : "this is an attestation, not a signature");
  const auto evidence = parse_classic_material(entry);
  if (!evidence) return unreadable("an annotation", evidence.error());
  if (!entry.attestation) {
    const SignedThing thing{.message = message_of(entry.payload), .signature = *raw, .stamped = *raw};
    if (auto no = look_at_classic_signature(entry, thing, *evidence)) return no;
    return look_at_payload(entry.payload);
  }
  const auto json = parse_json(as_text(entry.payload), JsonLimits{.size_bytes = k_max_attestation_bytes, .depth = 32});
  if (!json) return unreadable("the envelope", json.error());
  const auto envelope = parse_envelope(JsonView(*json));
  if (!envelope) return unreadable("the envelope", envelope.error());
  if (envelope->signatures.size() != 1)
    return refuse(Refusal::unsupported, "the envelope holds " + std::to_string(envelope->signatures.size()) + " signatures, expected one");
  const Bytes covered = pre_authentication_encoding(envelope->payload_type, envelope->payload);
  const SignedThing thing{.message = message_of(covered),
                          .signature = envelope->signatures.front().signature,
                          .stamped = entry.payload,
                          .envelope = &*envelope,
                          .envelope_bytes = entry.payload};
  if (auto no = look_at_classic_signature(entry, thing, *evidence)) return no;
  return look_at_statement(*envelope);
}

Finding Candidate::judge_bundle(std::string_view text) { return close(look_at_bundle(text)); }
Finding Candidate::judge_classic(const ClassicEntry& entry) { return close(look_at_classic(entry)); }

}  // namespace

Question signature_question(const Digest& sha256, bool is_file) {
  return {.artifact = {.digest = sha256, .message = {.sha256 = sha256}, .is_file = is_file}};
}

Finding judge_bundle(std::string_view text, const Question& question, const SigstoreTrust& trust) {
  return Candidate(SignatureFormat::bundle, question, trust).judge_bundle(text);
}

Finding judge_classic(const ClassicEntry& entry, const Question& question, const SigstoreTrust& trust) {
  return Candidate(SignatureFormat::classic, question, trust).judge_classic(entry);
}

}  // namespace davit::oci
