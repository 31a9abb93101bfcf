// Packages that are files or folders. What one is shows in its first bytes, then in the names that stand in it.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/copy.hpp"
#include "oci/formats/package_kind.hpp"
#include "oci/formats/readers.hpp"
#include "oci/layout.hpp"

namespace davit::oci {
namespace {

struct Opened {
  ByteKind bytes = ByteKind::other;
  bool is_folder = false;
  PackageWalk walk{};
};

Result<Opened> open_package(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return file_error("open", path, errno);
  Opened out{.is_folder = S_ISDIR(info.st_mode)};
  if (out.is_folder) {
    out.walk = [path](const ArchiveLimits& limits, const EntryVisitor& visit) { return walk_folder(path, limits, visit); };
    return out;
  }
  OwnedFd fd;
  TRY_ASSIGN(fd, open_file(path));
  const auto source = make_fd_source(std::move(fd), path);
  TRY_ASSIGN(const Bytes head, read_head(*source, k_sniff_bytes));
  out.bytes = sniff(head);
  if (out.bytes == ByteKind::zip) {
    out.walk = [path](const ArchiveLimits& limits, const EntryVisitor& visit) { return walk_zip_file(path, limits, visit); };
  } else {
    out.walk = [path](const ArchiveLimits& limits, const EntryVisitor& visit) { return walk_archive_file(path, limits, visit); };
  }
  return out;
}

bool is_archive(ByteKind kind) {
  return kind == ByteKind::tar || kind == ByteKind::gzip || kind == ByteKind::zstd || kind == ByteKind::zip;
}

Result<Package> read_bare_file(const std::string& path) {
  OwnedFd fd;
  TRY_ASSIGN(fd, open_file(path));
  const auto source = make_fd_source(std::move(fd), path);
  TRY_ASSIGN(HeldWasm held, take_wasm(*source, "the file"));
  Package out{.from = "file", .wasm = std::move(held.wasm), .spool = std::move(held.spool)};
  out.description.title = file_name_of(path);
  return out;
}

Error not_a_package(const Opened& opened) {
  if (opened.is_folder) {
    return fail(ErrorCode::unsupported,
                "this folder is no package: it holds none of spin.toml, wasmer.toml, fastly.toml, wrangler.toml and no wasm file");
  }
  if (is_archive(opened.bytes)) {
    return fail(ErrorCode::unsupported, "this is " + std::string(describe(opened.bytes)) + " without a wasm file or a mark of a package");
  }
  auto error = fail(ErrorCode::unsupported, "this is " + std::string(describe(opened.bytes)) + ", and no package that holds wasm");
  if (opened.bytes == ByteKind::native)
    return std::move(error).hinting("davit converts WebAssembly; files that a runtime compiled ahead are native too");
  if (opened.bytes == ByteKind::wasm_text)
    return std::move(error).hinting("make it binary first, with \"wat2wasm\" or \"wasm-tools parse\"");
  return error;
}

Result<PackageKind> classify(const Opened& opened, const PackageContents& contents) {
  PackageKind kind = kind_of(contents);
  if (kind.format.empty()) return not_a_package(opened);
  if (!kind.refusal.empty()) return fail(ErrorCode::unsupported, kind.refusal);
  return kind;
}

// The reader calls the variant as the manifest would.
std::string variant_of(const PackageKind& kind) { return kind.format == "envoy" ? "layer" : ""; }

Result<std::vector<Package>> read_contents(const Opened& opened, const PackageContents& contents, const PackageKind& kind,
                                           const ReadOptions& options, bool all) {
  ReadOptions named = options;
  if (named.path.empty()) named.path = program_named_in(kind, contents);
  auto rules = file_rules_in(kind, contents, named.path);
  if (!rules) return std::move(rules).error().in(kind.document);
  const bool is_said = rules->is_said;
  const bool ships_files = is_said || kind.format == "fastly" || kind.format == "wasmer" || kind.format == "workers";
  const LayerStack stack{
      .count = 1, .walk = [&](std::size_t, const ArchiveLimits& limits, const EntryVisitor& visit) { return opened.walk(limits, visit); }};
  return read_tree(stack, {.format = kind.format,
                           .variant = variant_of(kind),
                           .for_wasm = ships_files || kind.format == "opa-bundle",
                           .is_package = true,
                           .preferred = kind.preferred,
                           .files_folder = ships_files && kind.format != "spin" ? std::string(package_file::k_files_folder) : "",
                           .rules = *std::move(rules),
                           .options = named,
                           .all = all});
}

Result<std::vector<Package>> read_stored(const std::string& path, bool is_folder, const ReadOptions& options, bool all) {
  const auto repository = is_folder ? open_layout(path) : open_archive(path);
  TRY_ASSIGN(const RawManifest manifest, fetch_wasm_manifest(*repository, ""));
  if (all) return read_all_packages(*repository, manifest, options);
  TRY_ASSIGN(Package package, read_package(*repository, manifest, options));
  std::vector<Package> out;
  out.push_back(std::move(package));
  return out;
}

Result<std::vector<Package>> read_saved(const std::string& path, const ReadOptions& options, bool all) {
  TRY_ASSIGN(const auto image, open_docker_archive(path, std::nullopt));
  if (all) return read_all_image_packages(*image, options);
  TRY_ASSIGN(Package package, read_image_package(*image, options));
  std::vector<Package> out;
  out.push_back(std::move(package));
  return out;
}

Result<std::vector<Package>> read_any_file(const std::string& path, const ReadOptions& options, bool all) {
  TRY_ASSIGN(const Opened opened, open_package(path));
  if (opened.bytes == ByteKind::wasm && !opened.is_folder) {
    TRY_ASSIGN(Package package, read_bare_file(path));
    std::vector<Package> out;
    out.push_back(std::move(package));
    return out;
  }
  if (!opened.is_folder && !is_archive(opened.bytes)) return not_a_package(opened);
  TRY_ASSIGN(const PackageContents contents, look_through(opened.walk));
  TRY_ASSIGN(const PackageKind kind, classify(opened, contents));
  if (kind.format == "oci-archive") return read_stored(path, opened.is_folder, options, all);
  if (kind.format == "docker-archive" && !opened.is_folder) return read_saved(path, options, all);
  return read_contents(opened, contents, kind, options, all);
}

Result<std::optional<Detection>> detect_opened(const Opened& opened) {
  if (!opened.is_folder && !is_archive(opened.bytes)) return std::optional<Detection>();
  TRY_ASSIGN(const PackageContents contents, look_through(opened.walk));
  const PackageKind kind = kind_of(contents);
  if (kind.format.empty()) return not_a_package(opened);
  Detection out{.format = kind.format,
                .variant = variant_of(kind),
                .holds_wasm = kind.refusal.empty(),
                .refusal = kind.refusal,
                .evidence = {kind.evidence}};
  if (out.format == "oci-archive" && opened.is_folder) out.format = "oci-layout";
  return std::optional<Detection>(std::move(out));
}

}  // namespace

Result<std::optional<Detection>> detect_package_file(const std::string& path) {
  struct stat info {};
  const bool is_package = ::stat(path.c_str(), &info) == 0 && (S_ISDIR(info.st_mode) || S_ISREG(info.st_mode));
  if (!is_package) return std::optional<Detection>();
  auto opened = open_package(path);
  if (!opened) return std::move(opened).error().in(path);
  auto out = detect_opened(*opened);
  if (!out) return std::move(out).error().in(path);
  return out;
}

Result<Package> read_package_file(const std::string& path, const ReadOptions& options) {
  auto packages = read_any_file(path, options, false);
  if (!packages) return std::move(packages).error().in(path);
  CHECK(packages->size() == 1);
  return std::move(packages->front());
}

Result<std::vector<Package>> read_all_package_files(const std::string& path, const ReadOptions& options) {
  auto packages = read_any_file(path, options, true);
  if (!packages) return std::move(packages).error().in(path);
  return packages;
}

}  // namespace davit::oci
