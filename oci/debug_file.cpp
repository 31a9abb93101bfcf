#include "oci/debug_file.hpp"

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/put_bytes.hpp"

namespace davit::oci {

Result<Digest> put_debug_file(Repository& repository, const Descriptor& subject, Bytes content, const std::string& title) {
  TRY_ASSIGN(Descriptor config, put_empty_config(repository));
  TRY_ASSIGN(Descriptor layer, put_bytes(repository, std::move(content), media_type::k_davit_debug));
  layer.annotations[std::string(annotation::k_title)] = title;
  ImageManifest manifest{.media_type = std::string(media_type::k_oci_manifest),
                         .artifact_type = std::string(media_type::k_davit_debug),
                         .config = std::move(config)};
  manifest.layers.push_back(std::move(layer));
  manifest.subject = bare(subject);
  Bytes bytes = to_bytes(write_image_manifest(manifest));
  Descriptor descriptor = describe(bytes, media_type::k_oci_manifest);
  const Digest digest = descriptor.digest;
  TRY(repository.put_manifest({std::move(bytes), std::move(descriptor)}, std::nullopt));
  return digest;
}

Result<std::vector<Descriptor>> find_debug_files(Repository& repository, const Digest& artifact) {
  TRY_ASSIGN(const auto referrers, repository.list_referrers(artifact, std::string(media_type::k_davit_debug)));
  if (referrers.size() > k_max_debug_files) {
    return fail(ErrorCode::limit, std::to_string(referrers.size()) + " debug files of one artifact are over the limit of " +
                                      std::to_string(k_max_debug_files));
  }
  std::vector<Descriptor> out;
  for (const Descriptor& referrer : referrers) {
    TRY_ASSIGN(const RawManifest raw, repository.fetch_manifest(referrer.digest.text()));
    TRY_ASSIGN(const ImageManifest manifest, parse_image_manifest(raw.bytes));
    // Some registries list by other types than they were asked for.
    if (!manifest.subject || manifest.subject->digest != artifact || manifest.layers.size() != 1) continue;
    if (manifest.layers.front().media_type == media_type::k_davit_debug) out.push_back(manifest.layers.front());
  }
  return out;
}

}  // namespace davit::oci
