#include "cli/artifact.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/image_artifact.hpp"
#include "manifests/capability_manifest.hpp"
#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "manifests/wasm_config.hpp"
#include "wasm/capabilities.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_epoch = 253'402'300'799;  // the last second of the year 9999

// A wasm file that can be read twice: by us to describe it, and by the store to keep it.
struct Payload {
  std::string path{};  ///< of a regular file
  oci::OwnedFd spool{};
  std::string title{};
};

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Result<void> check_title(const std::string& title) {
  const bool good = !title.empty() && title != "." && title != ".." && title.size() <= 255 && title.find('/') == std::string::npos &&
                    printable(title, 255) == title;
  if (good) return {};
  return fail(ErrorCode::usage, "title \"" + printable(title) + "\" is not a file name");
}

// Standard input, and a file that gets a section added, go to a temporary file without a name.
Result<Payload> spooled(oci::Source& source) {
  Payload out;
  TRY_ASSIGN(out.spool, oci::make_spool_file(""));
  TRY(oci::spool_from(source, out.spool.get()));
  out.path = "/proc/self/fd/" + std::to_string(out.spool.get());
  return out;
}

Result<Payload> open_payload(const ArtifactRequest& request) {
  Payload out;
  if (request.file == "-") {
    const int fd = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return oci::file_error("read", "standard input", errno);
    const auto source = oci::make_fd_source(oci::OwnedFd(fd), "standard input");
    TRY_ASSIGN(out, spooled(*source));
  } else {
    out.path = request.file;
    out.title = base_name(request.file);
  }
  if (!request.title.empty()) {
    TRY(check_title(request.title));
    out.title = request.title;
  }
  return out;
}

Result<Payload> with_capabilities(Payload payload, const std::string& capability_file) {
  TRY_ASSIGN(const Bytes text, oci::read_file(capability_file, k_max_capability_manifest_bytes));
  auto manifest = parse_capability_manifest(as_text(text));
  if (!manifest) return std::move(manifest).error().in(capability_file);
  TRY_ASSIGN(const auto file, oci::MappedFile::open(payload.path, wasm::Limits{}.file_bytes));
  const std::string section = write_json(to_json(*manifest));
  auto bytes = wasm::set_custom_section(file.bytes(), wasm::k_capability_section, as_bytes(section));
  if (!bytes) return std::move(bytes).error().in(payload.path);
  const auto source = oci::make_memory_source(*std::move(bytes));
  TRY_ASSIGN(Payload out, spooled(*source));
  out.title = payload.title;
  return out;
}

// The classes that the publisher asks for; of a file that carries no manifest, those that its imports can reach.
Result<std::string> capability_classes(ByteView file, const wasm::BinarySummary& summary) {
  TRY_ASSIGN(const auto section, wasm::find_custom_section(file, wasm::k_capability_section));
  if (section) {
    TRY_ASSIGN(const auto manifest, parse_capability_manifest(as_text(*section)));
    return capability_annotation(capabilities_of(manifest.requests));
  }
  return capability_annotation(capabilities_of(wasm::derive_manifest(wasm::reach_of(summary)).requests));
}

// wasm custom sections that every registry shows as annotations (formats: `wkg publish`, `wash oci push`).
void map_metadata(const wasm::BinarySummary& summary, Annotations& annotations) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_names = {{
      {"authors", "org.opencontainers.image.authors"},
      {"description", "org.opencontainers.image.description"},
      {"homepage", "org.opencontainers.image.url"},
      {"licenses", "org.opencontainers.image.licenses"},
      {"revision", "org.opencontainers.image.revision"},
      {"source", "org.opencontainers.image.source"},
      {"version", "org.opencontainers.image.version"},
  }};
  for (const auto& [section, key] : k_names) {
    const auto found = summary.metadata.find(std::string(section));
    if (found != summary.metadata.end() && !found->second.empty()) annotations[std::string(key)] = found->second;
  }
}

