#include "manifests/image_manifest.hpp"

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"

namespace davit {
namespace {

constexpr JsonLimits k_limits{.size_bytes = std::size_t{4} << 20, .depth = 32};

Result<std::string> optional_text(const JsonView& json, std::string_view name) {
  const auto member = json.find(name);
  if (!member) return std::string();
  return member->as_string();
}

Result<std::vector<Descriptor>> parse_list(const JsonView& json, std::string_view name) {
  TRY_ASSIGN(const auto list, json.field(name));
  TRY_ASSIGN(const auto items, list.as_items());
  if (items.size() > k_max_manifest_entries) {
    return fail(ErrorCode::limit, "\"" + std::string(name) + "\" has " + std::to_string(items.size()) + " entries, the limit is " +
                                      std::to_string(k_max_manifest_entries));
  }
  std::vector<Descriptor> out;
  for (const JsonView& item : items) {
    TRY_ASSIGN(auto descriptor, parse_descriptor(item));
    out.push_back(std::move(descriptor));
  }
  return out;
}

Result<std::optional<Descriptor>> parse_subject(const JsonView& json) {
  const auto member = json.find("subject");
  if (!member) return std::optional<Descriptor>();
  TRY_ASSIGN(auto descriptor, parse_descriptor(*member));
  return std::optional<Descriptor>(std::move(descriptor));
}

// Docker wrote a schema version 1 whose bytes carry a signature inside; no runtime accepts it any more.
Result<void> check_version(const JsonView& json) {
  const auto version = json.find("schemaVersion");
  if (!version) return {};  // seen in the wild; the shape below decides
  TRY_ASSIGN(const auto number, version->as_unsigned());
  if (number == 2) return {};
  return fail(ErrorCode::unsupported, "manifest has schema version " + std::to_string(number) + ", only 2 is supported");
}

Result<ImageManifest> read_manifest(const JsonView& json) {
  TRY_ASSIGN(auto media_type, optional_text(json, "mediaType"));
  TRY_ASSIGN(auto artifact_type, optional_text(json, "artifactType"));
  TRY_ASSIGN(const auto config_view, json.field("config"));
  TRY_ASSIGN(auto config, parse_descriptor(config_view));
  TRY_ASSIGN(auto layers, parse_list(json, "layers"));
  TRY_ASSIGN(auto subject, parse_subject(json));
  TRY_ASSIGN(auto annotations, parse_annotations(json.find("annotations")));
  return ImageManifest{.media_type = std::move(media_type),
                       .artifact_type = std::move(artifact_type),
                       .config = std::move(config),
                       .layers = std::move(layers),
                       .subject = std::move(subject),
                       .annotations = std::move(annotations)};
}

Result<ImageIndex> read_index(const JsonView& json) {
  TRY_ASSIGN(auto media_type, optional_text(json, "mediaType"));
  TRY_ASSIGN(auto artifact_type, optional_text(json, "artifactType"));
  TRY_ASSIGN(auto manifests, parse_list(json, "manifests"));
  TRY_ASSIGN(auto subject, parse_subject(json));
  TRY_ASSIGN(auto annotations, parse_annotations(json.find("annotations")));
  return ImageIndex{.media_type = std::move(media_type),
                    .artifact_type = std::move(artifact_type),
                    .manifests = std::move(manifests),
                    .subject = std::move(subject),
                    .annotations = std::move(annotations)};
}

Json list_json(const std::vector<Descriptor>& descriptors) {
  JsonArray out;
  for (const Descriptor& descriptor : descriptors) out.push_back(to_json(descriptor));
  return out;
}

JsonObject head(const std::string& media_type, const std::string& artifact_type) {
  JsonObject out{{"schemaVersion", 2}};
  if (!media_type.empty()) out.set("mediaType", media_type);
  if (!artifact_type.empty()) out.set("artifactType", artifact_type);
  return out;
}

std::string with_tail(JsonObject out, const std::optional<Descriptor>& subject, const Annotations& annotations) {
  if (subject) out.set("subject", to_json(*subject));
  if (!annotations.empty()) out.set("annotations", to_json(annotations));
  return write_json(out);
}

}  // namespace

Result<Manifest> parse_manifest(ByteView bytes) {
  TRY_ASSIGN(const Json json, parse_json(as_text(bytes), k_limits));
  const JsonView view(json);
  if (json.object() == nullptr) return view.complaint("expected an object");
  TRY(check_version(view));
  const bool is_index = view.find("manifests").has_value();
  const bool is_image = view.find("layers").has_value() || view.find("config").has_value();
  // One document must not mean two things to two readers (CVE-2021-41190).
  if (is_index && is_image) return fail(ErrorCode::malformed, "document has the members of a manifest and of an index");
  if (is_index) {
    TRY_ASSIGN(auto index, read_index(view));
    if (!index.media_type.empty() && !is_index_type(index.media_type)) {
      return fail(ErrorCode::malformed, "an index calls itself \"" + printable(index.media_type) + "\"");
    }
    return Manifest(std::move(index));
  }
  TRY_ASSIGN(auto manifest, read_manifest(view));
  if (is_index_type(manifest.media_type)) return fail(ErrorCode::malformed, "a manifest calls itself \"" + manifest.media_type + "\"");
  return Manifest(std::move(manifest));
}

Result<ImageManifest> parse_image_manifest(ByteView bytes) {
  TRY_ASSIGN(auto either, parse_manifest(bytes));
  if (auto* manifest = std::get_if<ImageManifest>(&either)) return std::move(*manifest);
  return fail(ErrorCode::unsupported, "expected an image manifest and found an index");
}

Result<ImageIndex> parse_image_index(ByteView bytes) {
  TRY_ASSIGN(auto either, parse_manifest(bytes));
  if (auto* index = std::get_if<ImageIndex>(&either)) return std::move(*index);
  return fail(ErrorCode::unsupported, "expected an index and found an image manifest");
}

bool is_artifact_manifest(ByteView bytes) {
  if (as_text(bytes).find("oci.artifact.manifest") == std::string_view::npos) return false;
  const auto json = parse_json(as_text(bytes), k_limits);
  if (!json) return false;
  const JsonView view(*json);
  const auto type = optional_text(view, "mediaType");
  return type && *type == media_type::k_oci_artifact_manifest && !view.find("manifests") && !view.find("layers") && !view.find("config");
}

Result<ImageManifest> parse_artifact_manifest(ByteView bytes) {
  TRY_ASSIGN(const Json json, parse_json(as_text(bytes), k_limits));
  const JsonView view(json);
  ImageManifest out{.config = describe(as_bytes("{}"), media_type::k_oci_empty)};
  TRY_ASSIGN(out.media_type, optional_text(view, "mediaType"));
  TRY_ASSIGN(out.artifact_type, optional_text(view, "artifactType"));
  if (view.find("blobs")) {
    TRY_ASSIGN(out.layers, parse_list(view, "blobs"));
  }
  TRY_ASSIGN(out.subject, parse_subject(view));
  TRY_ASSIGN(out.annotations, parse_annotations(view.find("annotations")));
  return out;
}

std::string write_image_manifest(const ImageManifest& manifest) {
  JsonObject out = head(manifest.media_type, manifest.artifact_type);
  out.set("config", to_json(manifest.config));
  out.set("layers", list_json(manifest.layers));
  return with_tail(std::move(out), manifest.subject, manifest.annotations);
}

std::string write_image_index(const ImageIndex& index) {
  JsonObject out = head(index.media_type, index.artifact_type);
  out.set("manifests", list_json(index.manifests));
  return with_tail(std::move(out), index.subject, index.annotations);
}

Result<std::string> manifest_media_type(ByteView bytes) {
  if (is_artifact_manifest(bytes)) return std::string(media_type::k_oci_artifact_manifest);
  TRY_ASSIGN(const auto manifest, parse_manifest(bytes));
  if (const auto* index = std::get_if<ImageIndex>(&manifest)) {
    return index->media_type.empty() ? std::string(media_type::k_oci_index) : index->media_type;
  }
  const auto& image = std::get<ImageManifest>(manifest);
  if (!image.media_type.empty()) return image.media_type;
  const bool docker = image.config.media_type == media_type::k_docker_config;
  return std::string(docker ? media_type::k_docker_manifest : media_type::k_oci_manifest);
}

bool is_manifest_type(std::string_view media_type) {
  return media_type == media_type::k_oci_manifest || media_type == media_type::k_docker_manifest ||
         media_type == media_type::k_oci_artifact_manifest || is_index_type(media_type);
}

bool is_index_type(std::string_view media_type) {
  return media_type == media_type::k_oci_index || media_type == media_type::k_docker_index;
}

std::optional<Descriptor> subject_of(const Manifest& manifest) {
  return std::visit([](const auto& document) { return document.subject; }, manifest);
}

const Annotations& annotations_of(const Manifest& manifest) {
  return std::visit([](const auto& document) -> const Annotations& { return document.annotations; }, manifest);
}

std::string artifact_type_of(const Manifest& manifest) {
  if (const auto* index = std::get_if<ImageIndex>(&manifest)) return index->artifact_type;
  const auto& image = std::get<ImageManifest>(manifest);
  return image.artifact_type.empty() ? image.config.media_type : image.artifact_type;
}

}  // namespace davit
