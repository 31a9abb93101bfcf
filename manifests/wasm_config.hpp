// The config document of the CNCF Wasm OCI artifact, `application/vnd.wasm.config.v0+json`
// (CNCF TAG Runtime, "Wasm OCI Artifact layout"): which digests the layers have and what the component's world is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/digest.hpp"
#include "manifests/result.hpp"

namespace davit {

struct WasmWorld {
  std::vector<std::string> exports{};
  std::vector<std::string> imports{};
  std::optional<std::string> target{};
  friend bool operator==(const WasmWorld&, const WasmWorld&) = default;
};

struct WasmConfig {
  std::string created{};  ///< RFC 3339
  std::optional<std::string> author{};
  std::string architecture = "wasm";
  std::string os{};  ///< `wasip1`, `wasip2`
  std::vector<Digest> layer_digests{};
  std::optional<WasmWorld> component{};  ///< absent for core modules
  friend bool operator==(const WasmConfig&, const WasmConfig&) = default;
};

/// Accepts the early snake_case member `layer_digests` too.
/// Errors: malformed, limit, unsupported (digest algorithm)
Result<WasmConfig> parse_wasm_config(ByteView bytes);

/// Compact, members in the order other tools write them; absent optional members are null, as their readers expect.
std::string write_wasm_config(const WasmConfig& config);

}  // namespace davit
