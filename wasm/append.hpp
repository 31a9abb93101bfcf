// Writing sections.
#pragma once

#include <string_view>

#include "manifests/bytes.hpp"
#include "wasm/cursor.hpp"

namespace davit::wasm {

inline void append_bytes(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

inline void append_name(Bytes& out, std::string_view name) {
  append_leb(out, name.size());
  append_bytes(out, {reinterpret_cast<const std::byte*>(name.data()), name.size()});
}

/// Id, size and content.
inline void append_section(Bytes& out, std::uint8_t id, ByteView content) {
  out.push_back(std::byte{id});
  append_leb(out, content.size());
  append_bytes(out, content);
}

/// The same for a section that is a vector of `count` entries.
inline void append_vector_section(Bytes& out, std::uint8_t id, std::uint32_t count, ByteView entries) {
  out.push_back(std::byte{id});
  append_leb(out, leb_size(count) + entries.size());
  append_leb(out, count);
  append_bytes(out, entries);
}

}  // namespace davit::wasm
