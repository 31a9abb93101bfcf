#include "oci/trust/sign_classic.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/put_bytes.hpp"
#include "oci/trust/judge.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::oci {
namespace {

// On the wire: never change.
constexpr std::string_view k_no_time = "0001-01-01T00:00:00Z";
constexpr std::string_view k_predicate_type = "predicateType";

constexpr int k_attempts = 5;

// The image configuration of a signature manifest: one history entry and one diff id for each layer.
Result<std::string> make_config(const JsonArray& layers) {
  JsonArray history;
  JsonArray diff_ids;
  for (const Json& layer : layers) {
    TRY_ASSIGN(const Descriptor descriptor, parse_descriptor(JsonView(layer)));
    history.emplace_back(JsonObject{{"created", k_no_time}});
    diff_ids.emplace_back(descriptor.digest.text());
  }
  return write_json(JsonObject{{"architecture", ""},
                               {"created", k_no_time},
                               {"history", std::move(history)},
                               {"os", ""},
                               {"rootfs", JsonObject{{"type", "layers"}, {"diff_ids", std::move(diff_ids)}}},
                               {"config", JsonObject{}}});
}

struct State {
  std::optional<Digest> manifest{};  ///< nothing: the tag does not exist yet
  JsonObject document{};
  JsonArray layers{};
};

Result<State> read_state(Repository& repository, const std::string& tag) {
  const auto found = repository.fetch_manifest(tag);
  if (!found && found.error().code == ErrorCode::not_found) {
    return State{.document = {{"schemaVersion", 2}, {"mediaType", media_type::k_oci_manifest}, {"config", nullptr}, {"layers", nullptr}}};
  }
  if (!found) return Error(found.error());
  TRY_ASSIGN(const Json json, parse_json(as_text(found->bytes), JsonLimits{}));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView layers, view.field("layers"));
  if (json.object() == nullptr || layers.json().array() == nullptr) return layers.complaint("expected a list of layers");
  if (layers.json().array()->size() >= k_max_classic_layers) {
    return fail(ErrorCode::limit, "the tag " + tag + " already holds " + std::to_string(layers.json().array()->size()) + " entries");
  }
  return State{.manifest = found->descriptor.digest, .document = *json.object(), .layers = *layers.json().array()};
}

std::string annotation_of(const Json& layer, std::string_view name) {
  const auto annotations = JsonView(layer).find("annotations");
  const auto value = annotations ? annotations->find(name) : std::nullopt;
  const std::string* text = value ? value->json().string() : nullptr;
  return text == nullptr ? "" : *text;
}

// An entry with this payload that this key signed already.
bool holds_own_signature(const State& state, ByteView payload, const PublicKey& key) {
  const std::string digest = davit::digest_of(payload).text();
  const SignedMessageView message = message_of(payload);
  return std::ranges::any_of(state.layers, [&](const Json& layer) {
    const auto named = JsonView(layer).find("digest");
    if (!named || named->json().string() == nullptr || *named->json().string() != digest) return false;
    const auto signature = decode_base64(annotation_of(layer, k_classic_signature_annotation));
    return signature && key.verifies(classic_scheme(key.kind()), message, *signature);
  });
}

// An attestation of the same statement by this key. Envelopes of others are of other sizes or are judged.
Result<bool> holds_own_attestation(Repository& repository, const State& state, const Statement& statement, const PublicKey& key) {
  const std::string payload = write_statement(statement);
  for (const Json& layer : state.layers) {
    const auto descriptor = parse_descriptor(JsonView(layer));
    if (!descriptor || descriptor->media_type != k_envelope_media_type || descriptor->size > k_max_attestation_bytes) continue;
    if (annotation_of(layer, k_predicate_type) != statement.predicate_type) continue;
    TRY_ASSIGN(const auto source, repository.open_blob(*descriptor));
    TRY_ASSIGN(const Bytes text, read_all(*source, k_max_attestation_bytes));
    const auto json = parse_json(as_text(text), JsonLimits{});
    const auto envelope = json ? parse_envelope(JsonView(*json)) : Result<Envelope>(fail(ErrorCode::malformed, "no JSON"));
    if (!envelope || as_text(envelope->payload) != payload) continue;
    const Bytes covered = pre_authentication_encoding(envelope->payload_type, envelope->payload);
    const SignedMessageView message = message_of(covered);
    const bool own =
        std::ranges::any_of(envelope->signatures, [&](const EnvelopeSignature& each) { return key.verifies(message, each.signature); });
    if (own) return true;
  }
  return false;
}

Result<bool> holds_layer(Repository& repository, const std::string& tag, const Json& layer) {
  TRY_ASSIGN(const State state, read_state(repository, tag));
  const std::string wanted = write_json_sorted(layer);
  return std::ranges::any_of(state.layers, [&](const Json& have) { return write_json_sorted(have) == wanted; });
}

