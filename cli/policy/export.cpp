#include "cli/policy/export.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

// Names of Kubernetes objects (RFC 1123): lower-case letters, digits and hyphens.
std::string object_name(const std::string& name) {
  std::string out = "davit-";
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool is_capital = c >= 'A' && c <= 'Z';
    out += is_plain ? c : is_capital ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  while (out.back() == '-') out.pop_back();
  return out.substr(0, 60);
}

Error cannot(const PolicyRule& rule, const std::string& target, const std::string& what) {
  return fail(ErrorCode::unsupported, "the rule \"" + printable(rule.name) + "\" cannot be expressed for " + target + ": " + what)
      .hinting("split the rule, or let davit verify decide about these repositories");
}

void set_match(JsonObject& out, const TextMatch& match, const std::string& exact, const std::string& pattern) {
  // The others' expressions are not anchored by themselves.
  out.set(match.is_pattern ? pattern : exact, match.is_pattern ? "^(?:" + match.text + ")$" : match.text);
}

// What only davit judges; leaving it out of a document would make that accept more.
Result<void> refuse_what_only_davit_judges(const PolicyRule& rule, const std::string& target) {
  if (rule.grant) return cannot(rule, target, "it limits capabilities");
  if (!rule.formats.empty()) return cannot(rule, target, "it limits formats");
  const auto has_content = [](const PolicyAttestation& entry) {
    return entry.builder || entry.source || !entry.max_age.empty() || !entry.severities.empty() || !entry.conditions.empty();
  };
  if (std::ranges::any_of(rule.attestations, has_content)) return cannot(rule, target, "it judges what attestations say");
  return {};
}

const PolicySigner& signer_of(const Policy& policy, const std::string& name) { return *policy.find_signer(name); }

bool is_authority(const PolicySigner& signer) { return !signer.certificate_authority.empty(); }

// Patterns of other rules that are inside one of this rule's: they decide about their repositories alone.
std::vector<std::string> exceptions(const Policy& policy, const PolicyRule& rule) {
  std::vector<std::string> out;
  for (const PolicyRule& other : policy.rules) {
    if (&other == &rule) continue;
    for (const std::string& pattern : other.repositories) {
      const std::string sample = pattern.ends_with('*') ? pattern.substr(0, pattern.size() - 1) : pattern;
      const auto holds = [&](const std::string& own) { return own != pattern && repository_pattern_fits(own, sample); };
      if (std::ranges::any_of(rule.repositories, holds)) out.push_back(pattern);
    }
  }
  return out;
}

// --- Kyverno: verifyImages of a ClusterPolicy ---

Result<Json> kyverno_entry(const PolicyRule& rule, const PolicySigner& signer) {
  if (is_authority(signer)) return cannot(rule, "kyverno", "Notary Project signers need a policy of their own kind there");
  if (!signer.extensions.empty()) return cannot(rule, "kyverno", "it asks for extensions of certificates");
  if (signer.identity) {
    JsonObject keyless;
    set_match(keyless, *signer.identity, "subject", "subjectRegExp");
    set_match(keyless, *signer.issuer, "issuer", "issuerRegExp");
    return Json(JsonObject{{"keyless", std::move(keyless)}});
  }
  JsonObject keys{{"publicKeys", signer.key}};
  if (!signer.logged) {
    keys.set("rekor", JsonObject{{"ignoreTlog", true}});
    keys.set("ctlog", JsonObject{{"ignoreSCT", true}});
  }
  return Json(JsonObject{{"keys", std::move(keys)}});
}

Result<Json> kyverno_attestor(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names, std::size_t threshold) {
  JsonArray entries;
  for (const std::string& name : names) {
    TRY_ASSIGN(Json entry, kyverno_entry(rule, signer_of(policy, name)));
    entries.push_back(std::move(entry));
  }
  return Json(JsonObject{{"count", std::uint64_t{threshold}}, {"entries", std::move(entries)}});
}

