// containers-policy.json(5): podman, CRI-O, skopeo.
#include <algorithm>

#include "cli/policy/export/shared.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

const std::string k_target = "containers-policy";

Result<Json> requirement_of(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names) {
  JsonArray keys;
  for (const std::string& name : names) {
    const PolicySigner& signer = signer_of(policy, name);
    if (signer.key.empty()) return cannot_express(rule, k_target, "identities need the keys of log and authority inside the file");
    if (signer.logged) return cannot_express(rule, k_target, "logged keys need the key of the log inside the file");
    keys.emplace_back(encode_base64(as_bytes(signer.key)));
  }
  JsonObject out{{"type", "sigstoreSigned"}};
  if (keys.size() == 1) {
    out.set("keyData", keys.front());
  } else {
    out.set("keyDatas", std::move(keys));
  }
  out.set("signedIdentity", JsonObject{{"type", "matchRepository"}});
  return Json(std::move(out));
}

Result<Json> requirements_of(const Policy& policy, const PolicyRule* rule) {
  if (rule == nullptr || rule->deny) return Json(JsonArray{JsonObject{{"type", "reject"}}});
  TRY(refuse_what_only_davit_judges(policy, *rule, k_target));
  if (!rule->attestations.empty()) return cannot_express(*rule, k_target, "it asks for attestations");
  JsonArray requirements;
  for (const PolicySignatures& entry : rule->signatures) {
    TRY_ASSIGN(const bool any, asks_for_any(policy, *rule, entry.signers, entry.threshold, k_target));
    if (any) {
      TRY_ASSIGN(Json one, requirement_of(policy, *rule, entry.signers));
      requirements.push_back(std::move(one));
      continue;
    }
    for (const std::string& name : entry.signers) {
      TRY_ASSIGN(Json one, requirement_of(policy, *rule, {name}));
      requirements.push_back(std::move(one));
    }
  }
  return Json(std::move(requirements));
}

// A scope is a repository and everything below it: the rule for both, if it is one rule.
Result<const PolicyRule*> rule_for_scope(const Policy& policy, const std::string& scope) {
  const PolicyRule* below = policy.choose(scope + "/\n").rule;  // the name of no pattern
  if (scope.find('/') == std::string::npos) return below;       // a host is no repository
  const PolicyRule* itself = policy.choose(scope).rule;
  const auto refuses = [](const PolicyRule* rule) { return rule == nullptr || rule->deny; };
  if (itself == below || (refuses(itself) && refuses(below))) return below;
  const bool is_narrow = !refuses(itself);
  return cannot_express(is_narrow ? *itself : *below, k_target,
                        "\"" + printable(scope) + "\" stands for that repository and all below it there, and the policy tells them apart",
                        "if both are meant, add \"" + printable(scope) + (is_narrow ? "/*" : "") + "\" to the repositories of the rule");
}

}  // namespace

Result<ExportedPolicy> export_for_containers(const Policy& policy) {
  JsonObject scopes;
  Json fallback = JsonArray{JsonObject{{"type", "reject"}}};
  for (const PolicyRule& rule : policy.rules) {
    for (const std::string& pattern : registry_patterns(rule)) {
      if (pattern == "*") {
        TRY_ASSIGN(fallback, requirements_of(policy, &rule));
        continue;
      }
      const std::string scope = pattern.ends_with("/*") ? pattern.substr(0, pattern.size() - 2) : pattern;
      TRY_ASSIGN(const PolicyRule* both, rule_for_scope(policy, scope));
      TRY_ASSIGN(Json requirements, requirements_of(policy, both));
      scopes.set(scope, std::move(requirements));
    }
  }
  ExportedPolicy out;
  out.documents.emplace_back(JsonObject{{"default", std::move(fallback)}, {"transports", JsonObject{{"docker", std::move(scopes)}}}});
  out.not_expressed.emplace_back(
      "only signatures of the classic form are looked at: sign with --signature-format both, and set use-sigstore-attachments: true in "
      "registries.d");
  out.not_expressed.emplace_back(
      "the repository that a signature names must be the one pulled from; davit asks that only with --check-reference");
  out.not_expressed.emplace_back("of an index, the manifest that is chosen from it must be signed as well: sign with --recursive");
  const auto has_choice = [](const PolicySignatures& entry) { return entry.threshold == 1 && entry.signers.size() > 1; };
  if (std::ranges::any_of(policy.rules, [&](const PolicyRule& rule) { return std::ranges::any_of(rule.signatures, has_choice); })) {
    out.not_expressed.emplace_back("several keys for one demand (keyDatas) are refused, with the whole file, by older engines");
  }
  return out;
}

}  // namespace davit::cli