Result<void> add_annotations(const std::vector<std::string>& pairs, Annotations& annotations) {
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorCode::usage, "annotation \"" + printable(pair) + "\" is not KEY=VALUE");
    if (!is_utf8(pair)) return fail(ErrorCode::usage, "annotation \"" + printable(pair) + "\" is not UTF-8");
    annotations[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

struct Described {
  WasmConfig config;
  Annotations annotations{};
};

Result<Described> describe_file(Context& context, const std::string& path, const std::string& name) {
  TRY_ASSIGN(const auto file, oci::MappedFile::open(path, wasm::Limits{}.file_bytes));
  auto summary = wasm::summarize(file.bytes(), wasm::Limits{});
  if (!summary)
    return std::move(summary).error().in(name).hinting("davit pushes wasm binaries; \"davit build\" makes one from source or WAT");
  Described out;
  const bool is_component = summary->kind == wasm::Kind::component;
  TRY_ASSIGN(out.config.created, created_time(context));
  out.config.os = is_component ? "wasip2" : "wasip1";
  if (is_component) out.config.component = WasmWorld{.exports = wasm::world_exports(*summary), .imports = wasm::world_imports(*summary)};
  map_metadata(*summary, out.annotations);
  auto classes = capability_classes(file.bytes(), *summary);
  if (!classes) return std::move(classes).error().in("custom section \"davit.capabilities\" of " + name);
  if (!classes->empty()) out.annotations[std::string(annotation::k_capabilities)] = *classes;
  return out;
}

oci::NewBlob memory_blob(const std::string& text, std::string_view media_type) {
  return {describe(as_bytes(text), media_type), oci::make_memory_origin(to_bytes(text))};
}

// The CNCF Wasm OCI artifact: one layer with the file as it is, and a config that says what it is.
Result<BuiltArtifact> build_wasm_artifact(Context& context, const ArtifactRequest& request) {
  TRY_ASSIGN(Payload payload, open_payload(request));
  if (!request.capability_file.empty()) {
    TRY_ASSIGN(payload, with_capabilities(std::move(payload), request.capability_file));
  }
  const std::string name = request.file == "-" ? "standard input" : request.file;
  TRY_ASSIGN(auto described, describe_file(context, payload.path, name));
  std::shared_ptr<oci::EarlyUpload> early;
  if (request.begin_upload) early = request.begin_upload(payload.path);
  TRY_ASSIGN(const auto hashed, oci::hash_file(payload.path, wasm::Limits{}.file_bytes));
  TRY(add_annotations(request.annotations, described.annotations));
  Descriptor layer{.media_type = std::string(media_type::k_wasm), .digest = hashed.digest, .size = hashed.stamp.size};
  if (!payload.title.empty()) layer.annotations[std::string(annotation::k_title)] = payload.title;
  described.config.layer_digests = {hashed.digest};
  auto config = memory_blob(write_wasm_config(described.config), media_type::k_wasm_config_v0);
  const std::string manifest = write_image_manifest({.media_type = std::string(media_type::k_oci_manifest),
                                                     .config = config.descriptor,
                                                     .layers = {layer},
                                                     .annotations = described.annotations});
  BuiltArtifact out{
      .artifact = {.manifest = {.bytes = to_bytes(manifest), .descriptor = describe(as_bytes(manifest), media_type::k_oci_manifest)}},
      .format = "wasm",
      .artifact_type = std::string(media_type::k_wasm_config_v0),
      .size = layer.size,
      .spool = std::move(payload.spool)};
  out.artifact.blobs = {std::move(config), {layer, oci::make_file_origin(payload.path, hashed.stamp), std::move(early)}};
  return out;
}

}  // namespace

Result<std::string> created_time(const Context& context) {
  const auto epoch = context.environment("SOURCE_DATE_EPOCH");
  if (!epoch) return std::string("1970-01-01T00:00:00Z");
  const bool digits = epoch->size() <= 12 && epoch->find_first_not_of("0123456789") == std::string::npos;
  const std::uint64_t seconds = digits ? std::stoull(*epoch) : k_max_epoch + 1;
  if (seconds > k_max_epoch)
    return fail(ErrorCode::usage, "SOURCE_DATE_EPOCH is \"" + printable(*epoch) + "\"; expected seconds since 1970");
  const auto time = static_cast<time_t>(seconds);
  tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  ::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data());
}

Result<BuiltArtifact> build_artifact(Context& context, const ArtifactRequest& request) {
  if (request.format == "wasm" || request.format == "image") {
    TRY_ASSIGN(auto built, build_wasm_artifact(context, request));
    if (request.format == "wasm") return built;
    return pack_image(context, built, {});
  }
  return fail(ErrorCode::unsupported, "format \"" + printable(request.format) + "\" cannot be pushed from a file")
      .hinting("push with --format wasm and use \"davit convert\" for the others");
}

}  // namespace davit::cli
