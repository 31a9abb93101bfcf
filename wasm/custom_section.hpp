// Custom sections: found by name, set or removed with every other byte left as it was.
#pragma once

#include <optional>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

/// The capability manifest that travels in the file; on the wire: never rename.
inline constexpr std::string_view k_capability_section = "davit.capabilities";

/// Content of the first top-level custom section with this name; views `file`.
/// Errors: malformed, limit
Result<std::optional<ByteView>> find_custom_section(ByteView file, std::string_view name, const Limits& limits = {});

/// The file with exactly one custom section of this name, at the end unless one stood elsewhere; then the new one
/// takes the place of the first. Every other byte stays.
/// Errors: malformed, limit
Result<Bytes> set_custom_section(ByteView file, std::string_view name, ByteView payload, const Limits& limits = {});

/// The file without any top-level custom section of this name.
Result<Bytes> remove_custom_section(ByteView file, std::string_view name, const Limits& limits = {});

/// Bytes of one custom section: id, size, name, payload.
Bytes make_custom_section(std::string_view name, ByteView payload);

}  // namespace davit::wasm
