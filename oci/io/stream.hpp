// Byte streams: the two ports everything large flows through.
#pragma once

#include <memory>
#include <span>

#include "manifests/bytes.hpp"
#include "manifests/descriptor.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

inline constexpr std::size_t k_copy_buffer_bytes = 256 * 1024;

class Source {
 public:
  virtual ~Source() = default;
  /// Fills at most `out.size()` bytes (never an empty span) and returns how many; 0 is the end of the stream.
  virtual Result<std::size_t> read(std::span<std::byte> out) = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(ByteView data) = 0;
  /// Publishes what was written. A sink destroyed without it leaves nothing behind.
  virtual Result<void> finish() = 0;
};

/// Opens the same bytes from the start as often as asked, so that an upload can be tried again.
class BlobOrigin {
 public:
  virtual ~BlobOrigin() = default;
  virtual Result<std::unique_ptr<Source>> open() = 0;
  /// Whether its streams already check size and digest, so that a store need not hash a second time.
  [[nodiscard]] virtual bool verifies() const { return false; }
  /// `HOST/REPOSITORY` that holds the blob already, so that the same registry can mount it; empty when unknown.
  [[nodiscard]] virtual std::string known_at() const { return {}; }
};

/// Copies until the end; returns the number of bytes. Does not call finish().
Result<std::uint64_t> copy_stream(Source& source, Sink& sink);

/// Reads a whole stream into memory.
/// Errors: limit (more than `limit_bytes`)
Result<Bytes> read_all(Source& source, std::uint64_t limit_bytes);

/// Reads what is left of a stream, so that its end is checked.
Result<void> drain(Source& source);

/// Bytes in memory as a stream; keeps a copy.
std::unique_ptr<Source> make_memory_source(Bytes bytes);
std::unique_ptr<BlobOrigin> make_memory_origin(Bytes bytes);

/// Passes bytes on and reports the end only if size and digest are those of `expected` and nothing followed.
/// Errors: mismatch (content differs from its descriptor)
std::unique_ptr<Source> make_verifying_source(std::unique_ptr<Source> inner, const Descriptor& expected);

}  // namespace davit::oci
