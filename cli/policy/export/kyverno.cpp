// Kyverno: a ClusterPolicy with a verifyImages rule for each pattern of repositories.
//
// Keys are held against Sigstore bundles, where a signature is demanded as the attestation that it is: without its type,
// any statement of the signer would count as one. Identities are held against the classic form, since of a bundle's
// certificate Kyverno does not ask that a certificate log promised it.
#include <algorithm>

#include "cli/policy/export/shared.hpp"
#include "manifests/encoding.hpp"
#include "manifests/statement.hpp"

namespace davit::cli {
namespace {

const std::string k_target = "kyverno";

// Exact texts with a star or a question mark would be taken for wildcards; an expression can hold them.
TextMatch without_wildcards(const TextMatch& match) {
  if (match.is_pattern || match.text.find_first_of("*?") == std::string::npos) return match;
  TextMatch out{.text = "", .is_pattern = true};
  for (const char c : match.text) {
    if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) out.text += '\\';
    out.text += c;
  }
  return out;
}

// Kyverno refuses identities without it.
JsonObject public_log() { return {{"url", "https://rekor.sigstore.dev"}}; }

Result<Json> entry_of(const PolicyRule& rule, const PolicySigner& signer) {
  if (is_authority(signer)) return cannot_express(rule, k_target, "Notary Project signers need a policy of their own kind there");
  if (!signer.extensions.empty()) return cannot_express(rule, k_target, "it asks for extensions of certificates");
  if (signer.identity) {
    JsonObject keyless;
    set_match(keyless, without_wildcards(*signer.identity), "subject", "subjectRegExp");
    set_match(keyless, without_wildcards(*signer.issuer), "issuer", "issuerRegExp");
    keyless.set("rekor", public_log());
    return Json(JsonObject{{"keyless", std::move(keyless)}});
  }
  JsonObject keys{{"publicKeys", signer.key}};
  if (!signer.logged) {
    keys.set("rekor", JsonObject{{"ignoreTlog", true}});
    keys.set("ctlog", JsonObject{{"ignoreSCT", true}});
  }
  return Json(JsonObject{{"keys", std::move(keys)}});
}

// The members of verifyImages that one rule of the policy brings, the same for all its patterns.
class Demands {
 public:
  Demands(const Policy& policy, const PolicyRule& rule) : policy_(policy), rule_(rule) {}

  Result<JsonObject> write() {
    for (const PolicySignatures& entry : rule_.signatures) count_kinds(entry.signers);
    for (const PolicyAttestation& entry : rule_.attestations) count_kinds(entry.signers);
    if (keys_ != 0 && identities_ != 0) return cannot_express(rule_, k_target, "identities beside keys");
    for (const PolicySignatures& entry : rule_.signatures) {
      TRY_ASSIGN(Json attestor, attestor_of(entry.signers, entry.threshold));
      if (is_classic()) {
        attestors_.push_back(std::move(attestor));
      } else {
        add_attestation(std::string(k_signature_predicate), std::move(attestor));
      }
    }
    for (const PolicyAttestation& entry : rule_.attestations) {
      TRY_ASSIGN(Json attestor, attestor_of(entry.signers, entry.threshold));
      add_attestation(entry.type, std::move(attestor));
    }
    JsonObject out{{"type", is_classic() ? "Cosign" : "SigstoreBundle"}};
    if (!attestors_.empty()) out.set("attestors", std::move(attestors_));
    if (!attestations_.empty()) out.set("attestations", std::move(attestations_));
    return out;
  }

  [[nodiscard]] bool is_classic() const { return identities_ != 0; }

 private:
  void count_kinds(const std::vector<std::string>& names) {
    for (const std::string& name : names) ++(signer_of(policy_, name).identity ? identities_ : keys_);
  }

  Result<Json> attestor_of(const std::vector<std::string>& names, std::size_t threshold) {
    TRY(refuse_shared_signers(policy_, rule_, names, threshold, k_target));
    JsonArray entries;
    for (const std::string& name : names) {
      TRY_ASSIGN(Json entry, entry_of(rule_, signer_of(policy_, name)));
      entries.push_back(std::move(entry));
    }
    return Json(JsonObject{{"count", std::uint64_t{threshold}}, {"entries", std::move(entries)}});
  }

  void add_attestation(const std::string& type, Json attestor) {
    attestations_.emplace_back(JsonObject{{"type", type}, {"attestors", JsonArray{std::move(attestor)}}});
  }

