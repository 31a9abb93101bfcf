#include "oci/trust/judge.hpp"

#include <algorithm>
#include <span>

#include "manifests/encoding.hpp"
#include "manifests/statement.hpp"
#include "oci/trust/bundle.hpp"

namespace davit::oci {
namespace {

Finding refused(SignatureFormat format, Refusal why, std::string reason) {
  return Finding{.format = format, .refusal = why, .reason = std::move(reason)};
}

Refusal refusal_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::unsupported: return Refusal::unsupported;
    case ErrorCode::limit: return Refusal::over_limit;
    case ErrorCode::untrusted: return Refusal::wrong_subject;
    default: return Refusal::malformed;
  }
}

Finding accepted(SignatureFormat format, const PublicKey& key) {
  return Finding{.format = format, .verified = true, .signer = key.name(), .reason = "signed with the given key"};
}

const PublicKey* find_signer(std::span<const PublicKey> keys, const SignedMessageView& message, ByteView signature) {
  const auto found = std::ranges::find_if(keys, [&](const PublicKey& key) { return key.verifies(message, signature); });
  return found == keys.end() ? nullptr : &*found;
}

// Hints are not signed; they only make the refusal more helpful.
Finding no_signer(SignatureFormat format, const std::string& hint, std::span<const PublicKey> keys) {
  const bool ours = std::ranges::any_of(keys, [&](const PublicKey& key) { return key.hint() == hint; });
  if (ours) return refused(format, Refusal::bad_signature, "the signature does not fit the signed bytes");
  return refused(format, Refusal::wrong_key, hint.empty() ? "not signed with a given key" : "signed with another key, " + printable(hint));
}

Finding judge_statement(const Envelope& envelope, const Bundle& bundle, const Digest& digest, std::span<const PublicKey> keys) {
  constexpr auto k_format = SignatureFormat::bundle;
  const Bytes covered = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  const PublicKey* signer = find_signer(keys, message_of(covered), envelope.signatures.front().signature);
  if (signer == nullptr) return no_signer(k_format, bundle.key_hint, keys);
  if (envelope.payload_type != k_statement_payload_type) {
    return refused(
        k_format, Refusal::wrong_type,
        "the signed payload is \"" + printable(envelope.payload_type) + "\", expected \"" + std::string(k_statement_payload_type) + "\"");
  }
  const auto statement = parse_statement(as_text(envelope.payload));
  if (!statement) return refused(k_format, Refusal::malformed, "the signed statement cannot be read: " + statement.error().message);
  if (!statement->is_about(digest)) return refused(k_format, Refusal::wrong_subject, "the signed statement is about something else");
  if (statement->predicate_type != k_signature_predicate) {
    return refused(k_format, Refusal::wrong_type,
                   "this is an attestation of type \"" + printable(statement->predicate_type) + "\", not a signature");
  }
  return accepted(k_format, *signer);
}

Finding judge_message(const MessageSignature& message, const Bundle& bundle, const Digest& digest, std::span<const PublicKey> keys) {
  constexpr auto k_format = SignatureFormat::bundle;
  if (message.message_digest && *message.message_digest != digest)
    return refused(k_format, Refusal::wrong_subject, "the bundle is about another file");
  const PublicKey* signer = find_signer(keys, SignedMessageView{.sha256 = digest}, message.signature);
  return signer == nullptr ? no_signer(k_format, bundle.key_hint, keys) : accepted(k_format, *signer);
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

}  // namespace

Question signature_question(const Digest& sha256, bool is_file) {
  return {.artifact = {.digest = sha256, .message = {.sha256 = sha256}, .is_file = is_file}};
}

Finding judge_bundle(std::string_view text, const Question& question, const SigstoreTrust& trust) {
  constexpr auto k_format = SignatureFormat::bundle;
  const Digest& digest = question.artifact.digest;
  const auto bundle = parse_bundle(text);
  if (!bundle) return refused(k_format, refusal_of(bundle.error()), "the bundle cannot be read: " + bundle.error().message);
  if (bundle->material != KeyMaterial::public_key)
    return refused(k_format, Refusal::wrong_key, "signed with a certificate, and a key was given");
  if (const auto* envelope = std::get_if<Envelope>(&bundle->content)) return judge_statement(*envelope, *bundle, digest, trust.keys);
  if (!question.artifact.is_file)
    return refused(k_format, Refusal::wrong_type, "the bundle holds a file's signature where a statement is needed");
  return judge_message(std::get<MessageSignature>(bundle->content), *bundle, digest, trust.keys);
}

Finding judge_classic(const ClassicEntry& entry, const Question& question, const SigstoreTrust& trust) {
  constexpr auto k_format = SignatureFormat::classic;
  const auto raw = decode_base64(entry.signature);
  if (!raw) return refused(k_format, Refusal::malformed, "its signature is not base64");
  if (raw->empty()) return refused(k_format, Refusal::wrong_type, "this is an attestation, not a signature");
  const PublicKey* signer = find_signer(trust.keys, message_of(entry.payload), *raw);
  if (signer == nullptr) return no_signer(k_format, "", trust.keys);
  auto identity = check_simple_signing(entry.payload, question.artifact.digest);
  if (!identity) {
    const Error& error = identity.error();
    return refused(k_format, refusal_of(error), error.place.empty() ? error.message : error.message + " at " + error.place);
  }
  Finding finding = accepted(k_format, *signer);
  finding.identity = printable(*identity);
  return finding;
}

}  // namespace davit::oci
