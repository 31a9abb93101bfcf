// What bytes are, by how they begin.
#pragma once

#include <cstdint>
#include <string_view>

#include "oci/io/stream.hpp"

namespace davit::oci {

enum class ByteKind : std::uint8_t { wasm, wasm_text, native, script, webc, gzip, zstd, tar, zip, json, empty, other };

/// Enough for every kind: the mark of a tar ends at 263.
inline constexpr std::size_t k_sniff_bytes = 512;

/// @param head  the first bytes of a thing, or all of it when it is shorter
ByteKind sniff(ByteView head);

/// For messages: `a gzip file`.
std::string_view describe(ByteKind kind);

/// Reads up to `size` bytes, less only at the end of the stream.
Result<Bytes> read_head(Source& source, std::size_t size);

/// Hands out bytes that were read ahead, then the rest. `rest` must outlive it.
std::unique_ptr<Source> make_prefixed_source(Bytes head, Source& rest);

}  // namespace davit::oci
