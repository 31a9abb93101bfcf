// Gzip (RFC 1952) in parallel and reproducibly: the input is cut into blocks of one fixed size, each compressed by
// itself with the 32 KiB before it as dictionary, and the pieces are joined into one member. What comes out depends on
// the bytes that went in and on nothing else: not on the threads, not on how writes were cut, not on the clock.
// The library behind this is zlib.
#pragma once

#include <memory>

#include "oci/io/stream.hpp"

namespace davit::oci {

/// Compresses what is written into `inner`, which must outlive it. `finish()` ends the gzip member and does not finish
/// `inner`.
/// @param threads  0: as many as the machine has, eight at most
std::unique_ptr<Sink> make_gzip_sink(Sink& inner, unsigned threads = 0);

/// Undoes zlib's own framing (RFC 1950), which must fill the input.
/// Errors: malformed (broken, cut short, bytes after its end), limit (more than `limit_bytes` come out)
Result<Bytes> inflate_zlib(ByteView compressed, std::uint64_t limit_bytes);

}  // namespace davit::oci