  const Policy& policy_;
  const PolicyRule& rule_;
  std::size_t keys_ = 0;
  std::size_t identities_ = 0;
  JsonArray attestors_{};
  JsonArray attestations_{};
};

// Patterns are held against whole references, with tag or digest; a star passes slashes.
void add_references(const std::string& pattern, JsonArray& out) {
  if (pattern.starts_with(k_docker_hub)) add_references("index." + pattern, out);
  if (pattern.ends_with('*')) {
    out.emplace_back(pattern);
    return;
  }
  out.emplace_back(pattern + ":*");
  out.emplace_back(pattern + "@*");
  constexpr std::string_view k_official = "docker.io/library/";
  if (const std::size_t at = pattern.find(k_official); at != std::string::npos) {  // Kyverno does not add this part to short names
    const std::string name = pattern.substr(0, at) + std::string(k_docker_hub) + pattern.substr(at + k_official.size());
    out.emplace_back(name + ":*");
    out.emplace_back(name + "@*");
  }
}

Json rule_for(const Policy& policy, const std::string& pattern, const std::string& name, const JsonObject& demands) {
  JsonArray references;
  JsonArray others;
  add_references(pattern, references);
  for (const std::string& other : patterns_inside(policy, pattern)) add_references(other, others);
  JsonObject images{{"imageReferences", std::move(references)},
                    {"failureAction", "Enforce"},
                    {"required", true},
                    {"mutateDigest", true},
                    {"verifyDigest", true}};
  if (!others.empty()) images.set("skipImageReferences", std::move(others));
  for (const auto& [member, value] : demands.members()) images.set(member, value);
  const JsonObject pods{{"any", JsonArray{JsonObject{{"resources", JsonObject{{"kinds", JsonArray{"Pod"}}}}}}}};
  return JsonObject{{"name", name}, {"match", pods}, {"verifyImages", JsonArray{std::move(images)}}};
}

// verifyImages has no rule that refuses, but one that asks for a signature that cannot be: of an issuer in the domain that
// RFC 2606 keeps free for ever.
JsonObject demand_for_what_cannot_be() {
  const JsonObject nobody{{"subject", "nobody"}, {"issuer", "https://nobody.invalid"}, {"rekor", public_log()}};
  const JsonObject attestor{{"count", 1}, {"entries", JsonArray{JsonObject{{"keyless", nobody}}}}};
  return {{"type", "Cosign"}, {"attestors", JsonArray{attestor}}};
}

Result<JsonObject> demands_of(const Policy& policy, const PolicyRule& rule, bool& has_bundles, bool& has_classic) {
  if (rule.deny) return demand_for_what_cannot_be();
  TRY(refuse_what_only_davit_judges(policy, rule, k_target));
  Demands demands(policy, rule);
  TRY_ASSIGN(JsonObject members, demands.write());
  (demands.is_classic() ? has_classic : has_bundles) = true;
  return members;
}

}  // namespace

Result<ExportedPolicy> export_for_kyverno(const Policy& policy) {
  JsonArray rules;
  ObjectNames names;
  bool has_bundles = false;
  bool has_classic = false;
  bool is_total = false;
  for (const PolicyRule& rule : policy.rules) {
    const std::vector<std::string> patterns = registry_patterns(rule);
    if (patterns.empty()) continue;
    is_total = is_total || std::ranges::count(patterns, "*") != 0;
    if (std::ranges::count(patterns, "docker.io/library/*") != 0) {
      return cannot_express(rule, k_target, "short names of Docker Hub are left short there, and no wildcard can tell them from others");
    }
    TRY_ASSIGN(const JsonObject members, demands_of(policy, rule, has_bundles, has_classic));
    for (const std::string& pattern : patterns) rules.push_back(rule_for(policy, pattern, names.take(rule.name), members));
  }
  if (!is_total) rules.push_back(rule_for(policy, "*", names.take("no rule"), demand_for_what_cannot_be()));
  const auto is_of_hub = [](const PolicyRule& rule) {
    return std::ranges::any_of(rule.repositories, [](const std::string& pattern) { return pattern.starts_with(k_docker_hub); });
  };
  const bool has_hub = std::ranges::any_of(policy.rules, is_of_hub);
  JsonObject spec{{"background", false}, {"webhookTimeoutSeconds", 30}, {"rules", std::move(rules)}};
  ExportedPolicy out;
  out.documents.emplace_back(kubernetes_object("kyverno.io/v1", "ClusterPolicy", "davit", std::move(spec)));
  out.not_expressed.emplace_back(
      "what no rule is about is refused, the cluster's own images too, but nothing is judged in namespaces that Kyverno leaves out");
  if (has_hub) {
    out.not_expressed.emplace_back("Kyverno must keep its default registry docker.io, and add it (enableDefaultRegistryMutation)");
  }
  if (has_bundles) {
    out.not_expressed.emplace_back("of keys, only Sigstore bundles are looked at, and no signatures of the classic form");
    out.not_expressed.emplace_back("before version 1.19, Kyverno refuses every signature by a key in a bundle");
  }
  if (has_classic) {
    out.not_expressed.emplace_back(
        "of identities, only the classic form is looked at: sign with --signature-format both, attest with --attestation-format both");
  }
  return out;
}

}  // namespace davit::cli
