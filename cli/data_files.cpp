#include "cli/data_files.hpp"

#include <filesystem>

#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "oci/archive.hpp"
#include "oci/data_files.hpp"

namespace davit::cli {
namespace {

Result<oci::DataFiles> restore(oci::Repository& repository, const oci::RawManifest& artifact, const std::string& folder) {
  TRY_ASSIGN(const ImageManifest manifest, parse_image_manifest(artifact.bytes));
  TRY_ASSIGN(const auto wanted, oci::named_data_files(manifest));
  if (!wanted) return fail(ErrorCode::not_found, "the artifact has no data files");
  const oci::DataFileLimits limits;
  TRY_ASSIGN(auto files, oci::find_data_files(repository, artifact.descriptor.digest, *wanted, limits));
  TRY(oci::restore_data_files(repository, files, folder, limits));
  return files;
}

}  // namespace

Result<bool> has_data_files(const oci::RawManifest& artifact) {
  TRY_ASSIGN(const Manifest manifest, parse_manifest(artifact.bytes));
  const auto* image = std::get_if<ImageManifest>(&manifest);
  if (image == nullptr) return false;
  TRY_ASSIGN(const auto named, oci::named_data_files(*image));
  return named.has_value();
}

Result<void> restore_data_files(oci::Repository& repository, const oci::RawManifest& artifact, const std::string& folder) {
  TRY_ASSIGN(const auto files, restore(repository, artifact, folder));
  static_cast<void>(files);
  return {};
}

Result<std::vector<GrantedFolder>> mount_data_files(oci::Repository& repository, const oci::RawManifest& artifact,
                                                    const std::string& folder) {
  TRY_ASSIGN(const oci::DataFiles files, restore(repository, artifact, folder));
  std::vector<GrantedFolder> out;
  for (const std::string& guest : files.folders) {
    const auto clean = oci::clean_entry_name(guest.starts_with('/') ? std::string_view(guest).substr(1) : std::string_view(guest));
    const bool is_root = guest == "/";
    if (!is_root && (!clean || clean->empty()))
      return fail(ErrorCode::malformed, "\"" + printable(guest) + "\" is no folder for data files");
    const std::string host = is_root ? folder : folder + "/" + *clean;
    std::error_code code;
    if (!std::filesystem::is_directory(host, code))
      return fail(ErrorCode::mismatch, "the data files ask for the folder \"" + printable(guest) + "\", which is not among them");
    out.push_back({.host = host, .guest = guest, .read_only = true});
  }
  return out;
}

Result<std::vector<GrantedFolder>> mount_packaged_files(const oci::Package& package, const std::string& folder) {
  if (package.files.empty()) return std::vector<GrantedFolder>();
  for (const oci::PackagedFile& file : package.files) {
    const auto clean = oci::clean_entry_name(file.entry.path);
    if (!clean || clean->empty())
      return fail(ErrorCode::malformed, "the data file \"" + printable(file.entry.path) + "\" has no place below the root");
    const std::string path = folder + "/" + *clean;
    TRY(oci::make_folders(path.substr(0, path.find_last_of('/'))));
    TRY_ASSIGN(const auto source, file.origin->open());
    TRY_ASSIGN(const auto sink, oci::AtomicFile::create(path, file.entry.mode & 0777U));
    TRY_ASSIGN(const std::uint64_t copied, oci::copy_stream(*source, *sink));
    CHECK(copied == file.entry.size);
    TRY(sink->finish());
  }
  return std::vector<GrantedFolder>{{.host = folder, .guest = "/", .read_only = true}};
}

}  // namespace davit::cli
