#include "oci/trust/notation/manifest.hpp"

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/trust/notation/envelope.hpp"

namespace davit::oci {
namespace {

Error malformed(std::string message) { return fail(ErrorCode::malformed, std::move(message)); }

Result<Descriptor> put_bytes(Repository& repository, Bytes bytes, std::string_view media_type) {
  Descriptor descriptor = describe(bytes, media_type);
  const auto origin = make_memory_origin(std::move(bytes));
  TRY(repository.put_blob(descriptor, *origin));
  return descriptor;
}

}  // namespace

bool may_be_notation(const Descriptor& referrer) {
  // Stores that do not know the type say nothing, or that of the empty configuration.
  return referrer.artifact_type.empty() || referrer.artifact_type == k_notation_artifact_type ||
         referrer.artifact_type == media_type::k_oci_empty;
}

Result<std::optional<NotationCandidate>> find_notation_candidate(const ImageManifest& manifest, const Digest& subject) {
  const bool by_type = manifest.artifact_type == k_notation_artifact_type;
  const bool by_config = manifest.artifact_type.empty() && manifest.config.media_type == k_notation_artifact_type;
  if (!by_type && !by_config) return std::optional<NotationCandidate>{};
  if (by_type && manifest.config.media_type != media_type::k_oci_empty)
    return malformed("its configuration is \"" + printable(manifest.config.media_type) + "\", not the empty one");
  if (!manifest.subject || manifest.subject->digest != subject) return malformed("its subject is another manifest");
  if (manifest.layers.size() != 1) return malformed("it has " + std::to_string(manifest.layers.size()) + " layers, not one envelope");
  const Descriptor& envelope = manifest.layers.front();
  const auto format = notation_format_of(envelope.media_type);
  if (!format) return fail(ErrorCode::unsupported, "its envelope is \"" + printable(envelope.media_type) + "\"; expected JWS or COSE");
  if (envelope.size > k_max_notary_bytes) {
    return fail(ErrorCode::limit, "its envelope is said to be " + std::to_string(envelope.size) + " bytes long, over the limit of " +
                                      std::to_string(k_max_notary_bytes));
  }
  return std::optional(NotationCandidate{.envelope = envelope, .format = *format});
}

Result<Descriptor> put_notation_envelope(Repository& repository, const Descriptor& subject, ByteView envelope, std::string_view media_type,
                                         std::span<const Certificate> chain, const std::string& created) {
  JsonArray thumbprints;
  for (const Certificate& certificate : chain) thumbprints.emplace_back(certificate.fingerprint().hex());
  // Said by the configuration and not by `artifactType`: every notation that was released finds it so, and in image
  // layouts those up to 1.3 find nothing else.
  TRY_ASSIGN(const Descriptor config, put_bytes(repository, to_bytes("{}"), k_notation_artifact_type));
  TRY_ASSIGN(const Descriptor layer, put_bytes(repository, to_bytes(envelope), media_type));
  const Annotations annotations{{std::string(k_thumbprint_annotation), write_json(std::move(thumbprints))},
                                {std::string(annotation::k_created), created}};
  const ImageManifest manifest{.media_type = std::string(media_type::k_oci_manifest),
                               .config = config,
                               .layers = {layer},
                               .subject = Descriptor{.media_type = subject.media_type, .digest = subject.digest, .size = subject.size},
                               .annotations = annotations};
  Bytes bytes = to_bytes(write_image_manifest(manifest));
  Descriptor descriptor = describe(bytes, media_type::k_oci_manifest);
  TRY(repository.put_manifest({.bytes = std::move(bytes), .descriptor = descriptor}, std::nullopt));
  return descriptor;
}

}  // namespace davit::oci
