// Local files: read whole or mapped, hashed while streamed, and written so that a final name never holds half a file.
#pragma once

#include <sys/types.h>
#include <memory>
#include <string>

#include "manifests/bytes.hpp"
#include "manifests/digest.hpp"
#include "manifests/result.hpp"
#include "oci/io/stream.hpp"

namespace davit::oci {

/// A file descriptor that closes itself.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.release()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept;
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  ~OwnedFd();
  [[nodiscard]] int get() const noexcept { return fd_; }
  int release() noexcept;

 private:
  int fd_ = -1;
};

/// An io error with the reason of errno, or not_found for a file that is not there.
Error file_error(const std::string& doing, const std::string& path, int reason);

/// A file as one view. Pages come in when they are touched; pipes and devices are read into memory instead.
class MappedFile {
 public:
  /// Errors: io, not_found, limit
  static Result<MappedFile> open(const std::string& path, std::uint64_t limit_bytes);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();
  [[nodiscard]] ByteView bytes() const;
  /// Writes a range of bytes() by reading the file again, which is faster than touching its pages and keeps none of
  /// them in memory. A range of other bytes is written as it is.
  /// @param written  bytes that the sink was given before: steps end where pages of its file do, which it gains by
  /// Errors: io (also when the file has become shorter), those of the sink
  Result<void> write_range(ByteView range, Sink& sink, std::uint64_t written = 0) const;

 private:
  MappedFile() = default;
  void unmap() noexcept;
  [[nodiscard]] bool maps(ByteView range) const;
  OwnedFd fd_{};
  std::string path_{};
  void* mapping_ = nullptr;
  std::size_t size_ = 0;
  Bytes owned_{};
};

/// Whether a file must be on the disk before it takes its name, so that a loss of power finds it whole.
enum class Durability {
  always,         ///< stores, keys, what is remembered
  when_replacing  ///< what can be made again: only where it takes the place of another file
};

/// Writes beside the final name and renames in finish(). A run that is killed leaves at most a file whose name starts
/// with `.davit-`. A device or pipe is written directly; of a symbolic link, the file it names.
class AtomicFile : public Sink {
 public:
  /// @param mode  permission bits before umask; an existing file keeps its own
  static Result<std::unique_ptr<AtomicFile>> create(const std::string& path, unsigned mode = 0666,
                                                    Durability durability = Durability::always);
  /// Asks for the room that so many bytes need; a file system that cannot is asked again by each write.
  void reserve(std::uint64_t bytes);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() override;
  Result<void> write(ByteView data) override;
  Result<void> finish() override;

 private:
  AtomicFile() = default;
  Result<void> open_temporary(unsigned mode);
  Result<void> name_unnamed();
  std::string path_{};
  std::string temporary_{};  ///< empty while the file has no name (O_TMPFILE)
  OwnedFd fd_{};
  bool direct_ = false;
  bool durable_ = true;
  std::uint64_t reserved_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t flushed_ = 0;
};

/// Replaces a file by bytes in one step.
Result<void> write_file(const std::string& path, ByteView bytes, unsigned mode = 0666);

/// Errors: io, not_found, limit
Result<Bytes> read_file(const std::string& path, std::uint64_t limit_bytes);

/// A folder that is removed with everything in it.
class TempDir {
 public:
  /// @param parent  where it is made; empty means /tmp
  static Result<TempDir> create(const std::string& parent);
  TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TempDir& operator=(TempDir&& other) noexcept;
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TempDir(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// What tells one state of a file from another without reading it.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Errors: io (also: not a regular file), not_found
Result<FileStamp> stamp_file(const std::string& path);

struct HashedFile {
  Digest digest;
  FileStamp stamp;
};

/// Digest and size of a regular file, streamed. Errors: io, not_found, limit, conflict (it changed meanwhile)
Result<HashedFile> hash_file(const std::string& path, std::uint64_t limit_bytes);

/// A regular file as something to send. Errors of its streams: conflict (the file is not the one that was hashed)
std::unique_ptr<BlobOrigin> make_file_origin(std::string path, const FileStamp& stamp);

/// Reads a file descriptor to its end.
std::unique_ptr<Source> make_fd_source(OwnedFd fd, std::string name);

/// Opens a file for reading. Errors: io, not_found
Result<OwnedFd> open_file(const std::string& path);

/// A temporary file without a name, gone with its descriptor. @param folder  empty means /tmp
Result<OwnedFd> make_spool_file(const std::string& folder);
Result<void> spool_from(Source& source, int fd);
/// Writes to a descriptor that the caller keeps open.
std::unique_ptr<Sink> make_fd_sink(int fd, std::string name);
Result<void> rewind_file(int fd);

/// Creates a folder and its parents. Errors: io
Result<void> make_folders(const std::string& path);

}  // namespace davit::oci
