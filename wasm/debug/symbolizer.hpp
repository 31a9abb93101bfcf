// From an address in a trace to functions and lines. Traces of wasmtime, V8 and others give the offset of an
// instruction from the start of the file that ran.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/debug/dwarf.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

class Symbolizer {
 public:
  /// @param file        the file that ran
  /// @param debug_file  what was split off it; when empty the file's own sections are used
  /// Errors: mismatch (another build, or other modules), malformed, limit
  static Result<Symbolizer> open(ByteView file, ByteView debug_file, const Limits& limits);

  /// Frames at a file offset, innermost first: by DWARF, else the function's name alone; empty outside of code.
  [[nodiscard]] std::vector<SourceFrame> find(std::uint64_t offset);
  /// The name of a function of the outermost module, imported ones counted; empty when unknown.
  [[nodiscard]] std::string function_name(std::uint32_t index) const;
  /// Whether any module has DWARF that could be read.
  [[nodiscard]] bool has_lines() const;

 private:
  struct Body {
    std::uint64_t begin;
    std::uint64_t end;
  };
  struct Module {
    std::uint64_t code = 0;            // file offset of the code section's payload
    std::vector<Body> bodies{};        // by file offset, in order
    std::uint32_t imported = 0;        // functions
    std::vector<std::string> names{};  // by index, readable
    std::unique_ptr<DwarfInfo> dwarf{};
  };
  static Result<Module> read_module_code(ByteView module, std::uint64_t base, const Limits& limits);
  static Result<void> read_debug(ByteView module, std::uint64_t base, const Limits& limits, Module& out);

  std::vector<Module> modules_{};
};

}  // namespace davit::wasm
