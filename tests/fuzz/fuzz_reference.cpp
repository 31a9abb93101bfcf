// References: what parses must print to text that parses to the same.
#include <cstdlib>

#include "manifests/reference.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reference = davit::parse_reference(text);
  if (!reference) return 0;
  const auto again = davit::parse_reference(davit::to_text(*reference));
  if (!again || !(*again == *reference)) std::abort();
  return 0;
}
