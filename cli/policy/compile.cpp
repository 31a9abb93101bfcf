#include "cli/policy/compile.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/key_source.hpp"
#include "cli/policy/content_check.hpp"
#include "cli/verify/options.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/notation/judge.hpp"
#include "oci/trust/pem.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_file_name = "file";

std::string beside(const std::string& policy_path, const std::string& path) {
  return (std::filesystem::path(policy_path).parent_path() / path).string();
}

bool is_pem(const std::string& text) { return text.find("-----BEGIN ") != std::string::npos; }

// A policy holds the PEM text itself or names a file beside it.
Result<std::string> pem_of(const std::string& text, const std::string& policy_path) {
  if (is_pem(text)) return text;
  TRY_ASSIGN(const Bytes content, oci::read_file(beside(policy_path, text), oci::k_max_pem_bytes));
  return std::string(as_text(content));
}

Result<oci::TextRule> rule_of(const TextMatch& match) {
  if (match.is_pattern) return oci::TextRule::pattern(match.text);
  return oci::TextRule::exactly(match.text);
}

Result<std::optional<oci::TextRule>> rule_of(const std::optional<TextMatch>& match) {
  if (!match) return std::optional<oci::TextRule>{};
  TRY_ASSIGN(oci::TextRule rule, rule_of(*match));
  return std::optional(std::move(rule));
}

Result<oci::PublicKey> load_key(const std::string& key, const std::string& policy_path) {
  if (is_pem(key)) return oci::PublicKey::parse(key);
  return read_public_key(beside(policy_path, key));
}

Result<oci::IdentityRule> identity_rule(const PolicySigner& signer) {
  TRY_ASSIGN(oci::TextRule name, rule_of(*signer.identity));
  TRY_ASSIGN(oci::TextRule issuer, rule_of(*signer.issuer));
  oci::IdentityRule rule{.name = std::move(name), .issuer = std::move(issuer)};
  for (const auto& [extension, match] : signer.extensions) {
    TRY_ASSIGN(oci::TextRule value, rule_of(match));
    rule.extensions.emplace(extension, std::move(value));
  }
  return rule;
}

// The statement that a trust policy of the Notary Project would hold: this authority, these attributes, all checks.
Result<std::shared_ptr<const oci::NotationTrust>> notation_trust(const PolicySigner& signer, const std::string& policy_path) {
  TRY_ASSIGN(const std::string pem, pem_of(signer.certificate_authority, policy_path));
  TRY_ASSIGN(auto authorities, oci::Certificate::parse_pem_chain(pem));
  oci::NotationTrust trust = oci::trust_in_chain(std::move(authorities), {});
  if (signer.subject != "*") {
    TRY_ASSIGN(oci::NameAttributes attributes, oci::parse_name_rule(signer.subject));
    trust.statement.any_identity = false;
    trust.statement.identities.push_back(std::move(attributes));
  }
  return std::make_shared<const oci::NotationTrust>(std::move(trust));
}

Result<oci::TrustedSigner> compile_signer(const PolicySigner& signer, const std::string& policy_path) {
  oci::TrustedSigner out{.name = signer.name, .logged = signer.logged};
  if (!signer.key.empty()) {
    TRY_ASSIGN(oci::PublicKey key, load_key(signer.key, policy_path));
    out.keys.push_back(std::move(key));
  } else if (signer.identity) {
    TRY_ASSIGN(oci::IdentityRule rule, identity_rule(signer));
    out.identities.push_back(std::move(rule));
  } else {
    TRY_ASSIGN(out.notation, notation_trust(signer, policy_path));
  }
  return out;
}

Result<oci::AttestationDemand> compile_attestation(const PolicyAttestation& attestation) {
  oci::AttestationDemand out{.type = attestation.type, .signers = attestation.signers, .threshold = attestation.threshold};
  TRY_ASSIGN(out.builder, rule_of(attestation.builder));
  TRY_ASSIGN(out.source, rule_of(attestation.source));
  if (!attestation.max_age.empty()) {
    TRY_ASSIGN(out.max_age_seconds, parse_age(attestation.max_age));
  }
  out.severities = attestation.severities;
  for (const PolicyCondition& condition : attestation.conditions) {
    oci::PredicateCondition entry{.pointer = condition.pointer, .one_of = condition.one_of, .at_most = condition.at_most};
    if (condition.pattern) {
      TRY_ASSIGN(entry.pattern, oci::TextRule::pattern(*condition.pattern));
    }
    out.conditions.push_back(std::move(entry));
  }
  return out;
}

