// What a Go program was built from. The linker writes no `.go.buildinfo` into WebAssembly, but the text that
// `runtime/debug.ReadBuildInfo` returns is in the data, between two marks of sixteen bytes:
//
//   30 77 af 0c 92 74 08 02 41 e1 c1 07 e6 d6 18 e6   text   f9 32 43 31 86 18 20 72 00 82 42 10 41 16 d8 f2
//
// The text has one fact a line, its parts between tabs: `path P`, `mod P V SUM`, `dep P V SUM`, `=> P V SUM` (what
// replaces the one before), `build KEY=VALUE`. Go cuts data where eight zero bytes stand, which the text never has;
// other tools may cut it into segments that follow each other without a gap.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wasm/binary_tree.hpp"

namespace davit::wasm {

inline constexpr std::size_t k_max_go_info_bytes = std::size_t{8} << 20;
inline constexpr std::size_t k_max_go_modules = 100'000;

struct GoModule {
  std::string path;
  std::string version;        ///< `(devel)` for a working copy
  std::string sum{};          ///< `h1:…`
  std::string replaced_by{};  ///< path of the module that was built instead
  std::string replaced_version{};
};

struct GoBuildInfo {
  std::string package{};  ///< of `main`
  std::optional<GoModule> main{};
  std::vector<GoModule> modules{};
  std::vector<std::pair<std::string, std::string>> settings{};
};

/// Parses the text between the marks. Errors: malformed (which line), limit
Result<GoBuildInfo> parse_go_build_info(std::string_view text);

/// The build information in the data of a module; nothing when there is none.
/// Errors: malformed (data section, text), limit
Result<std::optional<GoBuildInfo>> find_go_build_info(const BinaryView& module, const Limits& limits);

}  // namespace davit::wasm
