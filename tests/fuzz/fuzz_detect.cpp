// Detection over any manifest and any configuration: it answers or refuses, names nothing that is not there, and reads
// one blob at most.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "oci/formats/detect.hpp"

namespace {

using namespace davit;
using namespace davit::oci;

// Every blob is the second half of the input.
class OneBlob : public Repository {
 public:
  explicit OneBlob(Bytes content) : content_(std::move(content)) {}
  Result<Descriptor> resolve(const std::string&) override { return fail(ErrorCode::not_found, "no tags"); }
  Result<RawManifest> fetch_manifest(const std::string&) override { return fail(ErrorCode::not_found, "no manifests"); }
  Result<std::unique_ptr<Source>> open_blob(const Descriptor&) override {
    if (++opened_ > 1) std::abort();
    return make_memory_source(content_);
  }
  Result<bool> has_blob(const Descriptor&) override { return true; }
  Result<bool> has_manifest(const Digest&) override { return false; }
  Result<bool> put_blob(const Descriptor&, BlobOrigin&) override { return false; }
  Result<void> put_manifest(const RawManifest&, const std::optional<std::string>&) override { return {}; }
  Result<std::vector<std::string>> list_tags() override { return std::vector<std::string>{}; }
  Result<void> remove(const std::string&) override { return {}; }
  Result<std::vector<Descriptor>> list_referrers(const Digest&, const std::string&) override { return std::vector<Descriptor>{}; }

 private:
  Bytes content_;
  int opened_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(input.find('\n'), input.size());
  OneBlob repository(to_bytes(input.substr(std::min(cut + 1, input.size()))));
  const RawManifest manifest{.bytes = to_bytes(input.substr(0, cut)), .descriptor = describe(as_bytes(input.substr(0, cut)), "")};
  const auto found = detect_format(repository, manifest);
  if (!found) return 0;
  if (found->format.empty() || found->evidence.empty()) std::abort();
  if (found->holds_wasm != found->refusal.empty()) std::abort();
  const auto layers = parse_packaging(manifest);
  for (const Descriptor& layer : found->wasm_layers) {
    if (std::ranges::find(layers->layers, layer) == layers->layers.end()) std::abort();
  }
  return 0;
}
