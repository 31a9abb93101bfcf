#include "oci/trust/signer.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "manifests/statement.hpp"
#include "oci/trust/bundle.hpp"
#include "oci/trust/judge.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::oci {
namespace {

// On the wire: never change.
constexpr std::string_view k_content_annotation = "dev.sigstore.bundle.content";
constexpr std::string_view k_predicate_annotation = "dev.sigstore.bundle.predicateType";
constexpr std::string_view k_no_time = "0001-01-01T00:00:00Z";

constexpr int k_classic_attempts = 5;
constexpr std::size_t k_max_classic_layers = 1000;  // cosign's bound when appending
constexpr std::size_t k_own_max_signatures = k_max_classic_layers;

Result<Descriptor> put_bytes(Repository& repository, Bytes bytes, std::string_view media_type) {
  Descriptor descriptor = describe(bytes, media_type);
  const auto origin = make_memory_origin(std::move(bytes));
  TRY(repository.put_blob(descriptor, *origin));
  return descriptor;
}

RawManifest make_raw(const Json& manifest) {
  Bytes bytes = to_bytes(write_json(manifest));
  Descriptor descriptor = describe(bytes, media_type::k_oci_manifest);
  return {std::move(bytes), std::move(descriptor)};
}

// The candidate's digest when this key's signature over the digest is already there in this form.
Result<std::optional<Digest>> find_own(Repository& repository, const Descriptor& subject, const SigningKey& key, SignatureFormat format) {
  TRY_ASSIGN(const Verifier verifier, Verifier::make({key.public_key()}, {.max_signatures = k_own_max_signatures,
                                                                          .bundles = format == SignatureFormat::bundle,
                                                                          .classic = format == SignatureFormat::classic}));
  TRY_ASSIGN(const Verification verification, verifier.verify(repository, subject.digest.text()));
  const auto own = std::ranges::find_if(verification.findings, &Finding::verified);
  if (own == verification.findings.end()) return std::optional<Digest>{};
  TRY_ASSIGN(Digest candidate, Digest::parse(own->candidate));
  return std::optional(std::move(candidate));
}

Result<std::string> make_bundle(const Digest& subject, const SigningKey& key) {
  const Statement statement{.subjects = {{.digests = {{std::string(subject.algorithm_name()), subject.hex()}}}},
                            .predicate_type = std::string(k_signature_predicate),
                            .predicate = JsonObject{}};
  Envelope envelope{
      .payload_type = std::string(k_statement_payload_type), .payload = to_bytes(write_statement(statement)), .signatures = {}};
  const Bytes covered = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  TRY_ASSIGN(Bytes signature, key.sign(sigstore_scheme(key.public_key().kind(), SignedWhat::bytes), message_of(covered)));
  envelope.signatures.push_back({.signature = std::move(signature)});
  return write_bundle(
      {.media_type = std::string(media_type::k_sigstore_bundle), .key_hint = key.public_key().hint(), .content = std::move(envelope)});
}

Result<SignatureEntry> add_bundle(Repository& repository, const Descriptor& subject, const SigningKey& key, const SigningRequest& request) {
  TRY_ASSIGN(auto own, find_own(repository, subject, key, SignatureFormat::bundle));
  if (own) return SignatureEntry{SignatureFormat::bundle, *std::move(own), false};
  TRY_ASSIGN(const std::string bundle, make_bundle(subject.digest, key));
  TRY_ASSIGN(Descriptor config, put_bytes(repository, to_bytes("{}"), media_type::k_oci_empty));
  config.artifact_type = media_type::k_sigstore_bundle;
  TRY_ASSIGN(const Descriptor layer, put_bytes(repository, to_bytes(bundle), media_type::k_sigstore_bundle));
  const Descriptor bare{.media_type = subject.media_type, .digest = subject.digest, .size = subject.size};
  const Annotations annotations{{std::string(k_content_annotation), "dsse-envelope"},
                                {std::string(k_predicate_annotation), std::string(k_signature_predicate)},
                                {std::string(annotation::k_created), request.created}};
  const RawManifest manifest = make_raw(JsonObject{{"schemaVersion", 2},
                                                   {"mediaType", media_type::k_oci_manifest},
                                                   {"config", to_json(config)},
                                                   {"layers", JsonArray{to_json(layer)}},
                                                   {"annotations", to_json(annotations)},
                                                   {"subject", to_json(bare)},
                                                   {"artifactType", media_type::k_sigstore_bundle}});
  TRY(repository.put_manifest(manifest, std::nullopt));
  return SignatureEntry{SignatureFormat::bundle, manifest.descriptor.digest, true};
}

std::string make_payload(const Digest& subject, const std::string& identity) {
  return write_json(JsonObject{{"critical", JsonObject{{"identity", JsonObject{{"docker-reference", identity}}},
                                                       {"image", JsonObject{{"docker-manifest-digest", subject.text()}}},
                                                       {"type", k_simple_signing_type}}},
                               {"optional", nullptr}});
}

// The image configuration of a signature manifest: one history entry and one diff id for each layer.
Result<std::string> make_classic_config(const JsonArray& layers) {
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

struct ClassicState {
  std::optional<Digest> manifest{};  ///< nothing: the tag does not exist yet
  JsonObject document{};
  JsonArray layers{};
};

Result<ClassicState> read_classic(Repository& repository, const std::string& tag) {
  const auto found = repository.fetch_manifest(tag);
  if (!found && found.error().code == ErrorCode::not_found) {
    return ClassicState{
        .document = {{"schemaVersion", 2}, {"mediaType", media_type::k_oci_manifest}, {"config", nullptr}, {"layers", nullptr}}};
  }
  if (!found) return Error(found.error());
  TRY_ASSIGN(const Json json, parse_json(as_text(found->bytes), JsonLimits{}));
  const JsonView view(json);
  TRY_ASSIGN(const JsonView layers, view.field("layers"));
  if (json.object() == nullptr || layers.json().array() == nullptr) return layers.complaint("expected a list of layers");
  if (layers.json().array()->size() >= k_max_classic_layers) {
    return fail(ErrorCode::limit, "the tag " + tag + " already holds " + std::to_string(layers.json().array()->size()) + " signatures");
  }
  return ClassicState{.manifest = found->descriptor.digest, .document = *json.object(), .layers = *layers.json().array()};
}

Result<bool> holds_layer(Repository& repository, const std::string& tag, const Json& layer) {
  TRY_ASSIGN(const ClassicState state, read_classic(repository, tag));
  const std::string wanted = write_json_sorted(layer);
  return std::ranges::any_of(state.layers, [&](const Json& have) { return write_json_sorted(have) == wanted; });
}

// One try to append; nothing when the tag moved under us before we wrote.
Result<std::optional<Digest>> append_layer(Repository& repository, const std::string& tag, const Json& layer) {
  TRY_ASSIGN(ClassicState state, read_classic(repository, tag));
  state.layers.push_back(layer);
  TRY_ASSIGN(const std::string config, make_classic_config(state.layers));
  TRY_ASSIGN(const Descriptor config_descriptor, put_bytes(repository, to_bytes(config), media_type::k_oci_config));
  state.document.set("config", to_json(config_descriptor));
  state.document.set("layers", std::move(state.layers));
  if (state.manifest) {
    TRY_ASSIGN(const Descriptor now, repository.resolve(tag));
    if (now.digest != *state.manifest) return std::optional<Digest>{};
  }
  const RawManifest manifest = make_raw(state.document);
  TRY(repository.put_manifest(manifest, tag));
  return std::optional(manifest.descriptor.digest);
}

Result<SignatureEntry> add_classic(Repository& repository, const Descriptor& subject, const SigningKey& key,
                                   const SigningRequest& request) {
  TRY_ASSIGN(auto own, find_own(repository, subject, key, SignatureFormat::classic));
  if (own) return SignatureEntry{SignatureFormat::classic, *std::move(own), false};
  const std::string tag = classic_signature_tag(subject.digest);
  const std::string payload = make_payload(subject.digest, request.identity);
  TRY_ASSIGN(const Bytes signature, key.sign(classic_scheme(key.public_key().kind()), message_of(as_bytes(payload))));
  TRY_ASSIGN(Descriptor layer, put_bytes(repository, to_bytes(payload), k_simple_signing_media_type));
  layer.annotations.emplace(k_classic_signature_annotation, encode_base64(signature));
  const Json entry = to_json(layer);
  for (int attempt = 0; attempt < k_classic_attempts; ++attempt) {
    TRY_ASSIGN(const auto written, append_layer(repository, tag, entry));
    if (!written) continue;
    TRY_ASSIGN(const bool kept, holds_layer(repository, tag, entry));
    if (kept) return SignatureEntry{SignatureFormat::classic, *written, true};
  }
  return fail(ErrorCode::conflict, "the tag " + tag + " kept changing while it was being signed")
      .hinting("sign again when the other signers are done");
}

}  // namespace

Result<std::vector<SignatureEntry>> sign_manifest(Repository& repository, const Descriptor& subject, const SigningKey& key,
                                                  const SigningRequest& request) {
  if (subject.digest.algorithm() != DigestAlgorithm::sha256) {
    return fail(ErrorCode::unsupported, "only sha256 digests can be signed, and this is " + subject.digest.text());
  }
  std::vector<SignatureEntry> entries;
  for (const SignatureFormat format : request.formats) {
    TRY_ASSIGN(SignatureEntry entry, format == SignatureFormat::bundle ? add_bundle(repository, subject, key, request)
                                                                       : add_classic(repository, subject, key, request));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::string> sign_file(const SignedMessageView& file, const SigningKey& key) {
  TRY_ASSIGN(Bytes signature, key.sign(sigstore_scheme(key.public_key().kind(), SignedWhat::digest), file));
  return write_bundle({.media_type = std::string(media_type::k_sigstore_bundle),
                       .key_hint = key.public_key().hint(),
                       .content = MessageSignature{.message_digest = file.sha256, .signature = std::move(signature)}});
}

}  // namespace davit::oci
