// Tar archives, plain and compressed: names that are handed out never leave the root, and bounds hold.
#include <cstdlib>

#include "oci/archive.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const auto source = davit::oci::make_memory_source(davit::Bytes(begin, begin + size));
  std::size_t entries = 0;
  const davit::oci::ArchiveLimits limits{.entries = 1000, .total_bytes = std::uint64_t{8} << 20};
  const auto walked = davit::oci::walk_archive(
      *source, limits, [&](const davit::oci::ArchiveEntry& entry, davit::oci::Source& content) -> davit::Result<bool> {
        const std::string framed = "/" + entry.name + "/";
        if (entry.name.starts_with('/') || framed.find("/../") != std::string::npos || ++entries > limits.entries) std::abort();
        TRY_ASSIGN(const auto bytes, davit::oci::read_all(content, limits.total_bytes));
        if (bytes.size() > limits.total_bytes) std::abort();
        return true;
      });
  static_cast<void>(walked);
  return 0;
}
