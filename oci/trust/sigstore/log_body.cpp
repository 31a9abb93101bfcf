#include "oci/trust/sigstore/log_body.hpp"

#include <algorithm>
#include <array>

#include "manifests/encoding.hpp"
#include "oci/trust/pem.hpp"
#include "oci/trust/protobuf_json.hpp"

namespace davit::oci {
namespace {

Error other(std::string_view what) { return fail(ErrorCode::untrusted, "the log entry is about another " + std::string(what)); }

Result<std::string> text_at(const JsonView& json, std::initializer_list<std::string_view> path) {
  JsonView at = json;
  for (const std::string_view name : path) {
    TRY_ASSIGN(at, at.field(name));
  }
  return at.as_string();
}

Result<Bytes> bytes_at(const JsonView& json, std::initializer_list<std::string_view> path) {
  TRY_ASSIGN(const std::string text, text_at(json, path));
  auto bytes = decode_base64(text);
  if (!bytes) return json.complaint("holds something other than base64");
  return bytes;
}

// The raw digest of the message in the algorithm that is named; nothing when the caller does not know that shape.
std::optional<Bytes> digest_in(const SignedMessageView& message, std::string_view algorithm) {
  if (algorithm == "sha256" || algorithm == k_protobuf_sha256) return message.sha256.raw();
  if (algorithm == "sha384" || algorithm == k_protobuf_sha384) {
    if (const auto sha384 = sha384_of(message)) return Bytes(sha384->begin(), sha384->end());
  }
  if (algorithm == "sha512" || algorithm == k_protobuf_sha512) {
    if (const auto sha512 = sha512_of(message)) return Bytes(sha512->begin(), sha512->end());
  }
  return std::nullopt;
}

Result<void> require_hash(const JsonView& hash, const SignedMessageView& message, std::string_view what) {
  TRY_ASSIGN(const std::string algorithm, text_at(hash, {"algorithm"}));
  TRY_ASSIGN(const std::string value, text_at(hash, {"value"}));
  const auto digest = digest_in(message, algorithm);
  if (!digest) return fail(ErrorCode::unsupported, "a log entry with the hash algorithm \"" + printable(algorithm) + "\"");
  if (value != encode_hex(*digest)) return other(what);
  return {};
}

Result<void> require_signature(ByteView logged, const SignedThing& thing) {
  return std::ranges::equal(logged, thing.signature) ? Result<void>() : Result<void>(other("signature"));
}

// `pem` is what the log holds: a certificate or a public key.
Result<void> require_signer(const Bytes& pem, const SignedThing& thing) {
  TRY_ASSIGN(const PemBlock block, parse_pem(as_text(pem)));
  const Bytes& ours = thing.leaf != nullptr ? thing.leaf->der() : thing.key->der();
  const std::string_view label = thing.leaf != nullptr ? "CERTIFICATE" : "PUBLIC KEY";
  return block.label == label && block.content == ours ? Result<void>() : Result<void>(other("signer"));
}

Result<void> bind_hashedrekord(const JsonView& spec, const SignedThing& thing) {
  TRY_ASSIGN(const JsonView data, spec.field("data"));
  TRY_ASSIGN(const JsonView hash, data.field("hash"));
  TRY(require_hash(hash, thing.message, "artifact"));
  TRY_ASSIGN(const Bytes signature, bytes_at(spec, {"signature", "content"}));
  TRY(require_signature(signature, thing));
  TRY_ASSIGN(const Bytes signer, bytes_at(spec, {"signature", "publicKey", "content"}));
  return require_signer(signer, thing);
}

Result<JsonView> only_item(const JsonView& json, std::string_view name) {
  TRY_ASSIGN(const JsonView list, json.field(name));
  TRY_ASSIGN(const auto items, list.as_items());
  if (items.size() != 1) return list.complaint("holds " + std::to_string(items.size()) + " items, expected one");
  return items.front();
}

Result<const Envelope*> envelope_of(const SignedThing& thing) {
  if (thing.envelope == nullptr) return fail(ErrorCode::untrusted, "the log entry is about a statement, and this is none");
  return thing.envelope;
}

Result<void> bind_dsse(const JsonView& spec, const SignedThing& thing) {
  TRY_ASSIGN(const Envelope* envelope, envelope_of(thing));
  TRY_ASSIGN(const JsonView hash, spec.field("payloadHash"));
  TRY(require_hash(hash, message_of(envelope->payload), "statement"));
  TRY_ASSIGN(const JsonView item, only_item(spec, "signatures"));
  TRY_ASSIGN(const Bytes signature, bytes_at(item, {"signature"}));
  TRY(require_signature(signature, thing));
  TRY_ASSIGN(const Bytes signer, bytes_at(item, {"verifier"}));
  return require_signer(signer, thing);
}

Result<void> bind_intoto_2(const JsonView& spec, const SignedThing& thing) {
  TRY_ASSIGN(const Envelope* envelope, envelope_of(thing));
  TRY_ASSIGN(const JsonView content, spec.field("content"));
  TRY_ASSIGN(const JsonView hash, content.field("payloadHash"));
  TRY(require_hash(hash, message_of(envelope->payload), "statement"));
  TRY_ASSIGN(const JsonView logged, content.field("envelope"));
  TRY_ASSIGN(const std::string type, text_at(logged, {"payloadType"}));
  if (type != envelope->payload_type) return other("type of payload");
  TRY_ASSIGN(const JsonView item, only_item(logged, "signatures"));
  // The log keeps the text of the signature, and that in base64 once more.
  TRY_ASSIGN(const Bytes text, bytes_at(item, {"sig"}));
  const auto signature = decode_base64(as_text(text));
  if (!signature) return item.complaint("holds a signature that is not base64");
  TRY(require_signature(*signature, thing));
  TRY_ASSIGN(const Bytes signer, bytes_at(item, {"publicKey"}));
  return require_signer(signer, thing);
}

// This kind keeps no signature, only the digest of the envelope as it was sent; without those bytes it proves nothing.
Result<void> bind_intoto_1(const JsonView& spec, const SignedThing& thing) {
  TRY(envelope_of(thing));
  if (thing.envelope_bytes.empty())
    return fail(ErrorCode::unsupported, "a log entry of the kind intoto 0.0.1, which does not hold the signature");
  TRY_ASSIGN(const JsonView content, spec.field("content"));
  TRY_ASSIGN(const JsonView hash, content.field("hash"));
  TRY(require_hash(hash, message_of(thing.envelope_bytes), "envelope"));
  TRY_ASSIGN(const Bytes signer, bytes_at(spec, {"publicKey"}));
  return require_signer(signer, thing);
}

// The names that fit a kind of key, as the algorithm registry has them.
bool fits_key(std::string_view details, const PublicKey& key) {
  switch (key.kind()) {
    case KeyKind::ecdsa_p256: return details == "PKIX_ECDSA_P256_SHA_256";
    case KeyKind::ecdsa_p384: return details == "PKIX_ECDSA_P384_SHA_384" || details == "PKIX_ECDSA_P384_SHA_256";
    case KeyKind::ecdsa_p521: return details == "PKIX_ECDSA_P521_SHA_512" || details == "PKIX_ECDSA_P521_SHA_256";
    case KeyKind::ed25519: return details == "PKIX_ED25519" || details == "PKIX_ED25519_PH";
    case KeyKind::rsa: {
      const std::string bits = std::to_string(key.bits());
      return details == "PKIX_RSA_PKCS1V15_" + bits + "_SHA256" || details == "PKIX_RSA_PSS_" + bits + "_SHA256";
    }
  }
  return false;
}

// The second generation writes one canonical form, so the body is made anew from the signature and compared whole.
Result<void> bind_second_generation(const JsonView& spec, const SignedThing& thing, ByteView body) {
  TRY_ASSIGN(const JsonView record, spec.field("hashedRekordV002"));
  TRY_ASSIGN(const std::string algorithm, text_at(record, {"data", "algorithm"}));
  TRY_ASSIGN(const std::string details, text_at(record, {"signature", "verifier", "keyDetails"}));
  const auto digest = digest_in(thing.message, algorithm);
  if (!digest || !algorithm.starts_with("SHA2_"))
    return fail(ErrorCode::unsupported, "a log entry with the hash algorithm \"" + printable(algorithm) + "\"");
  TRY_ASSIGN(const Bytes logged_digest, bytes_at(record, {"data", "digest"}));
  if (logged_digest != *digest) return other("artifact");
  TRY_ASSIGN(const Bytes logged_signature, bytes_at(record, {"signature", "content"}));
  TRY(require_signature(logged_signature, thing));
  JsonObject verifier{{"keyDetails", details}};
  if (thing.leaf != nullptr) {
    TRY_ASSIGN(const PublicKey key, thing.leaf->public_key());
    if (!fits_key(details, key)) return other("kind of key");
    verifier.set("x509Certificate", JsonObject{{"rawBytes", encode_base64(thing.leaf->der())}});
  } else {
    if (!fits_key(details, *thing.key)) return other("kind of key");
    verifier.set("publicKey", JsonObject{{"rawBytes", encode_base64(thing.key->der())}});
  }
  const Json expected = JsonObject{
      {"apiVersion", "0.0.2"},
      {"kind", "hashedrekord"},
      {"spec", JsonObject{{"hashedRekordV002",
                           JsonObject{{"data", JsonObject{{"algorithm", algorithm}, {"digest", encode_base64(*digest)}}},
                                      {"signature", JsonObject{{"content", encode_base64(thing.signature)}, {"verifier", verifier}}}}}}}};
  if (write_json_sorted(expected) != as_text(body)) return other("signer");
  return {};
}

Result<void> bind(ByteView body, const SignedThing& thing) {
  TRY_ASSIGN(const Json json, parse_json(as_text(body), JsonLimits{.size_bytes = k_max_log_body_bytes, .depth = 32}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"apiVersion", "kind", "spec"}));
  TRY_ASSIGN(const std::string kind, text_at(view, {"kind"}));
  TRY_ASSIGN(const std::string version, text_at(view, {"apiVersion"}));
  TRY_ASSIGN(const JsonView spec, view.field("spec"));
  if (kind == "hashedrekord" && version == "0.0.1") return bind_hashedrekord(spec, thing);
  if (kind == "dsse" && version == "0.0.1") return bind_dsse(spec, thing);
  if (kind == "intoto" && version == "0.0.2") return bind_intoto_2(spec, thing);
  if (kind == "intoto" && version == "0.0.1") return bind_intoto_1(spec, thing);
  if (is_second_generation(kind, version)) return bind_second_generation(spec, thing, body);
  return fail(ErrorCode::unsupported, "a log entry of the kind \"" + printable(kind) + "\" " + printable(version));
}

}  // namespace

bool is_second_generation(std::string_view kind, std::string_view version) { return kind == "hashedrekord" && version == "0.0.2"; }

Result<std::pair<std::string, std::string>> log_body_kind(ByteView body) {
  TRY_ASSIGN(const Json json, parse_json(as_text(body), JsonLimits{.size_bytes = k_max_log_body_bytes, .depth = 32}));
  TRY_ASSIGN(std::string kind, text_at(JsonView(json), {"kind"}));
  TRY_ASSIGN(std::string version, text_at(JsonView(json), {"apiVersion"}));
  return std::pair(std::move(kind), std::move(version));
}

Objection bind_log_body(ByteView body, const SignedThing& thing) {
  const auto bound = bind(body, thing);
  if (bound) return {};
  // An entry about something else is no entry of this signature.
  return objection_of(bound.error(), Refusal::not_logged);
}

}  // namespace davit::oci
