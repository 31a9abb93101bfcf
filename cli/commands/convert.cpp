#include "cli/artifact.hpp"
#include "cli/artifact_reader.hpp"
#include "cli/commands/commands.hpp"
#include "cli/image_artifact.hpp"
#include "cli/output/progress.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/image_source.hpp"

namespace davit::cli {
namespace {

struct ConvertOptions {
  std::string source{};
  std::string target{};
  std::string format{};
  std::string platform{};
  std::string path{};
};

// The file that was in the source, and what the source said about it.
struct Content {
  oci::OwnedFd spool{};
  std::string title{};
  std::string origin{};  ///< `image`, `wasm`, …
  Annotations annotations{};
};

// Kept only where it is a plain file name; the archive of a stranger may hold any bytes.
std::string title_from(const std::string& path) {
  std::string base = path.substr(path.find_last_of('/') + 1);
  const bool good = !base.empty() && base.size() <= 255 && printable(base, 255) == base;
  return good ? base : "app.wasm";
}

Result<Content> take_from_image(oci::ImageSource& image, const std::string& path) {
  TRY_ASSIGN(ExtractedWasm extracted, extract_wasm(image, path));
  Content out{
      .spool = std::move(extracted.spool), .title = title_from(extracted.path), .origin = "image", .annotations = image.annotations()};
  out.annotations[std::string(annotation::k_image)] = extracted.memory;
  return out;
}

Result<Content> take_from_artifact(oci::Repository& repository, const oci::RawManifest& manifest, const std::string& name) {
  TRY_ASSIGN(const FoundWasm found, find_wasm(repository, manifest));
  TRY_ASSIGN(const auto source, open_wasm(repository, found));
  TRY_ASSIGN(const ImageManifest parsed, parse_image_manifest(manifest.bytes));
  Content out{.spool = {}, .title = safe_file_name(found.layer, name), .origin = found.format, .annotations = parsed.annotations};
  TRY_ASSIGN(out.spool, oci::make_spool_file(""));
  TRY(oci::spool_from(*source, out.spool.get()));
  return out;
}

Result<Content> read_source(Context& context, const Reference& reference, const std::string& path) {
  const auto* local = std::get_if<LocalReference>(&reference);
  if (local != nullptr && local->kind == ArchiveKind::docker_archive) {
    TRY_ASSIGN(const auto image, oci::open_docker_archive(local->path, local->tag));
    return take_from_image(*image, path);
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const auto manifest, oci::fetch_wasm_manifest(*repository, selector_of(reference)));
  TRY_ASSIGN(const bool is_image, oci::is_container_image(manifest));
  if (is_image) {
    TRY_ASSIGN(const auto image, oci::open_stored_image(*repository, manifest));
    return take_from_image(*image, path);
  }
  if (!path.empty()) return fail(ErrorCode::usage, "--path chooses a file in a container image, and this is a wasm artifact");
  return take_from_artifact(*repository, manifest, repository_name(reference));
}

// The wasm artifact is always built: it checks the file and finds its capabilities anew, so that no annotation of the
// source can claim others.
Result<BuiltArtifact> build_target(Context& context, const Content& content, const ConvertOptions& options) {
  ArtifactRequest request{.format = "wasm", .file = "/proc/self/fd/" + std::to_string(content.spool.get()), .title = content.title};
  for (const auto& [key, value] : content.annotations) {
    if (key != annotation::k_capabilities && key.find('=') == std::string::npos && !key.empty())
      request.annotations.push_back(key + "=" + value);
  }
  TRY_ASSIGN(BuiltArtifact built, build_artifact(context, request));
  if (options.format == "wasm") return built;
  return pack_image(context, built, {.platform = options.platform});
}

Result<void> check_target(const Reference& reference) {
  if (digest_of(reference))
    return fail(ErrorCode::usage, "a conversion makes its own digest, so the target must not name one").hinting("leave @DIGEST out");
  const auto* local = std::get_if<LocalReference>(&reference);
  if (local == nullptr || local->kind != ArchiveKind::docker_archive) return {};
  return fail(ErrorCode::unsupported, "davit reads docker-archive and does not write it")
      .hinting("write oci-archive:FILE; \"docker load\" of Docker 25 and later and \"skopeo copy\" read that");
}

Result<int> run_convert(Context& context, const ConvertOptions& options) {
  TRY_ASSIGN(const auto source, parse_store_reference(options.source));
  TRY_ASSIGN(const auto target, parse_store_reference(options.target));
  TRY(check_target(target));
  if (!options.platform.empty() && options.format != "image") return fail(ErrorCode::usage, "--platform is for --format image");
  auto content = read_source(context, source, options.path);
  if (!content) return std::move(content).error().in(to_text(source));
  TRY_ASSIGN(const BuiltArtifact built, build_target(context, *content, options));
  TRY_ASSIGN(const auto repository, open_repository(context, target, StoreAccess::write));
  const auto tag = tag_to_write(target);
  {
    Progress progress(context);
    TRY(oci::publish(*repository, built.artifact, tag, {.concurrency = context.registry.concurrency, .events = progress.events()}));
  }
  TRY(repository->flush());
  const Descriptor& manifest = built.artifact.manifest.descriptor;
  const std::string name = to_text(tag ? with_tag(target, *tag) : target);
  context.say("converted " + content->origin + " to " + built.format + ": " + content->title + ", " + human_size(built.size));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", name},
                                      {"digest", manifest.digest.text()},
                                      {"mediaType", manifest.media_type},
                                      {"artifactType", built.artifact_type},
                                      {"size", built.size},
                                      {"format", built.format},
                                      {"from", content->origin},
                                      {"title", content->title}}));
    return 0;
  }
  TRY(context.print(name + "@" + manifest.digest.text() + "\n"));
  return 0;
}

}  // namespace

