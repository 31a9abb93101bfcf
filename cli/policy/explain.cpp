#include "cli/policy/explain.hpp"

#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

std::string listed(const std::vector<std::string>& words, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) out += i + 1 == words.size() ? " " + std::string(last) + " " : ", ";
    out += printable(words[i]);
  }
  return out;
}

std::string text_of(const TextMatch& match) { return match.is_pattern ? "/" + printable(match.text) + "/" : printable(match.text); }

std::string who(const PolicySigner& signer) {
  std::string out = printable(signer.name);
  if (signer.identity) {
    out += " (" + text_of(*signer.identity) + ", as " + text_of(*signer.issuer) + " says";
    for (const auto& [name, match] : signer.extensions) out += ", " + printable(name) + " " + text_of(match);
    return out + ")";
  }
  if (!signer.key.empty()) return out + (signer.logged ? " (its key, and a log must hold the signature)" : " (its key)");
  return out + " (certificates of its authority for " + printable(signer.subject) + ")";
}

std::string signers_text(const Policy& policy, const std::vector<std::string>& names, std::size_t threshold) {
  std::vector<std::string> words;
  for (const std::string& name : names) words.push_back(who(*policy.find_signer(name)));
  if (words.size() == 1 && threshold == 1) return words.front();
  return "at least " + std::to_string(threshold) + " of " + listed(words, "and");
}

std::string attestation_text(const Policy& policy, const PolicyAttestation& attestation) {
  std::string out = "  - an attestation " + printable(attestation.type) + " by " +
                    signers_text(policy, attestation.signers, attestation.threshold) + "\n";
  if (attestation.builder) out += "      built by " + text_of(*attestation.builder) + "\n";
  if (attestation.source) out += "      from the source " + text_of(*attestation.source) + "\n";
  if (!attestation.max_age.empty()) out += "      no older than " + attestation.max_age + "\n";
  for (const auto& [severity, most] : attestation.severities) {
    out += "      with at most " + std::to_string(most) + " " + severity + " vulnerabilities\n";
  }
  for (const PolicyCondition& condition : attestation.conditions) {
    out += "      whose " + printable(condition.pointer) + " is ";
    std::vector<std::string> values;
    for (const Json& value : condition.one_of) values.push_back(write_json(value));
    if (!values.empty()) out += listed(values, "or");
    if (condition.pattern) out += "/" + printable(*condition.pattern) + "/";
    if (condition.at_most) out += "at most " + write_json(Json(*condition.at_most));
    out += "\n";
  }
  return out;
}

}  // namespace

std::string explain_rule(const Policy& policy, const PolicyRule& rule) {
  std::string out = printable(rule.name) + ": artifacts of " + listed(rule.repositories, "and");
  if (rule.deny) return out + " are refused.\n";
  out += " are accepted when there is\n";
  for (const PolicySignatures& entry : rule.signatures) {
    out += "  - a signature by " + signers_text(policy, entry.signers, entry.threshold) +
           (entry.role.empty() ? "" : ", as " + printable(entry.role)) + "\n";
  }
  for (const PolicyAttestation& entry : rule.attestations) out += attestation_text(policy, entry);
  if (!rule.formats.empty()) out += "  and they are packaged as " + listed(rule.formats, "or") + "\n";
  if (rule.grant) {
    const std::string classes = capability_annotation(capabilities_of(*rule.grant));
    out += "  and they can touch no more than " + (classes.empty() ? std::string("nothing") : classes) + "\n";
  }
  return out;
}

std::string explain_policy(const Policy& policy) {
  std::string out;
  for (const PolicyRule& rule : policy.rules) out += explain_rule(policy, rule) + "\n";
  return out + "The most specific pattern decides. Everything that no rule is about is refused.\n";
}

}  // namespace davit::cli
