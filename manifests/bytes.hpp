// Owned and borrowed byte sequences, the currency of every room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace davit {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// Views text as bytes; the view lives as long as the text.
inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }

/// Views bytes as text without checking the encoding; the view lives as long as the bytes.
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Copies a view into owned bytes.
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }

}  // namespace davit
