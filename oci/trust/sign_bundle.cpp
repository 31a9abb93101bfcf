#include "oci/trust/sign_bundle.hpp"

#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/put_bytes.hpp"
#include "oci/trust/judge.hpp"

namespace davit::oci {
namespace {

// On the wire: never change.
constexpr std::string_view k_content_annotation = "dev.sigstore.bundle.content";
constexpr std::string_view k_predicate_annotation = "dev.sigstore.bundle.predicateType";

bool has_annotations(const Statement& statement) { return !statement.subjects.empty() && !statement.subjects.front().annotations.empty(); }

// Whether a referrer holds this very statement, signed with this key. What cannot be read is not ours.
Result<bool> is_own(Repository& repository, const Descriptor& referrer, const Question& question, const SigstoreTrust& trust,
                    const Statement& statement) {
  if (referrer.size > k_max_manifest_bytes) return false;
  TRY_ASSIGN(const RawManifest raw, repository.fetch_manifest(referrer.digest.text()));
  const auto manifest = parse_image_manifest(raw.bytes);
  if (!manifest || manifest->layers.size() != 1) return false;
  const Descriptor& layer = manifest->layers.front();
  if (!is_bundle_media_type(layer.media_type) || layer.size > k_max_bundle_bytes) return false;
  TRY_ASSIGN(const auto source, repository.open_blob(layer));
  TRY_ASSIGN(const Bytes text, read_all(*source, k_max_bundle_bytes));
  const Finding finding = judge_bundle(as_text(text), question, trust);
  if (!finding.verified) return false;
  if (statement.predicate_type == k_signature_predicate && !has_annotations(statement)) return true;
  const auto bundle = parse_bundle(as_text(text));
  const auto* envelope = bundle ? std::get_if<Envelope>(&bundle->content) : nullptr;
  return envelope != nullptr && as_text(envelope->payload) == write_statement(statement);
}

Result<std::optional<Digest>> find_own(Repository& repository, const Descriptor& subject, const Statement& statement,
                                       const PublicKey& key) {
  TRY_ASSIGN(const AllReferrers referrers, repository.list_all_referrers(subject.digest, false));
  Question question = signature_question(subject.digest, false);
  if (statement.predicate_type != k_signature_predicate) question.predicate_type = statement.predicate_type;
  const SigstoreTrust trust{.keys = {key}};
  std::size_t looked_at = 0;
  for (const Descriptor& referrer : referrers.manifests) {
    if (!referrer.artifact_type.empty() && !is_bundle_media_type(referrer.artifact_type)) continue;
    if (++looked_at > k_max_own_candidates) {
      return fail(ErrorCode::limit, "there are more than " + std::to_string(k_max_own_candidates) + " bundles of " + subject.digest.text());
    }
    // What cannot be read is nobody's; at worst there are then two signatures of one key.
    const auto own = is_own(repository, referrer, question, trust, statement);
    if (own && *own) return std::optional(referrer.digest);
  }
  return std::optional<Digest>{};
}

}  // namespace

Result<Digest> put_bundle(Repository& repository, const Descriptor& subject, const Bundle& bundle, const std::string& predicate_type,
                          const std::string& created) {
  TRY_ASSIGN(Descriptor config, put_empty_config(repository));
  config.artifact_type = media_type::k_sigstore_bundle;
  TRY_ASSIGN(const Descriptor layer, put_bytes(repository, to_bytes(write_bundle(bundle)), media_type::k_sigstore_bundle));
  const Annotations annotations{{std::string(k_content_annotation), "dsse-envelope"},
                                {std::string(k_predicate_annotation), predicate_type},
                                {std::string(annotation::k_created), created}};
  const RawManifest manifest = make_raw_manifest(JsonObject{{"schemaVersion", 2},
                                                            {"mediaType", media_type::k_oci_manifest},
                                                            {"config", to_json(config)},
                                                            {"layers", JsonArray{to_json(layer)}},
                                                            {"annotations", to_json(annotations)},
                                                            {"subject", to_json(bare(subject))},
                                                            {"artifactType", media_type::k_sigstore_bundle}});
  TRY(repository.put_manifest(manifest, std::nullopt));
  return manifest.descriptor.digest;
}

Result<PreparedEntry> prepare_bundle(Repository& repository, const Descriptor& subject, const Statement& statement,
                                     const SigstoreSigner& signer, const std::string& created) {
  if (const PublicKey* key = signer.public_key()) {
    TRY_ASSIGN(const auto own, find_own(repository, subject, statement, *key));
    if (own) {
      return PreparedEntry([manifest = *own](Repository&) -> Result<SignatureEntry> {
        return SignatureEntry{SignatureFormat::bundle, manifest, false};
      });
    }
  }
  TRY_ASSIGN(Bundle bundle, signer.sign_envelope({.payload_type = std::string(k_statement_payload_type),
                                                  .payload = to_bytes(write_statement(statement)),
                                                  .signatures = {}}));
  return PreparedEntry(
      [subject, bundle = std::move(bundle), type = statement.predicate_type, created](Repository& store) -> Result<SignatureEntry> {
        TRY_ASSIGN(Digest manifest, put_bundle(store, subject, bundle, type, created));
        return SignatureEntry{SignatureFormat::bundle, std::move(manifest), true};
      });
}

}  // namespace davit::oci
