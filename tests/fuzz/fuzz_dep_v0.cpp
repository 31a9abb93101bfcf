// The list of crates in a program: the JSON by itself, and the compressed section.
#include <cstddef>
#include <cstdint>

#include "manifests/encoding.hpp"
#include "oci/io/gzip.hpp"
#include "wasm/sbom/dep_v0.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const davit::ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const auto packages = davit::wasm::parse_cargo_packages(davit::as_text(input));
  if (packages) {
    for (const auto& package : *packages) {
      for (const std::size_t index : package.dependencies) CHECK(index < packages->size());
    }
  }
  const auto plain = davit::oci::inflate_zlib(input, std::uint64_t{1} << 20);
  if (plain && davit::wasm::parse_cargo_packages(davit::as_text(*plain))) return 0;
  return 0;
}