bool is_used(const PolicyRule& rule, const std::string& name) {
  const auto names_it = [&](const auto& demand) { return std::ranges::count(demand.signers, name) != 0; };
  return std::ranges::any_of(rule.signatures, names_it) || std::ranges::any_of(rule.attestations, names_it);
}

}  // namespace

Result<Policy> load_policy(const std::string& path) {
  TRY_ASSIGN(const Bytes content, oci::read_file(path, k_max_policy_bytes));
  auto policy = parse_policy(as_text(content));
  if (!policy) return std::move(policy).error().in(path);
  return policy;
}

Result<oci::TrustPlan> compile_rule(const Policy& policy, const PolicyRule& rule, const std::string& policy_path) {
  oci::TrustPlan plan;
  for (const PolicySigner& signer : policy.signers) {
    if (!is_used(rule, signer.name)) continue;
    auto compiled = compile_signer(signer, policy_path);
    if (!compiled) return std::move(compiled).error().during("reading the signer \"" + printable(signer.name) + "\" of " + policy_path);
    plan.signers.push_back(*std::move(compiled));
  }
  for (const PolicySignatures& entry : rule.signatures) {
    plan.signatures.push_back({.role = entry.role, .signers = entry.signers, .threshold = entry.threshold});
  }
  for (const PolicyAttestation& entry : rule.attestations) {
    auto demand = compile_attestation(entry);
    if (!demand) return std::move(demand).error().during("reading the rule \"" + printable(rule.name) + "\" of " + policy_path);
    plan.attestations.push_back(*std::move(demand));
  }
  return plan;
}

Result<void> inline_keys(Policy& policy, const std::string& policy_path) {
  for (PolicySigner& signer : policy.signers) {
    for (std::string* text : {&signer.key, &signer.certificate_authority}) {
      if (text->empty()) continue;
      TRY_ASSIGN(*text, pem_of(*text, policy_path));
    }
  }
  return {};
}

Result<void> compile_all(const Policy& policy, const std::string& policy_path) {
  for (const PolicyRule& rule : policy.rules) TRY(compile_rule(policy, rule, policy_path));
  return {};
}

Result<PolicyBook> PolicyBook::load(const std::string& path) {
  TRY_ASSIGN(Policy policy, load_policy(path));
  return PolicyBook(path, std::move(policy));
}

Result<CompiledRule> PolicyBook::rule_for(Context& context, const Reference* reference, const std::string& as) {
  const std::string name = !as.empty() ? as : reference == nullptr ? std::string(k_file_name) : policy_name_of(*reference);
  const Policy::Choice choice = policy_->choose(name);
  if (choice.rule == nullptr) {
    return fail(ErrorCode::untrusted, "no rule of " + path_ + " is about \"" + printable(name) + "\"")
        .hinting("add a rule for it, or judge it as another repository with --as REPOSITORY");
  }
  if (choice.rule->deny) {
    return fail(ErrorCode::untrusted,
                "the rule \"" + printable(choice.rule->name) + "\" of " + path_ + " denies \"" + printable(name) + "\"");
  }
  auto plan = plans_.find(choice.rule);
  if (plan == plans_.end()) {
    TRY_ASSIGN(oci::TrustPlan compiled, compile_rule(*policy_, *choice.rule, path_));
    plan = plans_.emplace(choice.rule, std::move(compiled)).first;
  }
  CompiledRule out{.name = choice.rule->name, .pattern = choice.pattern, .plan = plan->second};
  if (reference != nullptr) out.content_check = make_content_check(context, *choice.rule, *reference);
  if (!policy_->trusted_root.empty()) out.trusted_root = beside(path_, policy_->trusted_root);
  return out;
}

}  // namespace davit::cli
