// Any bytes as a wasm file: its size profile gives every byte one owner, and nothing retains more than the file.
#include "cli/inspect/size_report.hpp"
#include "cli/inspect/treemap.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const ByteView input(reinterpret_cast<const std::byte*>(data), size);
  const auto profile = wasm::profile_sizes(input, wasm::Limits{});
  if (!profile) return 0;
  for (const wasm::SizePart& part : profile->parts) {
    std::uint64_t owned = 0;
    for (const wasm::SizeItem& item : part.items) {
      owned += item.size;
      CHECK(item.retained <= part.size);
    }
    CHECK(part.kind == wasm::Kind::component || owned == part.size);
  }
  CHECK(!cli::size_text(*profile, "x", 5).empty());
  CHECK(cli::size_page(*profile, "x").find("</html>") != std::string::npos);
  return 0;
}
