// `docker save` as Docker wrote it before version 25, which all later ones read too: `manifest.json` names the parts,
// and for the oldest readers each layer has a folder with its identity, named in `repositories`.
#include "oci/docker_archive_writer.hpp"

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/reference.hpp"
#include "oci/archive.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_no_time = "1970-01-01T00:00:00Z";

Result<void> add_text(ArchiveWriter& writer, const std::string& name, const std::string& text) {
  const auto source = make_memory_source(to_bytes(text));
  return writer.add_file(name, text.size(), *source);
}

struct Name {
  std::string repository;
  std::string tag;
};

Result<std::optional<Name>> split(const std::optional<std::string>& name) {
  if (!name) return std::optional<Name>{};
  const std::size_t colon = name->rfind(':');
  const bool has_tag = colon != std::string::npos && name->find('/', colon) == std::string::npos;
  Name out{.repository = has_tag ? name->substr(0, colon) : *name, .tag = has_tag ? name->substr(colon + 1) : "latest"};
  if (!out.repository.empty() && is_tag(out.tag)) return std::optional<Name>(std::move(out));
  return fail(ErrorCode::usage, "\"" + printable(*name) + "\" is not NAME:TAG");
}

const NewBlob& blob_of(const NewArtifact& image, const Digest& digest) {
  const NewBlob* found = nullptr;
  for (const NewBlob& blob : image.blobs) {
    if (blob.descriptor.digest == digest) found = &blob;
  }
  CHECK(found != nullptr);
  return *found;
}

Result<void> add_blob(ArchiveWriter& writer, const std::string& name, const NewBlob& blob) {
  TRY_ASSIGN(const auto source, blob.origin->open());
  return writer.add_file(name, blob.descriptor.size, *source);
}

// The identity of a layer covers those below it, so that equal layers in different places differ.
std::string layer_identity(const std::string& parent, const Digest& layer) {
  return digest_of(std::string_view(parent + layer.text())).hex();
}

Result<void> add_layer(ArchiveWriter& writer, const std::string& id, const std::string& parent, const NewBlob& blob) {
  JsonObject json{{"id", id}};
  if (!parent.empty()) json.set("parent", parent);
  json.set("created", std::string(k_no_time));
  TRY(writer.add_folder(id));
  TRY(add_text(writer, id + "/VERSION", "1.0"));
  TRY(add_text(writer, id + "/json", write_json(json)));
  return add_blob(writer, id + "/layer.tar", blob);
}

}  // namespace

Result<void> write_docker_archive(const std::string& path, const std::optional<std::string>& name, const NewArtifact& image) {
  TRY_ASSIGN(const auto names, split(name));
  TRY_ASSIGN(const ImageManifest manifest, parse_image_manifest(image.manifest.bytes));
  TRY_ASSIGN(const auto file, AtomicFile::create(path));
  TRY_ASSIGN(const auto writer, make_archive_writer(*file, Compression::none));
  const std::string config = manifest.config.digest.hex() + ".json";
  TRY(add_blob(*writer, config, blob_of(image, manifest.config.digest)));
  JsonArray layers;
  std::string parent;
  for (const Descriptor& layer : manifest.layers) {
    const std::string id = layer_identity(parent, layer.digest);
    TRY(add_layer(*writer, id, parent, blob_of(image, layer.digest)));
    layers.push_back(id + "/layer.tar");
    parent = id;
  }
  JsonObject entry{{"Config", config}, {"RepoTags", nullptr}, {"Layers", std::move(layers)}};
  if (names) {
    entry.set("RepoTags", JsonArray{names->repository + ":" + names->tag});
    TRY(add_text(*writer, "repositories", write_json(JsonObject{{names->repository, JsonObject{{names->tag, parent}}}})));
  }
  TRY(add_text(*writer, "manifest.json", write_json(JsonArray{std::move(entry)})));
  TRY(writer->close());
  return file->finish();
}

}  // namespace davit::oci
