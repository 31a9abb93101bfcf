// What `ship` shall do: read from a davit.json and the command line.
//
//   { "source": ["greet.c"], "target": "p1", "arguments": ["-Wall"],
//     "optimize": "-Oz", "strip": "all", "capabilities": "caps.json",
//     "reference": "registry.example.com/team/greet:1.0", "format": "wasm",
//     "annotations": { "org.opencontainers.image.licenses": "MIT" }, "sign": "release.key" }
//
// Only `reference` is required; without `source` the project in the folder is built. Paths are relative to the folder of the file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifests/json.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

struct ShipPlan {
  std::vector<std::string> sources{};
  std::string target{};  ///< empty for what the toolchain makes by itself
  std::string toolchain{};
  std::string artifact{};  ///< which program of a project that makes several
  std::string wit{};       ///< WIT file or folder
  std::string world{};
  std::vector<std::string> arguments{};  ///< words for the compiler
  std::string optimize{};                ///< `-Oz`; empty for the default level, `none` to leave the file as it is
  std::string strip{};                   ///< `debug`, `names`, `producers`, `all`; empty for none
  std::string capabilities{};            ///< path of a capability manifest; empty to derive one
  std::string reference{};
  std::string format = "wasm";
  std::map<std::string, std::string> annotations{};
  std::string sign{};  ///< path of a private key; empty for unsigned
};

/// Reads a plan; unknown members are refused.
/// Errors: malformed (names the JSON pointer)
Result<ShipPlan> parse_ship_plan(const Json& json, const std::string& folder);

/// Errors: usage (no reference)
Result<void> check_ship_plan(const ShipPlan& plan);

}  // namespace davit::cli