// One try to append; nothing when the tag moved under us before we wrote.
Result<std::optional<Digest>> try_append(Repository& repository, const std::string& tag, const Json& layer) {
  TRY_ASSIGN(State state, read_state(repository, tag));
  state.layers.push_back(layer);
  TRY_ASSIGN(const std::string config, make_config(state.layers));
  TRY_ASSIGN(const Descriptor config_descriptor, put_bytes(repository, to_bytes(config), media_type::k_oci_config));
  state.document.set("config", to_json(config_descriptor));
  state.document.set("layers", std::move(state.layers));
  if (state.manifest) {
    TRY_ASSIGN(const Descriptor now, repository.resolve(tag));
    if (now.digest != *state.manifest) return std::optional<Digest>{};
  }
  const RawManifest manifest = make_raw_manifest(state.document);
  TRY(repository.put_manifest(manifest, tag));
  return std::optional(manifest.descriptor.digest);
}

Result<SignatureEntry> append(Repository& repository, const std::string& tag, const Json& layer) {
  for (int attempt = 0; attempt < k_attempts; ++attempt) {
    TRY_ASSIGN(const auto written, try_append(repository, tag, layer));
    if (!written) continue;
    TRY_ASSIGN(const bool kept, holds_layer(repository, tag, layer));
    if (kept) return SignatureEntry{SignatureFormat::classic, *written, true};
  }
  return fail(ErrorCode::conflict, "the tag " + tag + " kept changing while it was being signed")
      .hinting("sign again when the other signers are done");
}

PreparedEntry already_at(const Digest& manifest) {
  return [manifest](Repository&) -> Result<SignatureEntry> { return SignatureEntry{SignatureFormat::classic, manifest, false}; };
}

// Stores the content as a layer with these annotations, and the layer at the tag.
PreparedEntry store_layer(const std::string& tag, const std::string& content, std::string_view media_type, const Annotations& annotations) {
  return [tag, content, type = std::string(media_type), annotations](Repository& store) -> Result<SignatureEntry> {
    TRY_ASSIGN(Descriptor layer, put_bytes(store, to_bytes(content), type));
    layer.annotations = annotations;
    return append(store, tag, to_json(layer));
  };
}

void keep_evidence(Annotations& annotations, const ClassicEvidence& evidence) {
  const auto keep = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) annotations.emplace(name, text);
  };
  keep(k_certificate_annotation, evidence.certificate);
  keep(k_chain_annotation, evidence.chain);
  keep(k_log_annotation, evidence.bundle);
  keep(k_timestamp_annotation, evidence.timestamp);
}

// Go's encoder keeps JSON safe inside HTML, and these bytes are compared by others.
std::string escape_like_go(const std::string& json) {
  std::string out;
  for (const char c : json) {
    switch (c) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

}  // namespace

std::string make_simple_signing_payload(const Digest& subject, const std::string& identity, const Annotations& annotations) {
  JsonObject optional;
  for (const auto& [name, value] : annotations) optional.set(name, value);
  return escape_like_go(write_json(JsonObject{{"critical", JsonObject{{"identity", JsonObject{{"docker-reference", identity}}},
                                                                      {"image", JsonObject{{"docker-manifest-digest", subject.text()}}},
                                                                      {"type", k_simple_signing_type}}},
                                              {"optional", annotations.empty() ? Json(nullptr) : Json(std::move(optional))}}));
}

Result<PreparedEntry> prepare_classic_signature(Repository& repository, const Descriptor& subject, const std::string& identity,
                                                const Annotations& annotations, const SigstoreSigner& signer) {
  const std::string tag = classic_signature_tag(subject.digest);
  const std::string payload = make_simple_signing_payload(subject.digest, identity, annotations);
  if (const PublicKey* key = signer.public_key()) {
    TRY_ASSIGN(const State state, read_state(repository, tag));
    if (state.manifest && holds_own_signature(state, as_bytes(payload), *key)) return already_at(*state.manifest);
  }
  TRY_ASSIGN(const ClassicSignature made, signer.sign_payload(as_bytes(payload)));
  Annotations of_layer{{std::string(k_classic_signature_annotation), encode_base64(made.signature)}};
  keep_evidence(of_layer, made.evidence);
  return store_layer(tag, payload, k_simple_signing_media_type, of_layer);
}

Result<PreparedEntry> prepare_classic_attestation(Repository& repository, const Descriptor& subject, const Statement& statement,
                                                  const SigstoreSigner& signer) {
  const std::string tag = classic_attestation_tag(subject.digest);
  if (const PublicKey* key = signer.public_key()) {
    TRY_ASSIGN(const State state, read_state(repository, tag));
    TRY_ASSIGN(const bool own, holds_own_attestation(repository, state, statement, *key));
    if (state.manifest && own) return already_at(*state.manifest);
  }
  TRY_ASSIGN(const Bundle bundle, signer.sign_envelope({.payload_type = std::string(k_statement_payload_type),
                                                        .payload = to_bytes(write_statement(statement)),
                                                        .signatures = {}}));
  TRY_ASSIGN(const ClassicEvidence evidence, signer.evidence_of(bundle));
  // Readers insist on the first name; the envelope holds the signature.
  Annotations of_layer{{std::string(k_classic_signature_annotation), ""}, {std::string(k_predicate_type), statement.predicate_type}};
  keep_evidence(of_layer, evidence);
  return store_layer(tag, write_json(davit::to_json(std::get<Envelope>(bundle.content))), k_envelope_media_type, of_layer);
}

}  // namespace davit::oci
