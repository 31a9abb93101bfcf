// TOML 1.0 as davit reads and writes it: `spin.toml`, `fastly.toml`, `wrangler.toml`, `wasmer.toml`. Both ways go
// through Json, so that documents of other tools are looked at with the same views. The parser behind this is toml++.
#pragma once

#include <string>
#include <string_view>

#include "manifests/json.hpp"
#include "manifests/result.hpp"

namespace davit {

/// Manifests of real projects stay under 100 KiB.
inline constexpr std::size_t k_max_toml_bytes = std::size_t{1} << 20;

/// Parses a document into an object. Dates and times become texts; members are sorted by name.
/// Errors: limit (size, depth), malformed (syntax, with line and column; a number that JSON does not know)
Result<Json> parse_toml(std::string_view text);

/// Plain values first, then tables, each in the order of the object; null members are left out. Same value, same bytes.
std::string write_toml(const JsonObject& document);

}  // namespace davit
