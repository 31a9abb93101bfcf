// The only file that knows zlib.
#include "oci/io/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <deque>
#include <future>
#include <limits>
#include <memory>
#include <thread>

namespace davit::oci {
namespace {

// On the wire: these two numbers and the level decide the bytes of every layer, so they never change.
constexpr std::size_t k_block_bytes = 256 * 1024;
constexpr std::size_t k_dictionary_bytes = 32 * 1024;
constexpr int k_level = 6;  // what gzip itself takes

constexpr unsigned k_max_threads = 8;
constexpr std::array<unsigned char, 10> k_header = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};  // no name, no time, no system
using Block = std::shared_ptr<const Bytes>;                                                 // owners: its job and the next one's

struct Piece {
  Bytes compressed;
  std::uint32_t checksum = 0;
  std::size_t size = 0;
};

const Bytef* pointer(ByteView bytes) { return reinterpret_cast<const Bytef*>(bytes.data()); }

ByteView tail_of(const Block& block) {
  if (block == nullptr) return {};
  return ByteView(*block).last(std::min(block->size(), k_dictionary_bytes));
}

// Every piece but the last ends with an empty stored block, so that pieces join at a byte border.
Piece compress(const Block& previous, const Block& block, bool is_last) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, k_level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY) == Z_OK);
  const ByteView dictionary = tail_of(previous);
  if (!dictionary.empty()) CHECK(deflateSetDictionary(&stream, pointer(dictionary), static_cast<uInt>(dictionary.size())) == Z_OK);
  Bytes space(deflateBound(&stream, static_cast<uLong>(block->size())) + 16);
  stream.next_in = const_cast<Bytef*>(pointer(*block));  // zlib never writes there
  stream.avail_in = static_cast<uInt>(block->size());
  stream.next_out = reinterpret_cast<Bytef*>(space.data());
  stream.avail_out = static_cast<uInt>(space.size());
  const int status = deflate(&stream, is_last ? Z_FINISH : Z_SYNC_FLUSH);
  CHECK(status == (is_last ? Z_STREAM_END : Z_OK) && stream.avail_in == 0);
  const ByteView made = ByteView(space).first(space.size() - stream.avail_out);
  deflateEnd(&stream);
  return {.compressed = to_bytes(made),
          .checksum = static_cast<std::uint32_t>(crc32(0, pointer(*block), static_cast<uInt>(block->size()))),
          .size = block->size()};
}

// Blocks are compressed by tasks; this thread alone writes, in order.
class GzipSink : public Sink {
 public:
  GzipSink(Sink& inner, unsigned threads) : inner_(inner), threads_(threads) { current_.reserve(k_block_bytes); }

  Result<void> write(ByteView data) override {
    while (!data.empty()) {
      // A full block waits for the byte after it, because only then it is not the last.
      if (current_.size() == k_block_bytes) TRY(submit(false));
      const std::size_t count = std::min(data.size(), k_block_bytes - current_.size());
      current_.insert(current_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(count));
      data = data.subspan(count);
    }
    return {};
  }

  Result<void> finish() override {
    TRY(submit(true));
    while (!jobs_.empty()) TRY(collect());
    std::array<std::byte, 8> trailer{};
    for (unsigned i = 0; i < 4; ++i) {
      trailer.at(i) = static_cast<std::byte>(checksum_ >> (8 * i));
      trailer.at(i + 4) = static_cast<std::byte>(size_ >> (8 * i));
    }
    return inner_.write(trailer);
  }

 private:
  Result<void> submit(bool is_last) {
    auto block = std::make_shared<const Bytes>(std::move(current_));
    current_ = {};
    if (!is_last) current_.reserve(k_block_bytes);
    while (jobs_.size() >= threads_) TRY(collect());
    // One thread needs no second one, and a single block is done sooner than a thread is made.
    const bool alone = threads_ == 1 || (is_last && jobs_.empty());
    jobs_.push_back(std::async(alone ? std::launch::deferred : std::launch::async,
                               [previous = previous_, block, is_last] { return compress(previous, block, is_last); }));
    previous_ = std::move(block);
    return {};
  }

  Result<void> collect() {
    const Piece piece = jobs_.front().get();
    jobs_.pop_front();
    if (size_ == 0) TRY(inner_.write(std::as_bytes(std::span(k_header))));
    checksum_ = static_cast<std::uint32_t>(crc32_combine(checksum_, piece.checksum, static_cast<z_off_t>(piece.size)));
    size_ += piece.size;
    return inner_.write(piece.compressed);
  }

  Sink& inner_;
  std::size_t threads_;
  Bytes current_{};
  Block previous_{};
  std::deque<std::future<Piece>> jobs_{};
  std::uint64_t size_ = 0;
  std::uint32_t checksum_ = 0;
};

}  // namespace

std::unique_ptr<Sink> make_gzip_sink(Sink& inner, unsigned threads) {
  const unsigned all = std::max(1U, std::thread::hardware_concurrency());
  return std::make_unique<GzipSink>(inner, std::min(threads == 0 ? all : threads, k_max_threads));
}

Result<Bytes> inflate_zlib(ByteView compressed, std::uint64_t limit_bytes) {
  constexpr std::size_t k_step = 64 * 1024;
  z_stream stream{};
  if (compressed.size() > std::numeric_limits<uInt>::max()) return fail(ErrorCode::limit, "the compressed data is too long");
  if (::inflateInit(&stream) != Z_OK) return fail(ErrorCode::io, "zlib cannot start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, ::inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  Bytes out;
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t before = out.size();
    out.resize(before + k_step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(k_step);
    state = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(before + k_step - stream.avail_out);
    if (out.size() > limit_bytes)
      return fail(ErrorCode::limit, "more than " + std::to_string(limit_bytes) + " bytes come out of the compressed data");
  }
  if (state != Z_STREAM_END) return fail(ErrorCode::malformed, "the zlib data is broken or cut short");
  if (stream.avail_in != 0) return fail(ErrorCode::malformed, std::to_string(stream.avail_in) + " bytes follow the zlib data");
  return out;
}

}  // namespace davit::oci
