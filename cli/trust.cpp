#include "cli/trust.hpp"

#include "oci/io/file.hpp"
#include "oci/trust/pem.hpp"

namespace davit::cli {

Result<std::vector<oci::PublicKey>> load_public_keys(const std::vector<std::string>& paths) {
  std::vector<oci::PublicKey> keys;
  for (const std::string& path : paths) {
    TRY_ASSIGN(const Bytes content, oci::read_file(path, oci::k_max_pem_bytes));
    auto key = oci::PublicKey::parse(as_text(content));
    if (!key) return std::move(key).error().in(path);
    keys.push_back(*std::move(key));
  }
  return keys;
}

void say_findings(const Context& context, const oci::Verification& verification) {
  for (const oci::Finding& finding : verification.findings) {
    std::string line = std::string(finding.verified ? "accepted" : "refused") + ": " + std::string(to_text(finding.format)) + " " +
                       finding.candidate + ": " + finding.reason;
    if (!finding.signer.empty()) line += " " + finding.signer;
    if (!finding.identity.empty()) line += ", as " + finding.identity;
    context.say(line);
  }
}

Json findings_json(const oci::Verification& verification) {
  JsonArray out;
  for (const oci::Finding& finding : verification.findings) {
    JsonObject item{{"format", to_text(finding.format)},
                    {"candidate", finding.candidate},
                    {"verified", finding.verified},
                    {"signer", finding.signer.empty() ? Json(nullptr) : Json(finding.signer)},
                    {"reason", finding.reason}};
    if (!finding.identity.empty()) item.set("identity", finding.identity);
    out.emplace_back(std::move(item));
  }
  return out;
}

Result<oci::Verified> require_verified(const Context& context, oci::Repository& repository, const std::string& tag_or_digest,
                                       const std::vector<std::string>& key_files, std::uint64_t max_signatures) {
  TRY_ASSIGN(auto keys, load_public_keys(key_files));
  TRY_ASSIGN(const oci::Verifier verifier, oci::Verifier::make(std::move(keys), {.max_signatures = max_signatures}));
  TRY_ASSIGN(const oci::Verification verification, verifier.verify(repository, tag_or_digest));
  say_findings(context, verification);
  if (!verification.proof) return oci::refusal(verification);
  return *verification.proof;
}

}  // namespace davit::cli