Result<Json> kyverno_rule(const Policy& policy, const PolicyRule& rule) {
  if (rule.deny) return cannot(rule, "kyverno", "verifyImages has no rule that refuses");
  TRY(refuse_what_only_davit_judges(rule, "kyverno"));
  JsonObject images{{"type", "SigstoreBundle"},   {"imageReferences", Json::strings(rule.repositories)},
                    {"failureAction", "Enforce"}, {"required", true},
                    {"mutateDigest", true},       {"verifyDigest", true}};
  if (const auto others = exceptions(policy, rule); !others.empty()) images.set("skipImageReferences", Json::strings(others));
  JsonArray attestors;
  for (const PolicySignatures& entry : rule.signatures) {
    TRY_ASSIGN(Json attestor, kyverno_attestor(policy, rule, entry.signers, entry.threshold));
    attestors.push_back(std::move(attestor));
  }
  if (!attestors.empty()) images.set("attestors", std::move(attestors));
  JsonArray attestations;
  for (const PolicyAttestation& entry : rule.attestations) {
    TRY_ASSIGN(Json attestor, kyverno_attestor(policy, rule, entry.signers, entry.threshold));
    attestations.emplace_back(JsonObject{{"type", entry.type}, {"attestors", JsonArray{std::move(attestor)}}});
  }
  if (!attestations.empty()) images.set("attestations", std::move(attestations));
  const JsonObject pods{{"any", JsonArray{JsonObject{{"resources", JsonObject{{"kinds", JsonArray{"Pod"}}}}}}}};
  return Json(JsonObject{{"name", object_name(rule.name)}, {"match", pods}, {"verifyImages", JsonArray{std::move(images)}}});
}

Result<ExportedPolicy> for_kyverno(const Policy& policy) {
  JsonArray rules;
  for (const PolicyRule& rule : policy.rules) {
    TRY_ASSIGN(Json one, kyverno_rule(policy, rule));
    rules.push_back(std::move(one));
  }
  const JsonObject spec{{"background", false}, {"webhookTimeoutSeconds", 30}, {"rules", std::move(rules)}};
  ExportedPolicy out;
  out.documents.emplace_back(
      JsonObject{{"apiVersion", "kyverno.io/v1"}, {"kind", "ClusterPolicy"}, {"metadata", JsonObject{{"name", "davit"}}}, {"spec", spec}});
  out.not_expressed.emplace_back("images that no rule is about are let in: kyverno judges only what a rule names");
  out.not_expressed.emplace_back("only Sigstore bundles are looked at, and no signatures of the classic form");
  return out;
}

// --- policy-controller: one ClusterImagePolicy for each demand; several that match must all pass ---

Result<Json> controller_authority(const PolicyRule& rule, const PolicySigner& signer) {
  if (is_authority(signer)) return cannot(rule, "policy-controller", "it has no Notary Project signers");
  if (!signer.extensions.empty()) return cannot(rule, "policy-controller", "it asks for extensions of certificates");
  JsonObject authority{{"name", object_name(signer.name)}};
  if (signer.identity) {
    JsonObject identity;
    set_match(identity, *signer.identity, "subject", "subjectRegExp");
    set_match(identity, *signer.issuer, "issuer", "issuerRegExp");
    authority.set("keyless", JsonObject{{"url", "https://fulcio.sigstore.dev"}, {"identities", JsonArray{std::move(identity)}}});
    authority.set("ctlog", JsonObject{{"url", "https://rekor.sigstore.dev"}});
    return Json(std::move(authority));
  }
  authority.set("key", JsonObject{{"data", signer.key}, {"hashAlgorithm", "sha256"}});
  if (signer.logged) authority.set("ctlog", JsonObject{{"url", "https://rekor.sigstore.dev"}});
  return Json(std::move(authority));
}

std::string glob_of(const std::string& pattern) { return pattern == "*" ? "**" : pattern.ends_with("/*") ? pattern + "*" : pattern; }

Json controller_policy(const PolicyRule& rule, std::size_t number, JsonArray authorities) {
  JsonArray images;
  for (const std::string& pattern : rule.repositories) images.emplace_back(JsonObject{{"glob", glob_of(pattern)}});
  return JsonObject{{"apiVersion", "policy.sigstore.dev/v1beta1"},
                    {"kind", "ClusterImagePolicy"},
                    {"metadata", JsonObject{{"name", object_name(rule.name) + "-" + std::to_string(number)}}},
                    {"spec", JsonObject{{"mode", "enforce"}, {"images", std::move(images)}, {"authorities", std::move(authorities)}}}};
}

