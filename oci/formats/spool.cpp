#include "oci/formats/spool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/sniff.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_name = "a temporary file";

class RangeSource : public Source {
 public:
  RangeSource(std::shared_ptr<OwnedFd> fd, std::uint64_t offset, std::uint64_t size) : fd_(std::move(fd)), offset_(offset), left_(size) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    if (left_ == 0) return std::size_t{0};
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
    const ssize_t count = ::pread(fd_->get(), out.data(), want, static_cast<off_t>(offset_));
    if (count < 0 && errno == EINTR) return read(out);
    if (count <= 0) return file_error("read", std::string(k_name), count < 0 ? errno : EIO);
    offset_ += static_cast<std::uint64_t>(count);
    left_ -= static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }

 private:
  std::shared_ptr<OwnedFd> fd_;  // owned together with the spool
  std::uint64_t offset_;
  std::uint64_t left_;
};

class RangeOrigin : public BlobOrigin {
 public:
  RangeOrigin(std::shared_ptr<OwnedFd> fd, SpooledFile file) : fd_(std::move(fd)), file_(std::move(file)) {}
  Result<std::unique_ptr<Source>> open() override {
    return std::unique_ptr<Source>(std::make_unique<RangeSource>(fd_, file_.offset, file_.size));
  }

 private:
  std::shared_ptr<OwnedFd> fd_;  // owned together with the spool
  SpooledFile file_;
};

Result<HeldWasm> hold_wasm(OwnedFd fd, const Digest& digest, std::uint64_t size) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
  TRY_ASSIGN(const FileStamp stamp, stamp_file(path));
  return HeldWasm{.wasm = {.blob = {.media_type = std::string(media_type::k_wasm), .digest = digest, .size = size},
                           .origin = make_file_origin(path, stamp),
                           .path = path},
                  .spool = std::make_shared<OwnedFd>(std::move(fd))};
}

Result<std::uint64_t> copy_hashed(Source& source, Sink& sink, Hasher& hasher) {
  Bytes buffer(k_copy_buffer_bytes);
  std::uint64_t size = 0;
  for (;;) {
    TRY_ASSIGN(const std::size_t count, source.read(buffer));
    if (count == 0) return size;
    const ByteView part = ByteView(buffer).first(count);
    hasher.update(part);
    TRY(sink.write(part));
    size += count;
  }
}

}  // namespace

Result<Spool> Spool::create() {
  TRY_ASSIGN(OwnedFd fd, make_spool_file(""));
  return Spool(std::move(fd));
}

Result<SpooledFile> Spool::append(Source& data) {
  const auto sink = make_fd_sink(fd_->get(), std::string(k_name));
  Hasher hasher;
  TRY_ASSIGN(const std::uint64_t size, copy_hashed(data, *sink, hasher));
  SpooledFile out{.offset = end_, .size = size, .digest = hasher.finish()};
  end_ += size;
  return out;
}

std::unique_ptr<BlobOrigin> Spool::origin_of(const SpooledFile& file) const { return std::make_unique<RangeOrigin>(fd_, file); }

Result<std::string> Spool::text_of(const SpooledFile& file, std::uint64_t limit) const {
  RangeSource source(fd_, file.offset, file.size);
  TRY_ASSIGN(const Bytes bytes, read_all(source, limit));
  return std::string(as_text(bytes));
}

Result<HeldWasm> Spool::hold_wasm(const SpooledFile& file) const {
  TRY_ASSIGN(OwnedFd fd, make_spool_file(""));
  RangeSource source(fd_, file.offset, file.size);
  TRY(spool_from(source, fd.get()));
  return oci::hold_wasm(std::move(fd), file.digest, file.size);
}

Result<HeldWasm> take_wasm(Source& source, const std::string& name) {
  TRY_ASSIGN(Bytes head, read_head(source, k_sniff_bytes));
  const ByteKind kind = sniff(head);
  if (kind != ByteKind::wasm) {
    return fail(ErrorCode::malformed, name + " is " + std::string(describe(kind)) + " and does not begin like wasm");
  }
  const auto whole = make_prefixed_source(std::move(head), source);
  TRY_ASSIGN(OwnedFd fd, make_spool_file(""));
  const auto sink = make_fd_sink(fd.get(), std::string(k_name));
  Hasher hasher;
  TRY_ASSIGN(const std::uint64_t size, copy_hashed(*whole, *sink, hasher));
  return hold_wasm(std::move(fd), hasher.finish(), size);
}

}  // namespace davit::oci
