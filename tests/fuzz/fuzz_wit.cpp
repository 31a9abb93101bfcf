// Prints any bytes as WIT: no crash, and what can be printed is a file that the reader accepts.
#include "wasm/summary.hpp"
#include "wasm/wit/wit.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const auto text = wasm::wit_text(input, wasm::Limits{});
  if (!text) return 0;
  CHECK(text->empty() || text->ends_with("\n"));
  const auto kind = wasm::detect_kind(input);
  if (kind && *kind == wasm::Kind::component) CHECK(wasm::summarize(input, wasm::Limits{}).has_value());
  return 0;
}
