#include "cli/policy/export/export.hpp"

#include <algorithm>

#include "cli/policy/export/shared.hpp"
#include "oci/trust/keys.hpp"

namespace davit::cli {
namespace {

Result<ExportedPolicy> export_for(const Policy& policy, const std::string& target) {
  if (target == "kyverno") return export_for_kyverno(policy);
  if (target == "policy-controller") return export_for_policy_controller(policy);
  if (target == "ratify") return export_for_ratify(policy);
  return export_for_containers(policy);
}

// davit takes the hash that fits the curve as well, all others the one that is usual with keys.
bool has_large_curve(const PolicySigner& signer) {
  const auto key = oci::PublicKey::parse(signer.key);
  return key && (key->kind() == oci::KeyKind::ecdsa_p384 || key->kind() == oci::KeyKind::ecdsa_p521);
}

}  // namespace

Result<ExportedPolicy> export_policy(const Policy& policy, const std::string& target) {
  TRY_ASSIGN(ExportedPolicy out, export_for(policy, target));
  if (std::ranges::any_of(policy.signers, has_large_curve)) {
    out.not_expressed.emplace_back("of keys on P-384 and P-521, only signatures over SHA-256 are taken, as davit makes them");
  }
  return out;
}

}  // namespace davit::cli
