#include "oci/io/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>

namespace davit::oci {
namespace {

constexpr int k_name_attempts = 100;
constexpr std::size_t k_read_again = std::size_t{16} << 10;           // below that, pages are touched sooner than read
constexpr std::size_t k_copy_step = std::size_t{128} << 10;           // what stays in the processor's cache between read and write
constexpr std::uint64_t k_write_back_step = std::uint64_t{32} << 20;  // starts disk writes early, so that fsync is short

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A name that sorts together with its kind and that no reader of layouts or globs picks up.
std::string random_name(const std::string& folder) {
  static constexpr char k_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device device;
  std::string name = folder + "/.davit-";
  for (int i = 0; i < 12; ++i) name += k_letters[device() % (sizeof k_letters - 1)];
  return name;
}

Result<struct stat> stat_of(int fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return file_error("read", path, errno);
  if (S_ISDIR(info.st_mode)) return fail(ErrorCode::io, "\"" + path + "\" is a folder");
  return info;
}

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

FileStamp stamp_of(const struct stat& info) {
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
}

Error over_limit(const std::string& path, std::uint64_t limit_bytes) {
  return fail(ErrorCode::limit, "\"" + path + "\" is longer than the limit of " + std::to_string(limit_bytes) + " bytes");
}

class FdSource : public Source {
 public:
  FdSource(OwnedFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    while (true) {
      const ssize_t count = ::read(fd_.get(), out.data(), out.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return file_error("read", name_, errno);
    }
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  OwnedFd fd_;
  std::string name_;
};

class StampedSource : public Source {
 public:
  StampedSource(OwnedFd fd, std::string name, const FileStamp& stamp) : inner_(std::move(fd), std::move(name)), stamp_(stamp) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    TRY_ASSIGN(const std::size_t count, inner_.read(out));
    if (count == 0) TRY(check());
    return count;
  }
  Result<void> check() const {
    TRY_ASSIGN(const auto info, stat_of(inner_.fd(), inner_.name()));
    if (stamp_of(info) != stamp_) {
      return fail(ErrorCode::conflict, "\"" + inner_.name() + "\" was changed while it was being sent")
          .hinting("run the command again when the file is complete");
    }
    return {};
  }

 private:
  FdSource inner_;
  FileStamp stamp_;
};

class FileOrigin : public BlobOrigin {
 public:
  FileOrigin(std::string path, const FileStamp& stamp) : path_(std::move(path)), stamp_(stamp) {}
  Result<std::unique_ptr<Source>> open() override {
    TRY_ASSIGN(auto fd, open_file(path_));
    auto source = std::make_unique<StampedSource>(std::move(fd), path_, stamp_);
    TRY(source->check());
    return std::unique_ptr<Source>(std::move(source));
  }

 private:
  std::string path_;
  FileStamp stamp_;
};

}  // namespace

Error file_error(const std::string& doing, const std::string& path, int reason) {
  const bool missing = reason == ENOENT || reason == ENOTDIR;
  return fail(missing ? ErrorCode::not_found : ErrorCode::io, "cannot " + doing + " \"" + path + "\": " + std::strerror(reason));
}

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

int OwnedFd::release() noexcept { return std::exchange(fd_, -1); }

Result<OwnedFd> open_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return file_error("read", path, errno);
  return OwnedFd(fd);
}

Result<OwnedFd> make_spool_file(const std::string& folder) {
  std::string name = (folder.empty() ? "/tmp" : folder) + "/.davit-XXXXXX";
  OwnedFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd.get() < 0) return file_error("create a temporary file in", folder.empty() ? "/tmp" : folder, errno);
  ::unlink(name.c_str());
  return fd;
}

