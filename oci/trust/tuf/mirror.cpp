#include "oci/trust/tuf/mirror.hpp"

#include <unistd.h>
#include <cerrno>
#include <filesystem>

#include "oci/http/exchange.hpp"
#include "oci/io/file.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_metadata_part = "/metadata";

Result<std::optional<Bytes>> read_if_there(const std::string& path, std::uint64_t limit) {
  auto content = read_file(path, limit);
  if (content) return std::optional(*std::move(content));
  if (content.error().code == ErrorCode::not_found) return std::optional<Bytes>{};
  return std::move(content).error();
}

class HttpMirror : public TufMirror {
 public:
  HttpMirror(std::shared_ptr<Transport> transport, Url metadata, Url targets)
      : transport_(std::move(transport)), metadata_(std::move(metadata)), targets_(std::move(targets)) {}

  Result<std::optional<Bytes>> fetch_metadata(const std::string& name, std::uint64_t limit) override {
    return fetch(metadata_, name, limit);
  }
  Result<std::optional<Bytes>> fetch_target(const std::string& path, std::uint64_t limit) override { return fetch(targets_, path, limit); }
  [[nodiscard]] std::string name() const override { return metadata_.redacted(); }

 private:
  Result<std::optional<Bytes>> fetch(const Url& base, const std::string& path, std::uint64_t limit) {
    Url url = base;
    url.path += "/" + path;
    TRY_ASSIGN(SmallAnswer answer, exchange(*transport_, {.url = url, .limit_bytes = limit}));
    if (answer.status == 200) return std::optional(std::move(answer.body));
    // Stores behind such mirrors answer 403 for what is not there as often as 404.
    if (answer.status == 404 || answer.status == 403) return std::optional<Bytes>{};
    return fail(ErrorCode::network, "GET " + url.redacted() + " answered " + std::to_string(answer.status));
  }

  std::shared_ptr<Transport> transport_;  ///< owners: this and the run's other stores
  Url metadata_;
  Url targets_;
};

class FolderMirror : public TufMirror {
 public:
  FolderMirror(std::string metadata, std::string targets, std::string name)
      : metadata_(std::move(metadata)), targets_(std::move(targets)), name_(std::move(name)) {}
  Result<std::optional<Bytes>> fetch_metadata(const std::string& name, std::uint64_t limit) override {
    return read_if_there(metadata_ + "/" + name, limit);
  }
  Result<std::optional<Bytes>> fetch_target(const std::string& path, std::uint64_t limit) override {
    return read_if_there(targets_ + "/" + path, limit);
  }
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  std::string metadata_, targets_, name_;
};

class FolderMemory : public TufMemory {
 public:
  explicit FolderMemory(std::string folder) : folder_(std::move(folder)) {}
  Result<std::optional<Bytes>> recall(const std::string& name) override {
    return read_if_there(folder_ + "/" + name, k_max_tuf_targets_bytes);
  }
  Result<void> keep(const std::string& name, ByteView content) override {
    TRY(make_folders(folder_));
    return write_file(folder_ + "/" + name, content, 0644);
  }
  Result<void> forget(const std::string& name) override {
    const std::string path = folder_ + "/" + name;
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return file_error("remove", path, errno);
  }

 private:
  std::string folder_;
};

}  // namespace

Result<std::unique_ptr<TufMirror>> open_http_mirror(std::shared_ptr<Transport> transport, const std::string& base) {
  TRY_ASSIGN(Url metadata, Url::parse(base));
  while (metadata.path.ends_with('/')) metadata.path.pop_back();
  Url targets = metadata;
  if (targets.path.ends_with(k_metadata_part)) targets.path.resize(targets.path.size() - k_metadata_part.size());
  targets.path += "/targets";
  return std::unique_ptr<TufMirror>(std::make_unique<HttpMirror>(std::move(transport), std::move(metadata), std::move(targets)));
}

std::unique_ptr<TufMirror> open_folder_mirror(const std::string& folder) {
  std::error_code ignored;
  const bool split = std::filesystem::is_directory(folder + std::string(k_metadata_part), ignored);
  return std::make_unique<FolderMirror>(split ? folder + std::string(k_metadata_part) : folder, folder + "/targets", folder);
}

std::unique_ptr<TufMemory> open_folder_memory(std::string folder) { return std::make_unique<FolderMemory>(std::move(folder)); }

}  // namespace davit::oci
