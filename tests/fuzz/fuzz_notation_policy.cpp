// A policy that is read has names that lead nowhere, and every statement that verifies says by whom.
#include <algorithm>

#include "oci/trust/notation/trust_policy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  using namespace davit::oci;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_name_rule(text));
  for (const TrustPolicyKind kind : {TrustPolicyKind::oci, TrustPolicyKind::blob}) {
    const auto policy = NotationPolicy::parse(text, kind);
    if (!policy) continue;
    CHECK(!policy->statements().empty());
    for (const TrustStatement& statement : policy->statements()) {
      CHECK(statement.skips || (!statement.stores.empty() && (statement.any_identity || !statement.identities.empty())));
      CHECK(std::ranges::all_of(statement.stores, [](const TrustStoreName& store) {
        return store.name.find('/') == std::string::npos && store.name != ".." && store.name != ".";
      }));
    }
  }
  return 0;
}
