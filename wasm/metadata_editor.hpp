// What a file says of itself, changed: its name, and the text sections of wasm-metadata. Only the outermost binary is
// touched, and every byte that holds something else stays.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

/// Custom sections of raw UTF-8. On the wire: never rename. `wasm-tools metadata add` writes new ones in this order.
inline constexpr std::array<std::string_view, 7> k_text_sections = {"authors",  "description", "licenses", "source",
                                                                    "homepage", "revision",    "version"};

/// Sets the name in the `name` section of a module or the `component-name` section of a component; nothing removes it.
/// Names of functions and of everything else stay.
/// Errors: malformed (a broken name section), limit
Result<Bytes> set_binary_name(ByteView file, std::optional<std::string_view> name, const Limits& limits);

/// Sets a text section, or removes it. Errors: malformed, limit (longer than a reader of metadata takes)
Result<Bytes> set_text_section(ByteView file, std::string_view section, std::optional<std::string_view> text, const Limits& limits);

}  // namespace davit::wasm
