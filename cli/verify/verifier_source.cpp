#include "cli/verify/verifier_source.hpp"

#include "cli/clock.hpp"
#include "cli/trust.hpp"
#include "cli/verify/notation.hpp"
#include "cli/verify/trust_root.hpp"
#include "manifests/encoding.hpp"
#include "manifests/predicate_type.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/pem.hpp"

namespace davit::cli {
namespace {

bool is_in_registry(const Reference* reference) { return reference != nullptr && std::holds_alternative<RegistryReference>(*reference); }

Result<void> refuse_contradictions(const TrustOptions& options, const Reference* reference) {
  const bool has_issuer = !options.issuer.empty() || !options.issuer_pattern.empty();
  if (options.by_identity() != has_issuer) {
    return fail(ErrorCode::usage, "an identity counts only together with who vouches for it")
        .hinting("give both --certificate-identity and --certificate-oidc-issuer");
  }
  if (!options.issuer.empty() && !options.issuer_pattern.empty()) {
    return fail(ErrorCode::usage, "--certificate-oidc-issuer and --certificate-oidc-issuer-regexp exclude each other");
  }
  const bool by_hand = !options.keys.empty() || options.by_identity();
  if (!options.policy.empty() && (by_hand || !options.type.empty() || options.threshold != 1)) {
    return fail(ErrorCode::usage, "--policy says by itself who must have signed; keys, identities, types and thresholds go into it");
  }
  if (options.threshold == 0) return fail(ErrorCode::usage, "--threshold is 0, which would accept everything; expected at least 1");
  if (options.offline && reference != nullptr && std::holds_alternative<RegistryReference>(*reference)) {
    return fail(ErrorCode::usage, "\"" + to_text(*reference) + "\" is in a registry, and --offline opens no connection")
        .hinting("fetch it first with: davit copy --recursive " + to_text(*reference) + " oci:FOLDER");
  }
  return {};
}

Result<std::vector<oci::IdentityRule>> identity_rules(const TrustOptions& options) {
  std::vector<oci::IdentityRule> rules;
  if (!options.by_identity()) return rules;
  oci::TextRule issuer = oci::TextRule::exactly(options.issuer);
  if (!options.issuer_pattern.empty()) {
    TRY_ASSIGN(issuer, oci::TextRule::pattern(options.issuer_pattern));
  }
  for (const std::string& identity : options.identities) rules.push_back({.name = oci::TextRule::exactly(identity), .issuer = issuer});
  for (const std::string& expression : options.identity_patterns) {
    TRY_ASSIGN(oci::TextRule name, oci::TextRule::pattern(expression));
    rules.push_back({.name = std::move(name), .issuer = issuer});
  }
  return rules;
}

Result<std::vector<std::string>> load_chain(const std::string& path) {
  if (path.empty()) return std::vector<std::string>{};
  TRY_ASSIGN(const Bytes content, oci::read_file(path, oci::k_max_pem_bytes));
  return std::vector<std::string>{std::string(as_text(content))};
}

}  // namespace

Result<oci::TrustPlan> VerifierSource::plan_by_hand(const Reference* reference) {
  if (!keys_) {
    TRY_ASSIGN(keys_, load_public_keys(context_, options_.keys));
  }
  TRY_ASSIGN(const auto rules, identity_rules(options_));
  oci::TrustPlan plan = oci::plan_for_keys(*keys_);
  plan.signatures.clear();
  std::vector<std::string> names;
  for (oci::TrustedSigner& signer : plan.signers) {
    signer.logged = options_.require_log;
    names.push_back(signer.name);
  }
  for (const oci::IdentityRule& rule : rules) {
    names.push_back(rule.name.describe());
    plan.signers.push_back({.name = names.back(), .identities = {rule}});
  }
  TRY(add_notation_signer(context_, options_, reference, rules, plan));
  if (plan.signers.size() > names.size()) names.push_back(plan.signers.back().name);
  if (names.empty()) return plan;
  if (options_.type.empty()) {
    plan.signatures.push_back({.signers = std::move(names), .threshold = options_.threshold});
    return plan;
  }
  const auto type = predicate_type_of(options_.type);
  if (!type) {
    return fail(ErrorCode::usage, "\"" + printable(options_.type) + "\" is neither a URI nor a known name of a predicate type")
        .hinting("known names are spdxjson, cyclonedx, slsaprovenance1, vuln, openvex, link, capabilities and custom");
  }
  plan.attestations.push_back({.type = *type, .signers = std::move(names), .threshold = options_.threshold});
  return plan;
}

Result<CompiledRule> VerifierSource::rule_for(const Reference* reference) {
  if (!policy_) {
    TRY_ASSIGN(policy_, PolicyBook::load(options_.policy));
  }
  return policy_->rule_for(context_, reference, options_.as);
}

// Nobody gets the root that another artifact's rule needed: it would judge log entries that nobody asked about.
Result<void> VerifierSource::add_trust_root(const std::string& path, oci::TrustPlan& plan) {
  if (path.empty() && !needs_trust_root(plan)) return {};
  if (!root_) {
    TRY_ASSIGN(root_, load_trust_root(context_, path, plan));
  }
  plan.sigstore.root = root_;
  return {};
}

Result<oci::Verifier> VerifierSource::make(const Reference* reference) {
  TRY(refuse_contradictions(options_, reference));
  oci::VerifierOptions verifier_options{.max_signatures = options_.max_signatures};
  verifier_options.at_once = !one_of_many_ && !context_.common.verbose && is_in_registry(reference);
  oci::TrustPlan plan;
  std::string root_path = options_.trusted_root;
  if (!options_.policy.empty()) {
    TRY_ASSIGN(CompiledRule rule, rule_for(reference));
    plan = std::move(rule.plan);
    verifier_options.content_check = std::move(rule.content_check);
    if (root_path.empty()) root_path = rule.trusted_root;
  } else {
    TRY_ASSIGN(plan, plan_by_hand(reference));
  }
  plan.lax_type = options_.any_predicate;
  if (options_.check_reference && reference != nullptr) plan.docker_reference = policy_name_of(*reference);
  plan.sigstore.now = seconds_by_clock();
  // In a policy it is said of each signer, and demands.cpp holds it against what was found.
  plan.sigstore.min_logs_with_key = options_.require_log ? 1 : 0;
  if (!chain_) {
    TRY_ASSIGN(chain_, load_chain(options_.certificate_chain));
  }
  plan.sigstore.certificate_chain = *chain_;
  TRY(add_trust_root(root_path, plan));
  return oci::Verifier::make(std::move(plan), std::move(verifier_options));
}

Result<oci::Verifier> make_verifier(Context& context, const TrustOptions& options, const Reference* reference) {
  return VerifierSource(context, options).make(reference);
}

}  // namespace davit::cli