Command make_convert_command() {
  auto options = std::make_shared<ConvertOptions>();
  return {
      .name = "convert",
      .summary = "repack a wasm file: container image or artifact",
      .description =
          "Takes the wasm file out of SRC, which is a container image or any wasm artifact, and stores it as the named format in DST.\n"
          "In an image the file is the one that its entrypoint or command names, else the only wasm file in it; layers are read and\n"
          "never unpacked. What an image says about itself (entrypoint, platform, environment, labels) is kept in an annotation, and the\n"
          "way back restores it. The wasm file itself is never changed. Prints DST@DIGEST.",
      .arguments = {{"SRC", "registry reference, oci:, oci-archive: or docker-archive:", &options->source, true, ValueKind::reference},
                    {"DST", "registry reference, oci: or oci-archive:", &options->target, true, ValueKind::reference}},
      .options = {{"--format",
                   "FORMAT",
                   "wasm (CNCF artifact) or image (OCI image for container hosts)",
                   &options->format,
                   ValueKind::word,
                   {"wasm", "image"},
                   true},
                  {"--platform",
                   "OS/ARCH",
                   "for an image: its platform (default: as remembered, else wasi/wasm)",
                   &options->platform,
                   ValueKind::word,
                   {"wasi/wasm", "wasip1/wasm", "wasip2/wasm"}},
                  {"--path", "FILE", "the wasm file inside the image, when it holds several", &options->path}},
      .examples = {{"davit convert docker-archive:app.tar oci:store:1.0 --format wasm", "what \"docker save\" wrote, as an artifact"},
                   {"davit convert oci:store:1.0 registry.example.com/team/app:image --format image", "for containerd, Docker and podman"},
                   {"davit convert oci:image:1.0 oci:store:1.0 --format wasm --path /app/main.wasm", "one of several files"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [options](Context& context) { return run_convert(context, *options); },
  };
}

}  // namespace davit::cli
