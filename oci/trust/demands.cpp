#include "oci/trust/demands.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/statement.hpp"
#include "oci/trust/predicate_check.hpp"

namespace davit::oci {
namespace {

bool fits(const IdentityRule& rule, const CertificateIdentity& certificate) {
  if (!rule.name.matches(certificate.name) || !rule.issuer.matches(certificate.issuer)) return false;
  return std::ranges::all_of(rule.extensions, [&](const auto& wanted) {
    const auto found = certificate.extensions.find(wanted.first);
    return found != certificate.extensions.end() && wanted.second.matches(found->second);
  });
}

bool is_notation(const Finding& finding) {
  return finding.format == SignatureFormat::notation_jws || finding.format == SignatureFormat::notation_cose;
}

bool is_signer(const TrustedSigner& signer, const Finding& finding) {
  if (is_notation(finding)) return false;  // put down by name where it is judged
  if (std::ranges::any_of(signer.keys, [&](const PublicKey& key) { return key.name() == finding.signer; })) {
    return !signer.logged || !finding.logs.empty();
  }
  if (!finding.certificate) return false;
  return std::ranges::any_of(signer.identities, [&](const IdentityRule& rule) { return fits(rule, *finding.certificate); });
}

// Two certificates of one person are one signer; a key and its name are one signer.
std::string who(const Finding& finding) {
  return finding.certificate ? finding.certificate->issuer + "\n" + finding.certificate->name : finding.signer;
}

void refuse(Finding& finding, Refusal refusal, std::string reason) {
  finding.verified = false;
  finding.refusal = refusal;
  finding.reason = std::move(reason);
}

bool is_wanted(const std::vector<std::string>& wanted, const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [&](const std::string& name) { return std::ranges::count(wanted, name) != 0; });
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + printable(name);
  return out;
}

Decision answer(const TrustPlan& plan, const SignatureDemand& demand, std::span<const Finding> findings) {
  Decision out;
  std::set<std::string> distinct;
  for (const Finding& finding : findings) {
    if (!finding.verified || (is_attestation(finding) && !plan.lax_type)) continue;
    const auto names = signers_of(plan, finding);
    if (!is_wanted(demand.signers, names)) continue;
    distinct.insert(who(finding));
    out.parts.push_back({.passed = true, .text = std::string(to_text(finding.format)) + " " + finding.candidate + " by " + listed(names)});
  }
  out.passed = distinct.size() >= demand.threshold;
  out.text = "signatures" + (demand.role.empty() ? "" : " of role " + printable(demand.role)) + ": " + std::to_string(distinct.size()) +
             " of " + std::to_string(demand.threshold) + " distinct signers among " + listed(demand.signers);
  return out;
}

Decision answer(const TrustPlan& plan, const AttestationDemand& demand, std::span<const Finding> findings) {
  Decision out;
  std::set<std::string> distinct;
  for (const Finding& finding : findings) {
    if (!finding.verified || finding.predicate_type != demand.type || !is_wanted(demand.signers, signers_of(plan, finding))) continue;
    Decision part = check_predicate(demand, finding, plan.sigstore.now);
    if (part.passed) distinct.insert(who(finding));
    out.parts.push_back(std::move(part));
  }
  out.passed = distinct.size() >= demand.threshold;
  out.text = "attestations " + printable(demand.type) + ": " + std::to_string(distinct.size()) + " of " + std::to_string(demand.threshold) +
             " distinct signers among " + listed(demand.signers);
  return out;
}

}  // namespace

bool is_attestation(const Finding& finding) { return !finding.predicate_type.empty() && finding.predicate_type != k_signature_predicate; }

std::vector<std::string> signers_of(const TrustPlan& plan, const Finding& finding) {
  std::vector<std::string> names;
  for (const TrustedSigner& signer : plan.signers) {
    if (is_signer(signer, finding) || std::ranges::count(finding.accepted_by, signer.name) != 0) names.push_back(signer.name);
  }
  return names;
}

void hold_against(const TrustPlan& plan, Finding& finding) {
  if (!finding.verified) return;
  if (is_attestation(finding)) {
    const auto asked = std::ranges::count(plan.attestations, finding.predicate_type, &AttestationDemand::type);
    if (asked == 0 && !plan.lax_type) {
      return refuse(finding, Refusal::wrong_type,
                    "it is an attestation of type \"" + printable(finding.predicate_type) + "\", and no signature");
    }
    if (asked == 0) finding.warnings.push_back("an attestation is let pass as a signature");
  }
  if (finding.format == SignatureFormat::classic && !is_attestation(finding) && !plan.docker_reference.empty() &&
      finding.identity != plan.docker_reference) {
    return refuse(finding, Refusal::wrong_subject,
                  "it was made for \"" + printable(finding.identity) + "\", expected \"" + printable(plan.docker_reference) + "\"");
  }
  if (!signers_of(plan, finding).empty()) return;
  const bool by_key = std::ranges::any_of(plan.signers, [&](const TrustedSigner& signer) {
    return std::ranges::any_of(signer.keys, [&](const PublicKey& key) { return key.name() == finding.signer; });
  });
  if (by_key) return refuse(finding, Refusal::not_logged, "signed with the given key, and no transparency log that counts holds it");
  refuse(finding, Refusal::wrong_identity, "signed by somebody that no rule names");
}

Decision answer_demands(const TrustPlan& plan, std::span<const Finding> findings) {
  Decision out{.passed = true};
  for (const SignatureDemand& demand : plan.signatures) out.parts.push_back(answer(plan, demand, findings));
  for (const AttestationDemand& demand : plan.attestations) out.parts.push_back(answer(plan, demand, findings));
  out.passed = !out.parts.empty() && std::ranges::all_of(out.parts, &Decision::passed);
  out.text = out.passed ? "every demand is met" : "not every demand is met";
  return out;
}

}  // namespace davit::oci
