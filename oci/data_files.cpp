#include "oci/data_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/archive.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

constexpr std::uint64_t k_max_request_bytes = std::uint64_t{1} << 20;

Result<std::vector<std::string>> read_folders(Repository& repository, const Descriptor& config) {
  if (config.media_type != media_type::k_capabilities)
    return fail(ErrorCode::malformed, "the configuration of the data files is \"" + printable(config.media_type, 100) + "\"");
  TRY_ASSIGN(const auto source, repository.open_blob(config));
  TRY_ASSIGN(const Bytes bytes, read_all(*source, k_max_request_bytes));
  TRY_ASSIGN(const auto manifest, parse_capability_manifest(as_text(bytes)));
  std::vector<std::string> out;
  for (const FilesystemRequest& request : manifest.requests.filesystem) {
    if (request.access != FileAccess::read)
      return fail(ErrorCode::malformed, "the data files ask to write in \"" + printable(request.guest) + "\"");
    out.push_back(request.guest);
  }
  return out;
}

// Nothing when it is another tar than the wanted one.
Result<std::optional<DataFiles>> read_referrer(Repository& repository, const Descriptor& referrer, const Digest& artifact,
                                               const Digest& wanted) {
  TRY_ASSIGN(const RawManifest raw, repository.fetch_manifest(referrer.digest.text()));
  TRY_ASSIGN(const ImageManifest manifest, parse_image_manifest(raw.bytes));
  const bool fits =
      manifest.layers.size() == 1 && manifest.layers.front().digest == wanted && manifest.subject && manifest.subject->digest == artifact;
  if (!fits) return std::optional<DataFiles>();
  DataFiles out{.layer = manifest.layers.front()};
  TRY_ASSIGN(out.folders, read_folders(repository, manifest.config));
  return std::optional<DataFiles>(std::move(out));
}

// The parents are ours and fresh, so there is no link in them to follow.
Result<void> write_entry(const std::string& root, const ArchiveEntry& entry, Source& data) {
  const std::filesystem::path path = std::filesystem::path(root) / entry.name;
  if (entry.type == EntryType::folder) return make_folders(path.string());
  TRY(make_folders(path.parent_path().string()));
  const mode_t mode = (entry.mode & 0111U) != 0 ? 0777 : 0666;
  const OwnedFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (fd.get() < 0 && errno == EEXIST) return fail(ErrorCode::malformed, "\"" + printable(entry.name) + "\" is among the data files twice");
  if (fd.get() < 0) return file_error("write", path.string(), errno);
  const auto sink = make_fd_sink(fd.get(), path.string());
  TRY(copy_stream(data, *sink));
  return {};
}

}  // namespace

Result<std::optional<Digest>> named_data_files(const ImageManifest& artifact) {
  const auto found = artifact.annotations.find(std::string(annotation::k_files));
  if (found == artifact.annotations.end()) return std::optional<Digest>();
  auto digest = Digest::parse(found->second);
  if (!digest) return std::move(digest).error().in("annotation " + std::string(annotation::k_files));
  return std::optional<Digest>(*std::move(digest));
}

Result<DataFiles> find_data_files(Repository& repository, const Digest& artifact, const Digest& wanted, const DataFileLimits& limits) {
  TRY_ASSIGN(const auto referrers, repository.list_referrers(artifact, std::string(media_type::k_davit_files)));
  if (referrers.size() > limits.referrers)
    return fail(ErrorCode::limit,
                std::to_string(referrers.size()) + " sets of data files are over the limit of " + std::to_string(limits.referrers));
  for (const Descriptor& referrer : referrers) {
    TRY_ASSIGN(auto found, read_referrer(repository, referrer, artifact, wanted));
    if (found) return *std::move(found);
  }
  if (referrers.empty())
    return fail(ErrorCode::not_found, "the artifact names data files " + wanted.text() + ", and the store has none for it")
        .hinting("copy it with --recursive from where they are");
  return fail(ErrorCode::mismatch, "the artifact names data files " + wanted.text() + ", and those in the store are others");
}

Result<void> restore_data_files(Repository& repository, const DataFiles& files, const std::string& folder, const DataFileLimits& limits) {
  const std::filesystem::path target = std::filesystem::path(folder) / "";
  const std::string parent = target.parent_path().parent_path().string();
  TRY(make_folders(parent.empty() ? "." : parent));
  TRY_ASSIGN(const TempDir beside, TempDir::create(parent.empty() ? "." : parent));
  const std::string root = beside.path() + "/files";
  TRY(make_folders(root));
  TRY_ASSIGN(const auto source, repository.open_blob(files.layer));
  const ArchiveLimits archive_limits{.entries = limits.entries, .total_bytes = limits.total_bytes};
  const auto visit = [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
    if (entry.type != EntryType::file && entry.type != EntryType::folder)
      return fail(ErrorCode::malformed, "\"" + printable(entry.name) + "\" among the data files is neither a file nor a folder");
    TRY(write_entry(root, entry, data));
    return true;
  };
  if (auto walked = walk_archive(*source, archive_limits, visit); !walked)
    return std::move(walked).error().during("restoring data files " + files.layer.digest.text());
  TRY(drain(*source));  // the digest is checked at the end
  const std::string final_name = target.parent_path().string();
  if (::rename(root.c_str(), final_name.c_str()) == 0) return {};
  if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
    return fail(ErrorCode::conflict, "\"" + printable(folder) + "\" is there already and not an empty folder")
        .hinting("choose another folder");
  return file_error("create", final_name, errno);
}

}  // namespace davit::oci
