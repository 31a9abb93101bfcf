// Dockerfiles: any text is read or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/advise/findings.hpp"
#include "cli/advise/gather.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit::cli;
  const auto facts = advise::facts_of_dockerfile(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!facts) return 0;
  if (facts->bases.empty()) std::abort();
  const auto advice = advise::advise(*facts);
  if (advice.summary.empty() || advise::advice_page(*facts, advice).find("<script") != std::string::npos) std::abort();
  return 0;
}