// Authorities are alternatives, and policies are all demanded: thresholds of one and of all can be said, others cannot.
Result<void> add_controller_demand(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names,
                                   std::size_t threshold, const std::string& type, ExportedPolicy& out, std::size_t& number) {
  if (threshold != 1 && threshold != names.size()) return cannot(rule, "policy-controller", "thresholds between one and all");
  JsonArray together;
  for (const std::string& name : names) {
    TRY_ASSIGN(Json authority, controller_authority(rule, signer_of(policy, name)));
    if (!type.empty()) {
      JsonObject with = *authority.object();
      with.set("attestations", JsonArray{JsonObject{{"name", object_name(rule.name)}, {"predicateType", type}}});
      authority = std::move(with);
    }
    if (threshold == 1) {
      together.push_back(std::move(authority));
    } else {
      out.documents.push_back(controller_policy(rule, number++, JsonArray{std::move(authority)}));
    }
  }
  if (!together.empty()) out.documents.push_back(controller_policy(rule, number++, std::move(together)));
  return {};
}

Result<ExportedPolicy> for_policy_controller(const Policy& policy) {
  ExportedPolicy out;
  for (const PolicyRule& rule : policy.rules) {
    if (!exceptions(policy, rule).empty()) {
      out.not_expressed.push_back("\"" + printable(rule.name) +
                                  "\" also holds for repositories of more specific rules: every policy that fits must pass there");
    }
    std::size_t number = 1;
    if (rule.deny) {
      out.documents.push_back(
          controller_policy(rule, number, JsonArray{JsonObject{{"name", "deny"}, {"static", JsonObject{{"action", "fail"}}}}}));
      continue;
    }
    TRY(refuse_what_only_davit_judges(rule, "policy-controller"));
    for (const PolicySignatures& entry : rule.signatures) {
      TRY(add_controller_demand(policy, rule, entry.signers, entry.threshold, "", out, number));
    }
    for (const PolicyAttestation& entry : rule.attestations) {
      TRY(add_controller_demand(policy, rule, entry.signers, entry.threshold, entry.type, out, number));
    }
  }
  out.not_expressed.emplace_back("images that no rule is about follow the controller's own no-match-policy; set it to deny");
  return out;
}

// --- containers-policy.json(5): podman, CRI-O, skopeo ---

