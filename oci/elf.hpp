// What a native program says about itself: an ELF file (System V ABI, gABI 4.1) read for its dynamic section, symbols and
// a few notes of compilers. Nothing is relocated or run.
//
//   file header ── program headers (what is loaded where, dynamic section) ── section headers (may be stripped)
//
// All offsets and counts come from a stranger's file: each is checked against the file's size before it is used, and lists
// have the bounds below. A table that leads outside is left out rather than refused, since strippers leave such files.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

struct ElfLimits {
  std::size_t headers = 4096;       ///< program or section headers; real programs have under 100
  std::size_t dynamic = 4096;       ///< entries of the dynamic section
  std::size_t symbols = 2'000'000;  ///< real programs have under 500 000
  std::size_t name_bytes = 4096;
  std::size_t build_info_bytes = std::size_t{4} << 20;  ///< of Go; real ones stay under 64 KiB
};

/// What the Go linker leaves in every program (package debug/buildinfo).
struct GoBuildInfo {
  std::string version{};                          ///< `go1.22.1`
  std::string path{};                             ///< import path of the main package
  std::vector<std::string> modules{};             ///< dependencies, without versions
  std::vector<std::string> functions{};           ///< those asked for that are linked in, in that order
  std::map<std::string, std::string> settings{};  ///< `CGO_ENABLED`, `GOOS`, …
};

struct ElfFacts {
  std::string machine{};                ///< `amd64`, `arm64`, … or `machine N`
  std::string interpreter{};            ///< loader of a dynamic program; empty: static
  std::vector<std::string> needed{};    ///< shared libraries, in their order
  std::vector<std::string> imported{};  ///< undefined dynamic symbols, sorted, without versions
  std::vector<std::string> defined{};   ///< C functions of a static program that was not stripped, sorted
  bool is_stripped = false;             ///< no symbol table at all
  std::optional<GoBuildInfo> go{};
  std::string rust{};     ///< what shows that it is Rust; empty: nothing
  std::string comment{};  ///< compilers, from `.comment`
};

/// Errors: malformed (no ELF, or a header that leads outside), limit
/// @param go_functions  names to look for among the functions of a Go program (`net.Listen`); its linker leaves out what
///                      is never called
Result<ElfFacts> read_elf(ByteView file, const ElfLimits& limits, std::span<const std::string_view> go_functions = {});

}  // namespace davit::oci
