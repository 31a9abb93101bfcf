// Traces as runtimes print them: a file offset in a line of wasmtime (`0: 0x1a2b - app.wasm!run`), V8
// (`wasm://wasm/app:wasm-function[12]:0x1a2b`), WAMR (`#00: 0x1a2b - $f12`), or alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace davit::cli {

struct TracePlace {
  std::optional<std::uint64_t> offset{};    ///< of the instruction, from the start of the file
  std::optional<std::uint32_t> function{};  ///< index, where the runtime says it
};

/// What one line says of a place in the code; nothing when it says none.
std::optional<TracePlace> place_in(std::string_view line);

}  // namespace davit::cli
