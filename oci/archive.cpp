// The only file that knows libarchive.
#include "oci/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>

#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "oci/io/gzip.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_name_bytes = 4096;
constexpr std::uint64_t k_free_bytes = std::uint64_t{64} << 20;  // below this no ratio is asked for

struct ReaderFree {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
struct WriterFree {
  void operator()(archive* handle) const { archive_write_free(handle); }
};
struct EntryFree {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Reader = std::unique_ptr<archive, ReaderFree>;

std::string reason_of(archive* handle) {
  const char* text = archive_error_string(handle);
  return text == nullptr ? "unknown reason" : printable(text);
}

EntryType type_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return EntryType::hard_link;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG: return EntryType::file;
    case AE_IFDIR: return EntryType::folder;
    case AE_IFLNK: return EntryType::symbolic_link;
    case AE_IFCHR:
    case AE_IFBLK:
    case AE_IFIFO:
    case AE_IFSOCK: return EntryType::device;
    default: return EntryType::other;
  }
}

// Feeds libarchive from a Source and keeps the error that it cannot carry.
struct Feed {
  Source* source;
  Bytes buffer = Bytes(k_copy_buffer_bytes);
  std::optional<Error> error{};
  std::uint64_t consumed = 0;

  static la_ssize_t read(archive*, void* user, const void** out) {
    auto& feed = *static_cast<Feed*>(user);
    auto count = feed.source->read(feed.buffer);
    if (!count) {
      feed.error = std::move(count).error();
      return -1;
    }
    feed.consumed += *count;
    *out = feed.buffer.data();
    return static_cast<la_ssize_t>(*count);
  }
};

class EntryData : public Source {
 public:
  EntryData(archive* handle, std::uint64_t size, std::function<Result<void>(std::uint64_t)> account)
      : handle_(handle), left_(size), account_(std::move(account)) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    // Never asks past the data: libarchive would look for the padding, which need not be there.
    const la_ssize_t count = archive_read_data(handle_, out.data(), std::min<std::uint64_t>(out.size(), left_));
    if (count < 0) return fail(ErrorCode::malformed, "archive is broken: " + reason_of(handle_));
    left_ -= static_cast<std::uint64_t>(count);
    TRY(account_(static_cast<std::uint64_t>(count)));
    return static_cast<std::size_t>(count);
  }
  [[nodiscard]] std::uint64_t left() const { return left_; }

 private:
  archive* handle_;
  std::uint64_t left_;
  std::function<Result<void>(std::uint64_t)> account_;
};

Reader new_reader() {
  Reader reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  archive_read_support_format_empty(reader.get());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_zstd(reader.get());
  return reader;
}

class Walk {
 public:
  /// @param file_bytes  size of a file that libarchive reads by itself; it may seek past the end without a word
  Walk(archive* handle, const ArchiveLimits& limits, const Feed* feed, std::uint64_t file_bytes = UINT64_MAX)
      : handle_(handle), limits_(limits), feed_(feed), file_bytes_(file_bytes) {}

