#include "cli/verify/options.hpp"

#include <algorithm>
#include <array>

#include "cli/clock.hpp"
#include "cli/policy/compile.hpp"
#include "cli/trust.hpp"
#include "cli/verify/notation.hpp"
#include "cli/verify/trust_root.hpp"
#include "manifests/encoding.hpp"
#include "manifests/predicate_type.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/pem.hpp"

namespace davit::cli {
namespace {

bool by_identity(const TrustOptions& options) { return !options.identities.empty() || !options.identity_patterns.empty(); }

Result<void> refuse_contradictions(const TrustOptions& options, const Reference* reference) {
  const bool has_issuer = !options.issuer.empty() || !options.issuer_pattern.empty();
  if (by_identity(options) != has_issuer) {
    return fail(ErrorCode::usage, "an identity counts only together with who vouches for it")
        .hinting("give both --certificate-identity and --certificate-oidc-issuer");
  }
  if (!options.issuer.empty() && !options.issuer_pattern.empty()) {
    return fail(ErrorCode::usage, "--certificate-oidc-issuer and --certificate-oidc-issuer-regexp exclude each other");
  }
  const bool by_hand = !options.keys.empty() || by_identity(options);
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
  if (!by_identity(options)) return rules;
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

Result<oci::TrustPlan> plan_by_hand(Context& context, const TrustOptions& options, const Reference* reference) {
  TRY_ASSIGN(auto keys, load_public_keys(context, options.keys));
  TRY_ASSIGN(const auto rules, identity_rules(options));
  oci::TrustPlan plan = oci::plan_for_keys(std::move(keys));
  plan.signatures.clear();
  std::vector<std::string> names;
  for (oci::TrustedSigner& signer : plan.signers) {
    signer.logged = options.require_log;
    names.push_back(signer.name);
  }
  for (const oci::IdentityRule& rule : rules) {
    names.push_back(rule.name.describe());
    plan.signers.push_back({.name = names.back(), .identities = {rule}});
  }
  TRY(add_notation_signer(context, options, reference, rules, plan));
  if (plan.signers.size() > names.size()) names.push_back(plan.signers.back().name);
  if (names.empty()) return plan;
  if (options.type.empty()) {
    plan.signatures.push_back({.signers = std::move(names), .threshold = options.threshold});
    return plan;
  }
  const auto type = predicate_type_of(options.type);
  if (!type) {
    return fail(ErrorCode::usage, "\"" + printable(options.type) + "\" is neither a URI nor a known name of a predicate type")
        .hinting("known names are spdxjson, cyclonedx, slsaprovenance1, vuln, openvex, link, capabilities and custom");
  }
  plan.attestations.push_back({.type = *type, .signers = std::move(names), .threshold = options.threshold});
  return plan;
}

Result<std::vector<std::string>> load_chain(const std::string& path) {
  if (path.empty()) return std::vector<std::string>{};
  TRY_ASSIGN(const Bytes content, oci::read_file(path, oci::k_max_pem_bytes));
  return std::vector<std::string>{std::string(as_text(content))};
}

}  // namespace

// Whatever was said about trust: half of it is refused by make_verifier, and not taken for nothing.
bool TrustOptions::given() const {
  const bool texts =
      std::ranges::any_of(std::array{&issuer, &issuer_pattern, &certificate_chain, &trusted_root, &trust_policy, &policy, &as},
                          [](const std::string* text) { return !text->empty(); });
  return texts || !keys.empty() || by_identity(*this);
}

std::string policy_name_of(const Reference& reference) {
  if (const auto* remote = std::get_if<RegistryReference>(&reference)) return remote->host + "/" + remote->repository;
  if (const auto* local = std::get_if<LocalReference>(&reference)) return to_text(LocalReference{.kind = local->kind, .path = local->path});
  return to_text(reference);
}

std::vector<Option> trust_options(TrustOptions& options) {
  std::vector<Option> out{
      {"--key", "FILE", "public key to accept; may be given several times", &options.keys, ValueKind::file},
      {"--certificate-identity", "NAME", "accept certificates of exactly this identity; may be given several times", &options.identities},
      {"--certificate-identity-regexp", "RE", "accept certificates whose whole identity fits this expression", &options.identity_patterns},
      {"--certificate-oidc-issuer", "URL", "who must have vouched for the identity", &options.issuer},
      {"--certificate-oidc-issuer-regexp", "RE", "the same as an expression that must fit the whole issuer", &options.issuer_pattern},
      {"--certificate-chain", "FILE", "certificates (PEM) of the authority to believe in place of the trust root's",
       &options.certificate_chain, ValueKind::file},
      {"--trusted-root", "FILE", "trusted_root.json: the logs and authorities to believe", &options.trusted_root, ValueKind::file},
      {"--trust-policy", "FILE", "trust policy of the Notary Project, for its signatures", &options.trust_policy, ValueKind::file},
      {"--policy", "FILE", "accept what this policy accepts", &options.policy, ValueKind::file},
      {"--as", "REPOSITORY", "judge a copy by the policy's rule for this repository", &options.as},
      {"--max-signatures", "N", "refuse when there are more candidates than this (default: 100)", &options.max_signatures},
      {"--offline", "", "open no connection at all; for files and local stores", &options.offline},
  };
  for (Option& option : out) option.refuse_empty = !option.value_name.empty();
  return out;
}

std::vector<Option> with_trust_options(std::vector<Option> own, TrustOptions& options) {
  for (Option& option : trust_options(options)) own.push_back(std::move(option));
  return own;
}

std::vector<Option> with_verification(std::vector<Option> own, TrustOptions& options) {
  own.push_back(
      {"--verify", "", "refuse what is not verified; when nothing says whom to trust, by notation's own trust policy", &options.demanded});
  return with_trust_options(std::move(own), options);
}

std::vector<Option> verify_options(TrustOptions& options) {
  return {
      {"--type", "TYPE", "ask for an attestation of this predicate type in place of a signature", &options.type},
      {"--threshold", "N", "how many distinct signers must have signed (default: 1)", &options.threshold},
      {"--require-log", "", "with --key: a transparency log must hold the signature", &options.require_log},
      {"--check-reference", "", "classic signatures must name this very repository", &options.check_reference},
      {"--allow-any-predicate", "", "let an attestation pass as a signature, as cosign does; with a warning", &options.any_predicate},
  };
}

Result<oci::Verifier> make_verifier(Context& context, const TrustOptions& options, const Reference* reference) {
  TRY(refuse_contradictions(options, reference));
  oci::VerifierOptions verifier_options{.max_signatures = options.max_signatures};
  oci::TrustPlan plan;
  std::string root_path = options.trusted_root;
  if (!options.policy.empty()) {
    TRY_ASSIGN(CompiledRule rule, compile_for(context, options.policy, reference, options.as));
    plan = std::move(rule.plan);
    verifier_options.content_check = std::move(rule.content_check);
    if (root_path.empty()) root_path = rule.trusted_root;
  } else {
    TRY_ASSIGN(plan, plan_by_hand(context, options, reference));
  }
  plan.lax_type = options.any_predicate;
  if (options.check_reference && reference != nullptr) plan.docker_reference = policy_name_of(*reference);
  plan.sigstore.now = seconds_by_clock();
  // In a policy it is said of each signer, and demands.cpp holds it against what was found.
  plan.sigstore.min_logs_with_key = options.require_log ? 1 : 0;
  TRY_ASSIGN(plan.sigstore.certificate_chain, load_chain(options.certificate_chain));
  TRY_ASSIGN(plan.sigstore.root, load_trust_root(context, root_path, plan));
  return oci::Verifier::make(std::move(plan), std::move(verifier_options));
}

}  // namespace davit::cli
