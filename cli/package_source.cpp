#include "cli/package_source.hpp"

#include "cli/artifact_reader.hpp"
#include "cli/image_artifact.hpp"
#include "cli/input.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "manifests/remembered.hpp"
#include "oci/formats/image_config.hpp"
#include "wasm/limits.hpp"

namespace davit::cli {
namespace {

Result<oci::Package> package_of_spool(oci::OwnedFd fd, PackageDescription description, std::string from) {
  auto spool = std::make_shared<oci::OwnedFd>(std::move(fd));
  const std::string path = "/proc/self/fd/" + std::to_string(spool->get());
  TRY_ASSIGN(const auto hashed, oci::hash_file(path, wasm::Limits{}.file_bytes));
  const Descriptor blob{.media_type = std::string(media_type::k_wasm), .digest = hashed.digest, .size = hashed.stamp.size};
  return oci::Package{.from = std::move(from),
                      .description = std::move(description),
                      .wasm = {.blob = blob, .origin = oci::make_file_origin(path, hashed.stamp), .path = path},
                      .spool = std::move(spool)};
}

Result<PackageDescription> with_memory(PackageDescription said) {
  const auto found = said.annotations.find(std::string(annotation::k_package));
  if (found == said.annotations.end()) return said;
  auto memory = parse_remembered(found->second);
  if (!memory) return std::move(memory).error().during("reading the annotation dev.davit.package");
  said.annotations.erase(found);
  return restore(std::move(said), *memory);
}

Result<oci::Package> package_of_image(oci::ImageSource& image, const oci::ReadOptions& options) {
  TRY_ASSIGN(ExtractedWasm extracted, extract_wasm(image, options.path));
  TRY_ASSIGN(const oci::ImageConfig config, oci::parse_image_config(image.config()));
  PackageDescription description = config.description;
  description.path = extracted.path;
  description.title = extracted.path.substr(extracted.path.find_last_of('/') + 1);
  description.annotations = image.annotations();
  TRY_ASSIGN(description, with_memory(std::move(description)));
  return package_of_spool(std::move(extracted.spool), std::move(description), "image");
}

Result<oci::Package> package_of_artifact(oci::Repository& repository, const oci::RawManifest& manifest, const std::string& name) {
  TRY_ASSIGN(const FoundWasm found, find_wasm(repository, manifest));
  TRY_ASSIGN(const auto source, open_wasm(repository, found));
  TRY_ASSIGN(const ImageManifest parsed, parse_image_manifest(manifest.bytes));
  PackageDescription description;
  description.title = safe_file_name(found.layer, name);
  description.annotations = parsed.annotations;
  TRY_ASSIGN(description, with_memory(std::move(description)));
  oci::OwnedFd spool;
  TRY_ASSIGN(spool, oci::make_spool_file(""));
  TRY(oci::spool_from(*source, spool.get()));
  return package_of_spool(std::move(spool), std::move(description), found.format);
}

}  // namespace

Result<PackageSource> load_packages(Context& context, const std::string& text, const oci::ReadOptions& options, bool) {
  PackageSource out{.name = text};
  TRY_ASSIGN(const auto reference, parse_store_reference(text));
  const auto* local = std::get_if<LocalReference>(&reference);
  if (local != nullptr && local->kind == ArchiveKind::docker_archive) {
    TRY_ASSIGN(const auto image, oci::open_docker_archive(local->path, local->tag));
    TRY_ASSIGN(oci::Package package, package_of_image(*image, options));
    out.packages.push_back(std::move(package));
    return out;
  }
  TRY_ASSIGN(out.repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const auto manifest, oci::fetch_wasm_manifest(*out.repository, selector_of(reference)));
  TRY_ASSIGN(const bool is_image, oci::is_container_image(manifest));
  if (is_image) {
    TRY_ASSIGN(const auto image, oci::open_stored_image(*out.repository, manifest));
    TRY_ASSIGN(oci::Package package, package_of_image(*image, options));
    out.packages.push_back(std::move(package));
    return out;
  }
  if (!options.path.empty()) return fail(ErrorCode::usage, "--path chooses a file in a container image, and this is a wasm artifact");
  TRY_ASSIGN(oci::Package package, package_of_artifact(*out.repository, manifest, repository_name(reference)));
  out.packages.push_back(std::move(package));
  return out;
}

}  // namespace davit::cli
