// Reads any bytes as a wasm file, shallow and deep: no crash, and what the deep reader accepts the shallow one does too.
#include "wasm/capabilities.hpp"
#include "wasm/summary.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const auto shallow = wasm::summarize(input, wasm::Limits{});
  const auto deep = wasm::summarize(input, wasm::Limits{}, wasm::ReadDepth::code);
  if (!deep) return 0;
  CHECK(shallow.has_value());
  CHECK(shallow->imports == deep->imports);
  const auto reach = wasm::reach_of(*deep);
  const auto manifest = parse_capability_manifest(write_capability_manifest(wasm::derive_manifest(reach)));
  // A file may import more host modules than one manifest may list.
  if (!manifest) {
    CHECK(manifest.error().code == ErrorCode::limit);
    return 0;
  }
  CHECK(wasm::compare_reach(reach, manifest->requests).not_requested.empty());
  return 0;
}
