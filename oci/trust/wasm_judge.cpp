#include "oci/trust/wasm_judge.hpp"

#include <algorithm>

#include "oci/trust/signed_message.hpp"

namespace davit::oci {
namespace {

Finding refused(Finding finding, Refusal refusal, std::string reason) {
  finding.refusal = refusal;
  finding.reason = std::move(reason);
  return finding;
}

}  // namespace

Finding judge_wasm_signature(const WasmSignature& signature, std::span<const PublicKey> keys) {
  Finding finding{.format = signature.detached ? SignatureFormat::wasm_detached : SignatureFormat::wasm, .warnings = signature.warnings};
  if (!signature.record_defect.empty()) return refused(std::move(finding), Refusal::malformed, signature.record_defect);
  const SignedMessageView message = message_of(signature.message);
  const auto signer = std::ranges::find_if(
      keys, [&](const PublicKey& key) { return key.verifies(SignatureScheme::ed25519, message, signature.signature); });
  if (signer == keys.end()) return refused(std::move(finding), Refusal::wrong_key, "not signed with a given key");
  if (!signature.coverage_defect.empty()) {
    return refused(std::move(finding), Refusal::wrong_subject, "a given key signed it, but " + signature.coverage_defect);
  }
  finding.verified = true;
  finding.signer = signer->name();
  finding.reason = "signed with the given key";
  return finding;
}

}  // namespace davit::oci
