// Parses any text as a capability manifest: what is accepted is written and read back the same, and covers itself.
#include "manifests/capability_manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = parse_capability_manifest(text);
  if (!manifest) return 0;
  const std::string written = write_capability_manifest(*manifest);
  const auto again = parse_capability_manifest(written);
  CHECK(again.has_value());
  CHECK(*again == *manifest);
  CHECK(write_capability_manifest(*again) == written);
  CHECK(excess(manifest->requests, again->requests).empty());
  return 0;
}
