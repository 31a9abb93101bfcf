// The list of crates that `cargo auditable` puts into a program, custom section `.dep-v0`: zlib over JSON.
//
//   { "packages": [ { "name": "…", "version": "…", "source": "…", "kind": "build"?, "dependencies": [index…]?, "root": true? } ],
//     "format": 0…8 ? }
//
// Exactly one package is the root, indices are into `packages`, and no package depends on itself by any way. This
// reads the JSON; who has a zlib undoes the compression.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/result.hpp"

namespace davit::wasm {

/// On the wire: never rename.
inline constexpr std::string_view k_cargo_section = ".dep-v0";
/// Decompressed; the format's authors advise 8 MiB.
inline constexpr std::uint64_t k_max_cargo_list_bytes = std::uint64_t{8} << 20;
inline constexpr std::size_t k_max_cargo_packages = 100'000;

struct CargoPackage {
  std::string name;
  std::string version;
  std::string source;     ///< `crates.io`, `git`, `local`, `registry`, or what else stands there
  bool is_build = false;  ///< of build scripts and macros: not part of the program
  bool is_root = false;
  std::vector<std::size_t> dependencies{};  ///< indices into the list
};

/// Errors: malformed (JSON pointer, or which rule is broken), limit
Result<std::vector<CargoPackage>> parse_cargo_packages(std::string_view json);

}  // namespace davit::wasm