  Result<void> run(const EntryVisitor& visit) {
    while (true) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(handle_, &entry);
      if (status == ARCHIVE_EOF) return {};
      if (status < ARCHIVE_WARN) return broken();
      if (++entries_ > limits_.entries) {
        return fail(ErrorCode::limit, "archive has more than " + std::to_string(limits_.entries) + " entries");
      }
      TRY_ASSIGN(auto described, describe_entry(entry));
      if (described.name.empty()) continue;  // the root itself
      const std::uint64_t data_end = unpacked_position() + stored_bytes(entry, described);
      if (!is_compressed() && described.type == EntryType::file && archive_entry_sparse_count(entry) == 0)
        described.data_offset = unpacked_position();
      EntryData data(handle_, described.size, [this](std::uint64_t more) { return account(more); });
      TRY_ASSIGN(bool goes_on, visit(described, data));
      if (!goes_on) return {};
      TRY_ASSIGN(goes_on, skip_rest(data.left(), data_end));
      if (!goes_on) return {};
    }
  }

 private:
  [[nodiscard]] Error broken() const {
    if (feed_ != nullptr && feed_->error) return *feed_->error;
    return fail(ErrorCode::malformed, "archive is broken: " + reason_of(handle_));
  }

  Result<ArchiveEntry> describe_entry(archive_entry* entry) const {
    const char* raw = archive_entry_pathname(entry);
    ArchiveEntry out{.name = "", .raw_name = raw == nullptr ? "" : raw, .type = type_of(entry)};
    // umoci and others write the root itself as a folder.
    const bool is_root = out.type == EntryType::folder && out.raw_name.find_first_not_of('/') == std::string::npos;
    const auto clean = is_root ? std::optional<std::string>("") : clean_entry_name(out.raw_name);
    if (!clean) return fail(ErrorCode::malformed, "archive holds the name \"" + printable(out.raw_name) + "\", which leaves its root");
    out.name = *clean;
    const la_int64_t size = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
    if (size < 0) return fail(ErrorCode::malformed, "archive entry \"" + printable(out.raw_name) + "\" has a negative size");
    out.size = static_cast<std::uint64_t>(size);
    out.mode = archive_entry_perm(entry);
    const char* target = out.type == EntryType::hard_link ? archive_entry_hardlink(entry) : archive_entry_symlink(entry);
    if (target != nullptr) out.link_target = target;
    return out;
  }

  Result<void> account(std::uint64_t more) {
    bytes_ += more;
    if (bytes_ > limits_.total_bytes) {
      return fail(ErrorCode::limit, "archive unpacks to more than " + std::to_string(limits_.total_bytes) + " bytes");
    }
    const std::uint64_t packed =
        feed_ == nullptr ? static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(handle_, -1))) : feed_->consumed;
    if (bytes_ > k_free_bytes && packed > 0 && bytes_ / packed > limits_.ratio) {
      return fail(ErrorCode::limit, "archive unpacks to more than " + std::to_string(limits_.ratio) + " times its size");
    }
    return {};
  }

  [[nodiscard]] bool is_compressed() const { return archive_filter_count(handle_) > 1; }

  [[nodiscard]] std::uint64_t unpacked_position() const {
    const auto position = static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(handle_, 0)));
    return is_compressed() ? position : std::min(position, file_bytes_);
  }

  // Only a plain file is known to fill as many bytes as its size says.
  static std::uint64_t stored_bytes(archive_entry* entry, const ArchiveEntry& described) {
    if (described.type == EntryType::file && archive_entry_sparse_count(entry) == 0) return described.size;
    return described.size == 0 ? 0 : UINT64_MAX / 2;
  }

  // Left-over data of a compressed stream has to be decompressed anyway, so it counts. Some writers leave out the
  // padding after the last entry and all that follows; then the archive ends here, provided that the data is complete.
  Result<bool> skip_rest(std::uint64_t left, std::uint64_t data_end) {
    if (is_compressed()) TRY(account(left));
    const bool skipped = archive_read_data_skip(handle_) >= ARCHIVE_WARN;
    if (skipped && (is_compressed() || static_cast<std::uint64_t>(archive_filter_bytes(handle_, 0)) <= file_bytes_)) return true;
    if (feed_ != nullptr && feed_->error) return *feed_->error;
    if (unpacked_position() < data_end) return fail(ErrorCode::malformed, "archive is broken: it ends inside an entry");
    return false;
  }

  archive* handle_;
  const ArchiveLimits& limits_;
  const Feed* feed_;
  std::uint64_t file_bytes_;
  std::size_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

class TarWriter : public ArchiveWriter {
 public:
  TarWriter(Sink& sink, Compression compression)
      : gzip_(compression == Compression::gzip ? make_gzip_sink(sink) : nullptr),
        sink_(gzip_ ? *gzip_ : sink),
        handle_(archive_write_new()) {
    archive_write_set_format_pax_restricted(handle_.get());
    if (compression == Compression::zstd) archive_write_add_filter_zstd(handle_.get());
    archive_write_set_bytes_per_block(handle_.get(), static_cast<int>(k_copy_buffer_bytes));
    archive_write_set_bytes_in_last_block(handle_.get(), 1);
  }

  Result<void> open() { return checked(archive_write_open(handle_.get(), this, nullptr, &TarWriter::on_write, nullptr)); }

  Result<void> add_folder(const std::string& name) override { return add_header(name + "/", AE_IFDIR, 0755, 0); }

  Result<void> add_file(const std::string& name, std::uint64_t size, Source& data, unsigned mode) override {
    TRY(add_header(name, AE_IFREG, mode, size));
    Bytes buffer(k_copy_buffer_bytes);
    std::uint64_t written = 0;
    while (true) {
      TRY_ASSIGN(const std::size_t count, data.read(buffer));
      if (count == 0) break;
      written += count;
      if (written > size || archive_write_data(handle_.get(), buffer.data(), count) < 0) break;
    }
    if (error_) return *error_;
    if (written != size)
      return fail(ErrorCode::mismatch, "content for \"" + printable(name) + "\" is not " + std::to_string(size) + " bytes long");
    return checked(archive_write_finish_entry(handle_.get()));
  }

  Result<void> close() override {
    TRY(checked(archive_write_close(handle_.get())));
    if (gzip_) return gzip_->finish();
    return {};
  }

 private:
  static la_ssize_t on_write(archive*, void* user, const void* data, std::size_t size) {
    auto& writer = *static_cast<TarWriter*>(user);
    auto written = writer.sink_.write({static_cast<const std::byte*>(data), size});
    if (written) return static_cast<la_ssize_t>(size);
    writer.error_ = std::move(written).error();
    return -1;
  }

