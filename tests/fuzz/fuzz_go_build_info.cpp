// Go build information: the text by itself, and found in the data of a module.
#include <cstddef>
#include <cstdint>

#include "manifests/bytes.hpp"
#include "wasm/sbom/go_build_info.hpp"
#include "wasm/sbom/import_dependency.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const davit::ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const auto info = davit::wasm::parse_go_build_info(davit::as_text(input));
  const auto dependency = davit::wasm::parse_import_dependency(davit::as_text(input));
  const auto tree = davit::wasm::read_binary_tree(input, davit::wasm::Limits{});
  if (!tree) return info && dependency ? 0 : 0;
  for (const auto& binary : *tree) {
    const auto found = davit::wasm::find_go_build_info(binary, davit::wasm::Limits{});
    if (!found) return 0;
  }
  return 0;
}
