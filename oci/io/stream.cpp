#include "oci/io/stream.hpp"

#include <algorithm>

namespace davit::oci {
namespace {

class MemorySource : public Source {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(std::span<std::byte> out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - position_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(position_), count, out.begin());
    position_ += count;
    return count;
  }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

class MemoryOrigin : public BlobOrigin {
 public:
  explicit MemoryOrigin(Bytes bytes) : bytes_(std::move(bytes)) {}
  Result<std::unique_ptr<Source>> open() override { return make_memory_source(bytes_); }

 private:
  Bytes bytes_;
};

class VerifyingSource : public Source {
 public:
  VerifyingSource(std::unique_ptr<Source> inner, const Descriptor& expected)
      : inner_(std::move(inner)), expected_(expected), hasher_(expected.digest.algorithm()) {}

  Result<std::size_t> read(std::span<std::byte> out) override {
    if (done_) return std::size_t{0};
    TRY_ASSIGN(const std::size_t count, inner_->read(out));
    if (count == 0) return check_end();
    received_ += count;
    if (received_ > expected_.size) {
      return fail(ErrorCode::mismatch, "content of " + expected_.digest.text() + " is longer than the " + std::to_string(expected_.size) +
                                           " bytes its descriptor states");
    }
    hasher_.update(out.first(count));
    return count;
  }

 private:
  Result<std::size_t> check_end() {
    if (received_ != expected_.size) {
      return fail(ErrorCode::mismatch, "content of " + expected_.digest.text() + " ended after " + std::to_string(received_) + " of " +
                                           std::to_string(expected_.size) + " bytes");
    }
    const Digest actual = hasher_.finish();
    if (actual != expected_.digest) {
      return fail(ErrorCode::mismatch, "content has digest " + actual.text() + ", expected " + expected_.digest.text());
    }
    done_ = true;
    return std::size_t{0};
  }

  std::unique_ptr<Source> inner_;
  Descriptor expected_;
  Hasher hasher_;
  std::uint64_t received_ = 0;
  bool done_ = false;
};

}  // namespace

Result<std::uint64_t> copy_stream(Source& source, Sink& sink) {
  Bytes buffer(k_copy_buffer_bytes);
  std::uint64_t total = 0;
  while (true) {
    TRY_ASSIGN(const std::size_t count, source.read(buffer));
    if (count == 0) return total;
    TRY(sink.write(ByteView(buffer).first(count)));
    total += count;
  }
}

Result<void> drain(Source& source) {
  Bytes rest(k_copy_buffer_bytes);
  for (;;) {
    TRY_ASSIGN(const std::size_t count, source.read(rest));
    if (count == 0) return {};
  }
}

Result<Bytes> read_all(Source& source, std::uint64_t limit_bytes) {
  Bytes out;
  // Not filled with zeros first: most of what is read is far smaller.
  const std::size_t capacity = std::min<std::uint64_t>(k_copy_buffer_bytes, limit_bytes + 1);
  const auto storage = std::make_unique_for_overwrite<std::byte[]>(capacity);
  const std::span buffer(storage.get(), capacity);
  while (true) {
    TRY_ASSIGN(const std::size_t count, source.read(buffer));
    if (count == 0) return out;
    if (out.size() + count > limit_bytes) {
      return fail(ErrorCode::limit, "content is longer than the limit of " + std::to_string(limit_bytes) + " bytes");
    }
    out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

std::unique_ptr<Source> make_memory_source(Bytes bytes) { return std::make_unique<MemorySource>(std::move(bytes)); }
std::unique_ptr<BlobOrigin> make_memory_origin(Bytes bytes) { return std::make_unique<MemoryOrigin>(std::move(bytes)); }

std::unique_ptr<Source> make_verifying_source(std::unique_ptr<Source> inner, const Descriptor& expected) {
  return std::make_unique<VerifyingSource>(std::move(inner), expected);
}

}  // namespace davit::oci