namespace {

class FdSink : public Sink {
 public:
  FdSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  Result<void> write(ByteView data) override {
    while (!data.empty()) {
      const ssize_t written = ::write(fd_, data.data(), data.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return file_error("write", name_, errno);
      data = data.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  int fd_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Sink> make_fd_sink(int fd, std::string name) { return std::make_unique<FdSink>(fd, std::move(name)); }

Result<void> spool_from(Source& source, int fd) {
  FdSink sink(fd, "a temporary file");
  TRY(copy_stream(source, sink));
  return {};
}

Result<void> rewind_file(int fd) {
  if (::lseek(fd, 0, SEEK_SET) != 0) return file_error("read", "a temporary file", errno);
  return {};
}

// --- mapped ---

Result<MappedFile> MappedFile::open(const std::string& path, std::uint64_t limit_bytes) {
  TRY_ASSIGN(auto fd, open_file(path));
  TRY_ASSIGN(const auto info, stat_of(fd.get(), path));
  MappedFile out;
  if (!S_ISREG(info.st_mode)) {
    FdSource source(std::move(fd), path);
    TRY_ASSIGN(out.owned_, read_all(source, limit_bytes));
    return out;
  }
  if (static_cast<std::uint64_t>(info.st_size) > limit_bytes) return over_limit(path, limit_bytes);
  if (info.st_size == 0) return out;
  out.size_ = static_cast<std::size_t>(info.st_size);
  out.mapping_ = ::mmap(nullptr, out.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (out.mapping_ == MAP_FAILED) {
    out.mapping_ = nullptr;
    return file_error("map", path, errno);
  }
  out.fd_ = std::move(fd);
  out.path_ = path;
  return out;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::move(other.path_)),
      mapping_(std::exchange(other.mapping_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      owned_(std::move(other.owned_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    unmap();
    fd_ = std::move(other.fd_);
    path_ = std::move(other.path_);
    mapping_ = std::exchange(other.mapping_, nullptr);
    size_ = std::exchange(other.size_, 0);
    owned_ = std::move(other.owned_);
  }
  return *this;
}

MappedFile::~MappedFile() { unmap(); }

void MappedFile::unmap() noexcept {
  if (mapping_ != nullptr) ::munmap(mapping_, size_);
}

ByteView MappedFile::bytes() const {
  if (mapping_ == nullptr) return owned_;
  return {static_cast<const std::byte*>(mapping_), size_};
}

bool MappedFile::maps(ByteView range) const {
  const std::less<> before;
  const ByteView all = bytes();
  return mapping_ != nullptr && !before(range.data(), all.data()) && !before(all.data() + all.size(), range.data() + range.size());
}

Result<void> MappedFile::write_range(ByteView range, Sink& sink, std::uint64_t written) const {
  if (range.size() < k_read_again || !maps(range)) return sink.write(range);
  auto offset = static_cast<off_t>(range.data() - bytes().data());
  Bytes buffer(std::min(range.size(), k_copy_step));
  for (std::size_t left = range.size(); left != 0;) {
    const std::size_t step = std::min<std::uint64_t>(buffer.size(), k_copy_step - written % k_copy_step);
    const ssize_t count = ::pread(fd_.get(), buffer.data(), std::min(left, step), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("read", path_, errno);
    if (count == 0) return fail(ErrorCode::io, "\"" + path_ + "\" became shorter while it was read").hinting("run the command again");
    TRY(sink.write(ByteView(buffer).first(static_cast<std::size_t>(count))));
    left -= static_cast<std::size_t>(count);
    written += static_cast<std::size_t>(count);
    offset += count;
  }
  return {};
}

// --- atomic ---

Result<std::unique_ptr<AtomicFile>> AtomicFile::create(const std::string& path, unsigned mode, Durability durability) {
  std::unique_ptr<AtomicFile> out(new AtomicFile());  // NOLINT: the constructor is private
  out->path_ = path;
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return fail(ErrorCode::io, "cannot write \"" + path + "\": it is a folder");
    if (!S_ISREG(info.st_mode)) {
      out->direct_ = true;
      out->fd_ = OwnedFd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
      if (out->fd_.get() < 0) return file_error("write", path, errno);
      return out;
    }
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (!error) out->path_ = real.string();
    mode = info.st_mode & 07777U;
  }
  out->durable_ = durability == Durability::always || info.st_mode != 0;
  TRY(out->open_temporary(mode));
  if (info.st_mode != 0) static_cast<void>(::fchmod(out->fd_.get(), static_cast<mode_t>(mode)));
  return out;
}

Result<void> AtomicFile::open_temporary(unsigned mode) {
  const std::string folder = folder_of(path_);
  fd_ = OwnedFd(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (fd_.get() >= 0) return {};
  for (int attempt = 0; attempt < k_name_attempts; ++attempt) {
    temporary_ = random_name(folder);
    fd_ = OwnedFd(::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (fd_.get() >= 0) return {};
    if (errno != EEXIST) break;
  }
  temporary_.clear();
  return file_error("write", path_, errno);
}

void AtomicFile::reserve(std::uint64_t bytes) {
  if (!direct_ && ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(bytes)) == 0) reserved_ = bytes;
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> AtomicFile::write(ByteView data) {
  while (!data.empty()) {
    const ssize_t count = ::write(fd_.get(), data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("write", path_, errno);
    data = data.subspan(static_cast<std::size_t>(count));
    written_ += static_cast<std::uint64_t>(count);
  }
  if (durable_ && !direct_ && written_ - flushed_ >= k_write_back_step) {
    ::sync_file_range(fd_.get(), static_cast<off_t>(flushed_), static_cast<off_t>(written_ - flushed_), SYNC_FILE_RANGE_WRITE);
    flushed_ = written_;
  }
  return {};
}

// A link cannot replace a file, so the nameless file first gets a temporary name and is then renamed.
Result<void> AtomicFile::name_unnamed() {
  const std::string self = "/proc/self/fd/" + std::to_string(fd_.get());
  for (int attempt = 0; attempt < k_name_attempts; ++attempt) {
    const std::string name = random_name(folder_of(path_));
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = name;
      return {};
    }
    if (errno != EEXIST) break;
  }
  return file_error("write", path_, errno);
}

Result<void> AtomicFile::finish() {
  if (direct_) return {};
  if (reserved_ > written_ && ::ftruncate(fd_.get(), static_cast<off_t>(written_)) != 0) return file_error("write", path_, errno);
  if (durable_ && ::fsync(fd_.get()) != 0) return file_error("write", path_, errno);
  if (temporary_.empty()) TRY(name_unnamed());
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return file_error("write", path_, errno);
  temporary_.clear();
  return {};
}

Result<void> write_file(const std::string& path, ByteView bytes, unsigned mode) {
  TRY_ASSIGN(auto file, AtomicFile::create(path, mode));
  TRY(file->write(bytes));
  return file->finish();
}

// --- whole files ---

Result<Bytes> read_file(const std::string& path, std::uint64_t limit_bytes) {
  TRY_ASSIGN(auto fd, open_file(path));
  TRY_ASSIGN(const auto info, stat_of(fd.get(), path));
  if (S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) > limit_bytes) return over_limit(path, limit_bytes);
  FdSource source(std::move(fd), path);
  auto bytes = read_all(source, limit_bytes);
  if (!bytes) return std::move(bytes).error().in(path);
  return bytes;
}

Result<FileStamp> stamp_file(const std::string& path) {
  TRY_ASSIGN(const auto fd, open_file(path));
  TRY_ASSIGN(const auto info, stat_of(fd.get(), path));
  if (!S_ISREG(info.st_mode)) return fail(ErrorCode::io, "\"" + path + "\" is not a regular file");
  return stamp_of(info);
}

Result<HashedFile> hash_file(const std::string& path, std::uint64_t limit_bytes) {
  TRY_ASSIGN(auto fd, open_file(path));
  TRY_ASSIGN(const auto info, stat_of(fd.get(), path));
  if (!S_ISREG(info.st_mode)) return fail(ErrorCode::io, "\"" + path + "\" is not a regular file");
  if (static_cast<std::uint64_t>(info.st_size) > limit_bytes) return over_limit(path, limit_bytes);
  const FileStamp stamp = stamp_of(info);
  StampedSource source(std::move(fd), path, stamp);
  Hasher hasher;
  Bytes buffer(k_copy_buffer_bytes);
  while (true) {
    TRY_ASSIGN(const std::size_t count, source.read(buffer));
    if (count == 0) break;
    hasher.update(ByteView(buffer).first(count));
  }
  return HashedFile{.digest = hasher.finish(), .stamp = stamp};
}

std::unique_ptr<BlobOrigin> make_file_origin(std::string path, const FileStamp& stamp) {
  return std::make_unique<FileOrigin>(std::move(path), stamp);
}

std::unique_ptr<Source> make_fd_source(OwnedFd fd, std::string name) { return std::make_unique<FdSource>(std::move(fd), std::move(name)); }

// --- folders ---

Result<void> make_folders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(ErrorCode::io, "cannot create the folder \"" + path + "\": " + error.message());
  return {};
}

Result<TempDir> TempDir::create(const std::string& parent) {
  const std::string folder = parent.empty() ? "/tmp" : parent;
  for (int attempt = 0; attempt < k_name_attempts; ++attempt) {
    const std::string name = random_name(folder);
    if (::mkdir(name.c_str(), 0700) == 0) return TempDir(name);
    if (errno != EEXIST) break;
  }
  return file_error("create a temporary folder in", folder, errno);
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace davit::oci