  Result<void> add_header(const std::string& name, unsigned type, unsigned mode, std::uint64_t size) {
    const std::unique_ptr<archive_entry, EntryFree> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), type);
    archive_entry_set_perm(entry.get(), mode);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_uid(entry.get(), 0);
    archive_entry_set_gid(entry.get(), 0);
    return checked(archive_write_header(handle_.get(), entry.get()));
  }

  Result<void> checked(int status) {
    if (error_) return *error_;
    if (status >= ARCHIVE_WARN) return {};
    return fail(ErrorCode::io, "cannot write the archive: " + reason_of(handle_.get()));
  }

  std::unique_ptr<Sink> gzip_;
  Sink& sink_;
  std::optional<Error> error_{};
  std::unique_ptr<archive, WriterFree> handle_;
};

}  // namespace

std::optional<std::string> clean_entry_name(std::string_view name) {
  if (name.starts_with('/') || name.size() > k_max_name_bytes || name.find('\0') != std::string_view::npos) return std::nullopt;
  std::string out;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    name.remove_prefix(std::min(slash + 1, name.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") return std::nullopt;
    out += (out.empty() ? "" : "/") + std::string(part);
  }
  return out;
}

Result<void> walk_archive(Source& stream, const ArchiveLimits& limits, const EntryVisitor& visit) {
  const Reader reader = new_reader();
  Feed feed{.source = &stream};
  if (archive_read_open(reader.get(), &feed, nullptr, &Feed::read, nullptr) != ARCHIVE_OK) {
    if (feed.error) return *feed.error;
    return fail(ErrorCode::malformed, "this is no tar archive: " + reason_of(reader.get()));
  }
  return Walk(reader.get(), limits, &feed).run(visit);
}

namespace {

Result<void> walk_file(const Reader& reader, const std::string& path, const ArchiveLimits& limits, const EntryVisitor& visit) {
  OwnedFd fd;
  TRY_ASSIGN(fd, open_file(path));
  if (archive_read_open_fd(reader.get(), fd.get(), k_copy_buffer_bytes) != ARCHIVE_OK) {
    return fail(ErrorCode::malformed, "this is no archive: " + reason_of(reader.get())).in(path);
  }
  struct stat info {};
  const bool is_regular = ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
  const std::uint64_t file_bytes = is_regular ? static_cast<std::uint64_t>(info.st_size) : UINT64_MAX;
  auto walked = Walk(reader.get(), limits, nullptr, file_bytes).run(visit);
  if (!walked) return std::move(walked).error().in(path);
  return {};
}

// Plain bytes through libarchive's filters alone.
class PlainSource : public Source {
 public:
  PlainSource(Source& packed, std::uint64_t ratio) : feed_{.source = &packed}, ratio_(ratio), handle_(archive_read_new()) {}

  Result<void> open() {
    archive_read_support_format_raw(handle_.get());
    archive_read_support_format_empty(handle_.get());
    archive_read_support_filter_gzip(handle_.get());
    archive_read_support_filter_zstd(handle_.get());
    archive_entry* entry = nullptr;
    if (archive_read_open(handle_.get(), &feed_, nullptr, &Feed::read, nullptr) != ARCHIVE_OK) return broken();
    const int status = archive_read_next_header(handle_.get(), &entry);
    if (status == ARCHIVE_EOF) done_ = true;
    else if (status < ARCHIVE_WARN) return broken();
    return {};
  }

  Result<std::size_t> read(std::span<std::byte> out) override {
    if (done_) return std::size_t{0};
    const la_ssize_t count = archive_read_data(handle_.get(), out.data(), out.size());
    if (count < 0) return broken();
    produced_ += static_cast<std::uint64_t>(count);
    if (produced_ > k_free_bytes && produced_ / std::max<std::uint64_t>(1, feed_.consumed) > ratio_) {
      return fail(ErrorCode::limit, "compressed data unpacks to more than " + std::to_string(ratio_) + " times its size");
    }
    return static_cast<std::size_t>(count);
  }

 private:
  [[nodiscard]] Error broken() const {
    if (feed_.error) return *feed_.error;
    return fail(ErrorCode::malformed, "compressed data is broken: " + reason_of(handle_.get()));
  }

  Feed feed_;
  std::uint64_t ratio_;
  std::uint64_t produced_ = 0;
  bool done_ = false;
  Reader handle_;
};

}  // namespace

Result<void> walk_archive_file(const std::string& path, const ArchiveLimits& limits, const EntryVisitor& visit) {
  return walk_file(new_reader(), path, limits, visit);
}

Result<void> walk_zip_file(const std::string& path, const ArchiveLimits& limits, const EntryVisitor& visit) {
  const Reader reader(archive_read_new());
  archive_read_support_format_zip_seekable(reader.get());
  return walk_file(reader, path, limits, visit);
}

Result<std::unique_ptr<Source>> make_plain_source(Source& packed, std::uint64_t ratio) {
  auto source = std::make_unique<PlainSource>(packed, ratio);
  TRY(source->open());
  return std::unique_ptr<Source>(std::move(source));
}

Result<std::unique_ptr<ArchiveWriter>> make_archive_writer(Sink& sink, Compression compression) {
  auto writer = std::make_unique<TarWriter>(sink, compression);
  TRY(writer->open());
  return std::unique_ptr<ArchiveWriter>(std::move(writer));
}

}  // namespace davit::oci
