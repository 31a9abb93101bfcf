#include "oci/trust/sigstore/services.hpp"

#include "manifests/encoding.hpp"
#include "oci/trust/crypto/timestamp.hpp"
#include "oci/trust/protobuf_json.hpp"
#include "oci/trust/sigstore/service_client.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_json = "application/json";

Result<Json> parse_answer(const ServiceAnswer& answer) {
  return parse_json(as_text(answer.body), JsonLimits{.size_bytes = k_max_service_answer_bytes, .depth = 32});
}

Error odd(std::string_view service, std::string why) { return fail(ErrorCode::registry, std::string(service) + " " + std::move(why)); }

// ---- Fulcio

std::string_view algorithm_name(KeyKind kind) {
  switch (kind) {
    case KeyKind::ecdsa_p256:
    case KeyKind::ecdsa_p384:
    case KeyKind::ecdsa_p521: return "ECDSA";
    case KeyKind::ed25519: return "ED25519";
    case KeyKind::rsa: return "RSA_PSS";
  }
  return "";
}

Result<std::vector<Certificate>> parse_chain(const ServiceAnswer& answer) {
  TRY_ASSIGN(const Json json, parse_answer(answer));
  const JsonView view(json);
  auto signed_certificate = view.find("signedCertificateEmbeddedSct");
  if (!signed_certificate)
    return fail(ErrorCode::unsupported, "the certificate authority gives no certificate that holds its log's promise");
  TRY_ASSIGN(const JsonView chain, signed_certificate->field("chain"));
  TRY_ASSIGN(const JsonView list, chain.field("certificates"));
  TRY_ASSIGN(const auto pems, list.as_strings());
  std::string text;
  for (const std::string& pem : pems) text += pem + "\n";
  return Certificate::parse_pem_chain(text);
}

// ---- Rekor

std::string signer_pem(const SignedThing& thing) { return thing.leaf != nullptr ? thing.leaf->pem() : thing.key->pem(); }

Result<PublicKey> signer_key(const SignedThing& thing) {
  if (thing.key != nullptr) return *thing.key;
  return thing.leaf->public_key();
}

std::string first_generation_proposal(const SignedThing& thing) {
  const std::string signer = encode_base64(as_bytes(signer_pem(thing)));
  if (thing.envelope == nullptr) {
    return write_json(JsonObject{
        {"apiVersion", "0.0.1"},
        {"kind", "hashedrekord"},
        {"spec", JsonObject{{"data", JsonObject{{"hash", JsonObject{{"algorithm", "sha256"}, {"value", thing.message.sha256.hex()}}}}},
                            {"signature",
                             JsonObject{{"content", encode_base64(thing.signature)}, {"publicKey", JsonObject{{"content", signer}}}}}}}});
  }
  return write_json(JsonObject{{"apiVersion", "0.0.1"},
                               {"kind", "dsse"},
                               {"spec", JsonObject{{"proposedContent", JsonObject{{"envelope", write_json(davit::to_json(*thing.envelope))},
                                                                                  {"verifiers", JsonArray{signer}}}}}}});
}

Result<Bytes> hex_field(const JsonView& json, std::string_view name) {
  TRY_ASSIGN(const JsonView field, json.field(name));
  TRY_ASSIGN(const std::string text, field.as_string());
  auto bytes = decode_hex(text);
  if (!bytes) return field.complaint("expected hex digits");
  return bytes;
}

Result<Bytes> base64_field(const JsonView& json, std::string_view name) {
  TRY_ASSIGN(const JsonView field, json.field(name));
  return decode_any_base64(field);
}

Result<std::uint64_t> number_field(const JsonView& json, std::string_view name) {
  TRY_ASSIGN(const JsonView field, json.field(name));
  return field.as_unsigned();
}

