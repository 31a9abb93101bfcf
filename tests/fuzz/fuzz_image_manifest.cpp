// Manifests, indexes and wasm configs: what parses must write to bytes that parse to the same.
#include <cstdlib>

#include "manifests/image_manifest.hpp"
#include "manifests/wasm_config.hpp"
#include "oci/layout.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const davit::ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto manifest = davit::parse_manifest(bytes)) {
    const auto* image = std::get_if<davit::ImageManifest>(&*manifest);
    const std::string text =
        image != nullptr ? davit::write_image_manifest(*image) : davit::write_image_index(std::get<davit::ImageIndex>(*manifest));
    const auto again = davit::parse_manifest(davit::as_bytes(text));
    if (!again || !(*again == *manifest)) std::abort();
  }
  if (const auto config = davit::parse_wasm_config(bytes)) {
    const auto again = davit::parse_wasm_config(davit::as_bytes(davit::write_wasm_config(*config)));
    if (!again || !(*again == *config)) std::abort();
  }
  if (const auto index = davit::oci::LayoutIndex::parse(bytes)) {
    const auto again = davit::oci::LayoutIndex::parse(davit::as_bytes(index->write()));
    if (!again || again->entries() != index->entries()) std::abort();
  }
  return 0;
}
