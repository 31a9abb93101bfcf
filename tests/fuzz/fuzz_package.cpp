// A locked app, an image configuration and a remembered description from strangers: reading answers or refuses, and no
// path that comes out leads outside.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/package.hpp"

namespace {

using namespace davit;
using namespace davit::oci;

const std::string k_wasm("\0asm\1\0\0\0", 8);

class Store {
 public:
  Descriptor add(std::string_view content, std::string_view type) {
    const Descriptor blob = describe(as_bytes(content), type);
    const auto origin = make_memory_origin(to_bytes(content));
    static_cast<void>(repository_->put_blob(blob, *origin));
    return blob;
  }

  void read(const ImageManifest& manifest) {
    const std::string text = write_image_manifest(manifest);
    const auto packages =
        read_all_packages(*repository_, {.bytes = to_bytes(text), .descriptor = describe(as_bytes(text), media_type::k_oci_manifest)},
                          {.files = KeepFiles::all});
    if (!packages) return;
    for (const Package& package : *packages) check(package);
  }

 private:
  static void check(const Package& package) {
    const PackageDescription& said = package.description;
    if (said.title.find('/') != std::string::npos) std::abort();
    if (!said.path.empty() && !is_clean_path(said.path)) std::abort();
    if (package.files.size() != said.files.size()) std::abort();
    for (const PackageFile& file : said.files) {
      if (!is_clean_path(file.path)) std::abort();
    }
    if (package.wasm.blob.size != k_wasm.size()) std::abort();
  }

  std::unique_ptr<Repository> repository_ = make_memory_repository();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Store store;
  const Descriptor module = store.add(k_wasm, media_type::k_wasm_content);
  const Descriptor lock = store.add(input, media_type::k_spin_lock);
  store.read({.config = lock, .layers = {module}});
  store.read({.config = store.add(input, media_type::k_oci_config), .layers = {store.add(k_wasm, media_type::k_runwasi_layer)}});
  store.read({.config = store.add(input, media_type::k_oci_config), .layers = {store.add(k_wasm, media_type::k_oci_layer_tar)}});
  store.read({.config = store.add(input, media_type::k_wasm_config_v0), .layers = {store.add(k_wasm, media_type::k_wasm)}});
  for (const std::string_view key : {annotation::k_package, annotation::k_image}) {
    store.read({.config = store.add("{}", media_type::k_wasm_config_v1),
                .layers = {module},
                .annotations = {{std::string(key), std::string(input)}}});
  }
  return 0;
}