Result<InclusionProof> parse_first_generation_proof(const JsonView& json) {
  InclusionProof proof;
  TRY_ASSIGN(proof.log_index, number_field(json, "logIndex"));
  TRY_ASSIGN(proof.tree_size, number_field(json, "treeSize"));
  TRY_ASSIGN(proof.root_hash, hex_field(json, "rootHash"));
  TRY_ASSIGN(const JsonView hashes, json.field("hashes"));
  TRY_ASSIGN(const auto texts, hashes.as_strings());
  if (texts.size() > k_max_proof_hashes) return fail(ErrorCode::limit, "a log's proof is over its limit");
  for (const std::string& text : texts) {
    auto hash = decode_hex(text);
    if (!hash) return hashes.complaint("expected hex digits");
    proof.hashes.push_back(*std::move(hash));
  }
  TRY_ASSIGN(const JsonView checkpoint, json.field("checkpoint"));
  TRY_ASSIGN(proof.checkpoint, checkpoint.as_string());
  return proof;
}

// { "<uuid>": { body, integratedTime, logID, logIndex, verification } }
Result<LogEntry> parse_first_generation_entry(const ServiceAnswer& answer, const SignedThing& thing) {
  TRY_ASSIGN(const Json json, parse_answer(answer));
  const JsonView view(json);
  TRY_ASSIGN(const auto members, view.as_members());
  if (members.size() != 1) return odd("the log", "answered with " + std::to_string(members.size()) + " entries, expected one");
  const JsonView& item = members.front().second;
  LogEntry entry{.kind = thing.envelope == nullptr ? "hashedrekord" : "dsse", .version = "0.0.1"};
  TRY_ASSIGN(entry.body, base64_field(item, "body"));
  TRY_ASSIGN(entry.log_id, hex_field(item, "logID"));
  TRY_ASSIGN(entry.log_index, number_field(item, "logIndex"));
  TRY_ASSIGN(const std::uint64_t time, number_field(item, "integratedTime"));
  if (time > static_cast<std::uint64_t>(INT64_MAX)) return odd("the log", "answered with a time that no calendar has");
  entry.integrated_time = static_cast<std::int64_t>(time);
  TRY_ASSIGN(const JsonView verification, item.field("verification"));
  TRY_ASSIGN(entry.promise, base64_field(verification, "signedEntryTimestamp"));
  TRY_ASSIGN(const JsonView proof, verification.field("inclusionProof"));
  TRY_ASSIGN(entry.proof, parse_first_generation_proof(proof));
  return entry;
}

Result<LogEntry> submit_first_generation(Transport& transport, const Service& log, const SignedThing& thing) {
  TRY_ASSIGN(const PublicKey key, signer_key(thing));
  if (thing.envelope == nullptr && key.kind() == KeyKind::ed25519) {
    return fail(ErrorCode::unsupported, "this log does not take signatures of Ed25519 over files")
        .hinting("sign with an ECDSA or RSA key, or without a log");
  }
  const ServiceQuestion question{.url = service_url(log.url, "/api/v1/log/entries"),
                                 .content_type = std::string(k_json),
                                 .body = to_bytes(first_generation_proposal(thing))};
  TRY_ASSIGN(const ServiceAnswer answer, ask_service(transport, question));
  if (answer.status == 201) return parse_first_generation_entry(answer, thing);
  if (answer.status != 409 || answer.location.empty()) return service_refusal("the log", question, answer);
  // It is there already, and the log says where.
  TRY_ASSIGN(const Url base, Url::parse(question.url));
  TRY_ASSIGN(const Url place, base.resolve(answer.location));
  if (!place.same_origin(base)) return odd("the log", "names a place on another host, " + place.redacted());
  const ServiceQuestion again{.method = "GET", .url = place.text()};
  TRY_ASSIGN(const ServiceAnswer found, ask_service(transport, again));
  if (found.status != 200) return service_refusal("the log", again, found);
  return parse_first_generation_entry(found, thing);
}

std::string key_details(const PublicKey& key) {
  switch (key.kind()) {
    case KeyKind::ecdsa_p256: return "PKIX_ECDSA_P256_SHA_256";
    case KeyKind::ecdsa_p384: return "PKIX_ECDSA_P384_SHA_256";
    case KeyKind::ecdsa_p521: return "PKIX_ECDSA_P521_SHA_256";
    case KeyKind::ed25519: return "PKIX_ED25519";
    case KeyKind::rsa: return "PKIX_RSA_PKCS1V15_" + std::to_string(key.bits()) + "_SHA256";
  }
  return "";
}

