// Any bytes as a wasm file with debugging information: every offset has an answer or none.
#include "wasm/debug/debug_file.hpp"
#include "wasm/debug/symbolizer.hpp"
#include "wasm/size/demangle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const wasm::Limits limits;
  auto symbolizer = wasm::Symbolizer::open(input, {}, limits);
  if (!symbolizer) return 0;
  for (std::uint64_t offset = 0; offset < size; offset += 1 + size / 64) {
    for (const wasm::SourceFrame& frame : symbolizer->find(offset)) CHECK(frame.function.size() <= wasm::k_max_demangled_bytes + size);
  }
  const auto debug = wasm::make_debug_file(input, as_bytes("0123456789abcdef"), limits);
  if (debug) CHECK(wasm::Symbolizer::open(input, *debug, limits).has_value());
  return 0;
}
