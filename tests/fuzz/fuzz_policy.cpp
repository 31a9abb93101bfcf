// A policy from anywhere: it is refused or it stands for itself; what is written of it parses to the same.
#include "manifests/policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const auto policy = parse_policy(as_text(ByteView(reinterpret_cast<const std::byte*>(data), size)));
  if (!policy) return 0;
  const std::string text = write_json(to_json(*policy));
  const auto again = parse_policy(text);
  if (!again || write_json(to_json(*again)) != text) __builtin_trap();
  const auto choice = policy->choose("registry.example.com/team/app");
  if (choice.rule != nullptr && !repository_pattern_fits(choice.pattern, "registry.example.com/team/app")) __builtin_trap();
  return 0;
}
