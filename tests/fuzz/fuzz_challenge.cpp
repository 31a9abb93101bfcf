// WWW-Authenticate headers: no input may crash the parser, and what it accepts is within its bounds.
#include <cstdlib>

#include "manifests/bytes.hpp"
#include "oci/http/challenge.hpp"
#include "oci/http/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto challenges = davit::oci::parse_challenges(text)) {
    if (challenges->size() > 16) std::abort();
    for (const auto& challenge : *challenges) {
      if (challenge.scheme.empty()) std::abort();
    }
  }
  if (const auto url = davit::oci::Url::parse(text)) {
    const auto again = davit::oci::Url::parse(url->text());
    if (!again || !(*again == *url)) std::abort();
  }
  return 0;
}