Result<Json> containers_requirement(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names) {
  JsonArray keys;
  for (const std::string& name : names) {
    const PolicySigner& signer = signer_of(policy, name);
    if (signer.key.empty()) return cannot(rule, "containers-policy", "identities need the keys of log and authority inside the file");
    if (signer.logged) return cannot(rule, "containers-policy", "logged keys need the key of the log inside the file");
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

Result<Json> containers_scope(const Policy& policy, const PolicyRule& rule) {
  if (rule.deny) return Json(JsonArray{JsonObject{{"type", "reject"}}});
  TRY(refuse_what_only_davit_judges(rule, "containers-policy"));
  if (!rule.attestations.empty()) return cannot(rule, "containers-policy", "it asks for attestations");
  JsonArray requirements;
  for (const PolicySignatures& entry : rule.signatures) {
    if (entry.threshold == 1) {
      TRY_ASSIGN(Json one, containers_requirement(policy, rule, entry.signers));
      requirements.push_back(std::move(one));
      continue;
    }
    if (entry.threshold != entry.signers.size()) return cannot(rule, "containers-policy", "thresholds between one and all");
    for (const std::string& name : entry.signers) {
      TRY_ASSIGN(Json one, containers_requirement(policy, rule, {name}));
      requirements.push_back(std::move(one));
    }
  }
  return Json(std::move(requirements));
}

Result<ExportedPolicy> for_containers(const Policy& policy) {
  JsonObject scopes;
  Json fallback = JsonArray{JsonObject{{"type", "reject"}}};
  for (const PolicyRule& rule : policy.rules) {
    TRY_ASSIGN(const Json requirements, containers_scope(policy, rule));
    for (const std::string& pattern : rule.repositories) {
      if (pattern == "*") {
        fallback = requirements;
      } else {
        scopes.set(pattern.ends_with("/*") ? pattern.substr(0, pattern.size() - 2) : pattern, requirements);
      }
    }
  }
  ExportedPolicy out;
  out.documents.emplace_back(JsonObject{{"default", std::move(fallback)}, {"transports", JsonObject{{"docker", std::move(scopes)}}}});
  out.not_expressed.emplace_back("only signatures of the classic form are looked at: sign with --signature-format both");
  out.not_expressed.emplace_back(
      "the repository that a signature names must be the one pulled from; davit asks that only with --check-reference");
  return out;
}

// --- Ratify: keys and a cosign verifier for each rule ---

Result<ExportedPolicy> for_ratify(const Policy& policy) {
  ExportedPolicy out;
  JsonArray trust_policies;
  for (const PolicySigner& signer : policy.signers) {
    if (signer.key.empty()) continue;
    out.documents.emplace_back(
        JsonObject{{"apiVersion", "config.ratify.deislabs.io/v1beta1"},
                   {"kind", "KeyManagementProvider"},
                   {"metadata", JsonObject{{"name", object_name(signer.name)}}},
                   {"spec", JsonObject{{"type", "inline"}, {"parameters", JsonObject{{"contentType", "key"}, {"value", signer.key}}}}}});
  }
  for (const PolicyRule& rule : policy.rules) {
    if (rule.deny) continue;  // what no trust policy is about is refused there
    TRY(refuse_what_only_davit_judges(rule, "ratify"));
    if (!rule.attestations.empty()) return cannot(rule, "ratify", "it asks for attestations");
    if (rule.signatures.size() != 1 || rule.signatures.front().threshold != 1) return cannot(rule, "ratify", "more than one signature");
    JsonArray keys;
    JsonObject one{{"name", object_name(rule.name)}, {"version", "1.0.0"}, {"scopes", Json::strings(rule.repositories)}};
    for (const std::string& name : rule.signatures.front().signers) {
      const PolicySigner& signer = signer_of(policy, name);
      if (is_authority(signer) || !signer.extensions.empty()) return cannot(rule, "ratify", "it is not about keys or plain identities");
      if (signer.identity && rule.signatures.front().signers.size() > 1) return cannot(rule, "ratify", "identities beside other signers");
      if (signer.identity) {
        JsonObject keyless;
        set_match(keyless, *signer.identity, "certificateIdentity", "certificateIdentityRegExp");
        set_match(keyless, *signer.issuer, "certificateOIDCIssuer", "certificateOIDCIssuerRegExp");
        one.set("keyless", std::move(keyless));
      } else {
        if (signer.logged) one.set("tLogVerify", true);
        keys.emplace_back(JsonObject{{"provider", object_name(signer.name)}});
      }
    }
    if (!keys.empty()) {
      if (std::ranges::none_of(rule.signatures.front().signers, [&](const std::string& name) { return signer_of(policy, name).logged; })) {
        one.set("tLogVerify", false);
      }
      one.set("keys", std::move(keys));
    }
    trust_policies.emplace_back(std::move(one));
  }
  const JsonObject parameters{{"trustPolicies", std::move(trust_policies)}};
  out.documents.emplace_back(JsonObject{
      {"apiVersion", "config.ratify.deislabs.io/v1beta1"},
      {"kind", "Verifier"},
      {"metadata", JsonObject{{"name", "verifier-cosign"}}},
      {"spec",
       JsonObject{{"name", "cosign"}, {"artifactTypes", "application/vnd.dev.cosign.artifact.sig.v1+json"}, {"parameters", parameters}}}});
  out.not_expressed.emplace_back("only signatures of the classic form are looked at: sign with --signature-format both");
  return out;
}

}  // namespace

Result<ExportedPolicy> export_policy(const Policy& policy, const std::string& target) {
  if (target == "kyverno") return for_kyverno(policy);
  if (target == "policy-controller") return for_policy_controller(policy);
  if (target == "ratify") return for_ratify(policy);
  return for_containers(policy);
}

}  // namespace davit::cli
