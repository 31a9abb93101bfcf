#include "cli/artifact.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "manifests/capability_manifest.hpp"
#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "wasm/capabilities.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_policy_section = "io.kubewarden.metadata";
constexpr std::uint64_t k_max_section_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t k_max_epoch = 253'402'300'799;  // the last second of the year 9999

// A wasm file that can be read twice: by us to describe it, and by the store to keep it.
struct Payload {
  std::string path{};                     ///< of a regular file
  std::shared_ptr<oci::OwnedFd> spool{};  ///< shared with the artifact that is made of it
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
  oci::OwnedFd spool;
  TRY_ASSIGN(spool, oci::make_spool_file(""));
  TRY(oci::spool_from(source, spool.get()));
  const std::string path = "/proc/self/fd/" + std::to_string(spool.get());
  return Payload{.path = path, .spool = std::make_shared<oci::OwnedFd>(std::move(spool))};
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

Result<Payload> with_capabilities(const Payload& payload, const std::string& capability_file) {
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
  if (!summary.name.empty()) annotations[std::string(annotation::k_title)] = summary.name;
}

bool is_own_annotation(std::string_view key) {
  return key == annotation::k_package || key == annotation::k_files || key == annotation::k_capabilities;
}

// Titles of a package are file names; what a file is called here need not be one.
std::string title_of(const Payload& payload) { return check_title(payload.title) ? payload.title : std::string(); }

Result<oci::Package> make_package(const ArtifactRequest& request, const Payload& payload, const oci::HashedFile& hashed) {
  PackageDescription description;
  description.title = title_of(payload);
  TRY(add_annotations(request.annotations, description.annotations));
  const Descriptor blob{.media_type = std::string(media_type::k_wasm), .digest = hashed.digest, .size = hashed.stamp.size};
  return oci::Package{.from = "file",
                      .description = std::move(description),
                      .wasm = {.blob = blob, .origin = oci::make_file_origin(payload.path, hashed.stamp), .path = payload.path},
                      .spool = payload.spool};
}

}  // namespace

Result<void> add_annotations(const std::vector<std::string>& pairs, Annotations& annotations) {
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorCode::usage, "annotation \"" + printable(pair) + "\" is not KEY=VALUE");
    if (is_own_annotation(pair.substr(0, equals)))
      return fail(ErrorCode::usage, "annotation \"" + printable(pair.substr(0, equals)) + "\" is one that davit writes itself");
    if (!is_utf8(pair)) return fail(ErrorCode::usage, "annotation \"" + printable(pair) + "\" is not UTF-8");
    annotations[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

Result<std::uint64_t> source_date(const Context& context) {
  const auto epoch = context.environment("SOURCE_DATE_EPOCH");
  if (!epoch) return std::uint64_t{0};
  const bool digits = epoch->size() <= 12 && epoch->find_first_not_of("0123456789") == std::string::npos;
  const std::uint64_t seconds = digits ? std::stoull(*epoch) : k_max_epoch + 1;
  if (seconds > k_max_epoch)
    return fail(ErrorCode::usage, "SOURCE_DATE_EPOCH is \"" + printable(*epoch) + "\"; expected seconds since 1970");
  return seconds;
}

Result<std::string> created_time(const Context& context) {
  TRY_ASSIGN(const std::uint64_t seconds, source_date(context));
  const auto time = static_cast<time_t>(seconds);
  tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  ::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data());
}

Result<oci::WasmFacts> examine_for_formats(const std::string& path, const std::string& name) {
  TRY_ASSIGN(const auto file, oci::MappedFile::open(path, wasm::Limits{}.file_bytes));
  auto summary = wasm::summarize(file.bytes(), wasm::Limits{});
  if (!summary)
    return std::move(summary).error().in(name).hinting("davit pushes wasm binaries; \"davit build\" makes one from source or WAT");
  oci::WasmFacts out{.is_component = summary->kind == wasm::Kind::component, .target = summary->target};
  if (out.is_component) {
    out.world = {.exports = wasm::world_exports(*summary), .imports = wasm::world_imports(*summary)};
  } else {
    for (const auto& item : summary->exports) out.exports.insert(item.name);
  }
  map_metadata(*summary, out.metadata);
  auto classes = capability_classes(file.bytes(), *summary);
  if (!classes) return std::move(classes).error().in("custom section \"davit.capabilities\" of " + name);
  out.capability_classes = *std::move(classes);
  TRY_ASSIGN(const auto policy, wasm::find_custom_section(file.bytes(), k_policy_section));
  if (policy && policy->size() <= k_max_section_bytes) out.sections[std::string(k_policy_section)] = std::string(as_text(*policy));
  return out;
}

Result<BuiltArtifact> build_artifact(Context& context, const ArtifactRequest& request) {
  const oci::Format* format = oci::find_format(request.format);
  if (format == nullptr || format->write == nullptr) {
    return fail(ErrorCode::unsupported, "format \"" + printable(request.format) + "\" is a file and cannot be pushed")
        .hinting("\"davit convert FILE TARGET --format " + printable(request.format) + "\" writes it");
  }
  TRY_ASSIGN(Payload payload, open_payload(request));
  if (!request.capability_file.empty()) {
    TRY_ASSIGN(payload, with_capabilities(payload, request.capability_file));
  }
  TRY_ASSIGN(const auto facts, examine_for_formats(payload.path, request.file == "-" ? "standard input" : request.file));
  std::shared_ptr<oci::EarlyUpload> early;
  if (request.begin_upload) early = request.begin_upload(payload.path);
  TRY_ASSIGN(const auto hashed, oci::hash_file(payload.path, wasm::Limits{}.file_bytes));
  TRY_ASSIGN(const oci::Package package, make_package(request, payload, hashed));
  TRY_ASSIGN(const std::string created, created_time(context));
  TRY_ASSIGN(oci::Written written, format->write(package, facts, {.created = created}));
  for (oci::NewBlob& blob : written.artifact.blobs) {
    if (blob.descriptor.digest == hashed.digest) blob.early = std::move(early);
  }
  for (const std::string& warning : written.warnings) context.warn(warning);
  return BuiltArtifact{.artifact = std::move(written.artifact),
                       .format = std::string(format->name),
                       .artifact_type = std::move(written.artifact_type),
                       .size = hashed.stamp.size,
                       .spool = payload.spool};
}

}  // namespace davit::cli