Result<LogEntry> submit_second_generation(Transport& transport, const Service& log, const SignedThing& thing) {
  TRY_ASSIGN(const PublicKey key, signer_key(thing));
  JsonObject verifier;
  if (thing.leaf != nullptr) {
    verifier.set("x509Certificate", JsonObject{{"rawBytes", encode_base64(thing.leaf->der())}});
  } else {
    verifier.set("publicKey", JsonObject{{"rawBytes", encode_base64(thing.key->der())}});
  }
  verifier.set("keyDetails", key_details(key));
  const Json body =
      JsonObject{{"hashedRekordRequestV002",
                  JsonObject{{"digest", encode_base64(thing.message.sha256.raw())},
                             {"signature", JsonObject{{"content", encode_base64(thing.signature)}, {"verifier", std::move(verifier)}}}}}};
  const ServiceQuestion question{
      .url = service_url(log.url, "/api/v2/log/entries"), .content_type = std::string(k_json), .body = to_bytes(write_json(body))};
  TRY_ASSIGN(const ServiceAnswer answer, ask_service(transport, question));
  if (answer.status != 200 && answer.status != 201) return service_refusal("the log", question, answer);
  TRY_ASSIGN(const Json json, parse_answer(answer));
  return parse_log_entry(JsonView(json));
}

}  // namespace

Result<std::vector<Certificate>> request_certificate(Transport& transport, const std::string& authority, const IdToken& token,
                                                     const SigningKey& key) {
  const SignatureScheme scheme = sigstore_scheme(key.public_key().kind(), SignedWhat::bytes);
  TRY_ASSIGN(const Bytes proof, key.sign(scheme, message_of(as_bytes(token.subject()))));
  const Json body = JsonObject{
      {"publicKeyRequest",
       JsonObject{{"publicKey", JsonObject{{"algorithm", algorithm_name(key.public_key().kind())}, {"content", key.public_key().pem()}}},
                  {"proofOfPossession", encode_base64(proof)}}}};
  Bytes header = to_bytes("Bearer ");
  header.insert(header.end(), token.secret().view().begin(), token.secret().view().end());
  const SecretBytes authorization(std::move(header));
  const ServiceQuestion question{.url = service_url(authority, "/api/v2/signingCert"),
                                 .content_type = std::string(k_json),
                                 .body = to_bytes(write_json(body)),
                                 .authorization = &authorization};
  TRY_ASSIGN(const ServiceAnswer answer, ask_service(transport, question));
  if (answer.status != 200 && answer.status != 201) return service_refusal("the certificate authority", question, answer);
  TRY_ASSIGN(auto chain, parse_chain(answer));
  if (chain.front().public_key_der() != key.public_key().der())
    return odd("the certificate authority", "answered with a certificate for another key");
  return chain;
}

Result<LogEntry> submit_to_log(Transport& transport, const Service& log, const SignedThing& thing) {
  if (log.major_version == 1) return submit_first_generation(transport, log, thing);
  if (log.major_version == 2) return submit_second_generation(transport, log, thing);
  return fail(ErrorCode::unsupported, "a log with an interface of version " + std::to_string(log.major_version));
}

Result<Bytes> request_timestamp(Transport& transport, const std::string& url, ByteView stamped) {
  const TimestampRequest request = make_timestamp_request(stamped);
  const ServiceQuestion question{
      .url = url, .content_type = "application/timestamp-query", .body = request.der, .accept = "application/timestamp-reply"};
  TRY_ASSIGN(ServiceAnswer answer, ask_service(transport, question));
  if (answer.status != 200 && answer.status != 201) return service_refusal("the timestamp authority", question, answer);
  const auto timestamp = Timestamp::parse_response(answer.body);
  if (!timestamp) return odd("the timestamp authority", "answered with something that is no token: " + timestamp.error().message);
  if (!timestamp->covers(stamped) || timestamp->nonce() != request.nonce)
    return odd("the timestamp authority", "answered another question");
  return std::move(answer.body);
}

}  // namespace davit::oci
