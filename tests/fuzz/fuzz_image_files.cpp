// Layers of images and files of `docker save`: every name and link that is found stays below the root, and what is read
// out is no longer than the bounds.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "oci/image_files.hpp"

namespace {

using namespace davit;
using namespace davit::oci;

constexpr ImageLimits k_limits{.entries = 500, .layer_bytes = std::uint64_t{8} << 20};

// The same bytes as two layers, so that whiteouts and hard links meet something.
class TwoLayers : public ImageSource {
 public:
  explicit TwoLayers(ByteView layer) : layer_(layer) {}
  [[nodiscard]] const Json& config() const override { return config_; }
  [[nodiscard]] const Annotations& annotations() const override { return annotations_; }
  [[nodiscard]] std::size_t layer_count() const override { return 2; }
  Result<void> read_layer(std::size_t, const LayerReader& read) override {
    const auto source = make_memory_source(Bytes(layer_.begin(), layer_.end()));
    return read(*source);
  }

 private:
  ByteView layer_;
  Json config_ = *parse_json("{}", JsonLimits{});
  Annotations annotations_{};
};

class BoundedSink : public Sink {
 public:
  Result<void> write(ByteView bytes) override {
    count_ += bytes.size();
    if (count_ > k_limits.layer_bytes) std::abort();
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  std::uint64_t count_ = 0;
};

void look_into(ImageSource& image) {
  const auto files = ImageFiles::scan(image, k_limits);
  if (!files) return;
  const auto names = files->wasm_files();
  if (names.size() > k_limits.entries) std::abort();
  for (const std::string& name : names) {
    if (clean_entry_name(name) != name) std::abort();
    const ImageFile* file = files->find("/../" + name);
    if (file == nullptr || file->type != EntryType::file) continue;  // reached through a link instead
    if (clean_entry_name(file->entry) != file->entry) std::abort();
    BoundedSink sink;
    static_cast<void>(extract_file(image, *file, k_limits, sink));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  TwoLayers layers(bytes);
  look_into(layers);

  static const int fd = ::memfd_create("archive", MFD_CLOEXEC);
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, data, size, 0) != static_cast<ssize_t>(size)) return 0;
  const auto saved = open_docker_archive("/proc/self/fd/" + std::to_string(fd), std::nullopt);
  if (saved) look_into(**saved);
  return 0;
}
