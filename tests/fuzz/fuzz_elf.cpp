// Native programs: any bytes are read or refused, and what was read keeps to the limits.
#include <cstdint>
#include <cstdlib>

#include "oci/elf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const oci::ElfLimits limits{.headers = 256, .dynamic = 256, .symbols = 4096, .name_bytes = 256, .build_info_bytes = 4096};
  const auto facts = oci::read_elf(ByteView(reinterpret_cast<const std::byte*>(data), size), limits);
  if (!facts) return 0;
  if (facts->needed.size() > limits.dynamic || facts->imported.size() > limits.symbols || facts->defined.size() > limits.symbols)
    std::abort();
  for (const std::string& name : facts->imported) {
    if (name.empty() || name.size() > limits.name_bytes) std::abort();
  }
  return 0;
}
