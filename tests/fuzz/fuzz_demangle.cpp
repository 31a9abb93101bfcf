// Any text as a symbol: the readable name is bounded, and so is the time it takes.
#include "wasm/size/demangle.hpp"

#include <algorithm>
#include <cstdint>

#include "manifests/result.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  CHECK(wasm::demangle(name).size() <= std::max(size, wasm::k_max_demangled_bytes));
  CHECK(!wasm::package_of(name, wasm::Language::unknown).empty() || size == 0);
  (void)wasm::package_of(name, wasm::Language::go);
  return 0;
}
