// Ratify: the keys, and a cosign verifier with a trust policy for each rule.
#include <algorithm>

#include "cli/policy/export/shared.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

const std::string k_target = "ratify";

class Writer {
 public:
  explicit Writer(const Policy& policy) : policy_(policy) {}

  Result<void> add_rule(const PolicyRule& rule) {
    if (rule.deny) return refuse_hole(rule);
    if (registry_patterns(rule).empty()) return {};
    TRY(refuse_what_only_davit_judges(policy_, rule, k_target));
    if (!rule.attestations.empty()) return cannot_express(rule, k_target, "it asks for attestations");
    if (rule.signatures.size() != 1 || rule.signatures.front().threshold != 1) {
      return cannot_express(rule, k_target, "more than one signature");
    }
    TRY_ASSIGN(const JsonObject signers, signers_of(rule));
    JsonArray scopes;
    for (const std::string& pattern : registry_patterns(rule)) {
      if (pattern == "*") {
        add_trust_policy(rule, JsonArray{"*"}, signers);  // stands alone there
        continue;
      }
      TRY(add_scopes(rule, pattern, scopes));
    }
    if (!scopes.empty()) add_trust_policy(rule, std::move(scopes), signers);
    return {};
  }

  Result<ExportedPolicy> finish() {
    if (trust_policies_.empty()) {
      return fail(ErrorCode::unsupported,
                  "this policy cannot be expressed for ratify: it accepts no image, and without trust policies Ratify "
                  "accepts whoever has a certificate of Sigstore")
          .hinting("let davit verify decide, or leave the verifier out, which refuses everything");
    }
    const JsonObject parameters{{"trustPolicies", std::move(trust_policies_)}};
    const JsonObject spec{
        {"name", "cosign"}, {"artifactTypes", "application/vnd.dev.cosign.artifact.sig.v1+json"}, {"parameters", parameters}};
    add_document("Verifier", "verifier-cosign", spec);
    out_.not_expressed.emplace_back("only signatures of the classic form are looked at: sign with --signature-format both");
    out_.not_expressed.emplace_back("of several signatures of an artifact, Ratify believes the last one alone");
    out_.not_expressed.emplace_back(
        "whether another verifier beside this one may accept instead is said by Ratify's own policy, which must ask for this one");
    if (is_mixed_) out_.not_expressed.emplace_back("where one key of a rule must be logged, signatures of its other keys must be as well");
    return std::move(out_);
  }

 private:
  void add_document(const std::string& kind, const std::string& name, JsonObject spec) {
    out_.documents.emplace_back(kubernetes_object("config.ratify.deislabs.io/v1beta1", kind, name, std::move(spec)));
  }

  void add_trust_policy(const PolicyRule& rule, JsonArray scopes, const JsonObject& signers) {
    JsonObject one{{"name", names_.take(rule.name)}, {"version", "1.0.0"}, {"scopes", std::move(scopes)}};
    for (const auto& [name, value] : signers.members()) one.set(name, value);
    trust_policies_.emplace_back(std::move(one));
  }

  // Scopes are held against whole references, with tag or digest, and none may be inside another but for "*".
  Result<void> add_scopes(const PolicyRule& rule, const std::string& pattern, JsonArray& scopes) {
    for (const std::string& inner : patterns_inside(policy_, pattern)) {
      if (std::ranges::count(rule.repositories, inner) == 0) {
        return cannot_express(rule, k_target, "another rule decides about \"" + printable(inner) + "\", which is inside its repositories");
      }
    }
    const auto is_around = [&](const std::string& own) { return own != "*" && own != pattern && repository_pattern_fits(own, pattern); };
    if (std::ranges::any_of(rule.repositories, is_around)) return {};
    if (pattern.ends_with('*')) {
      scopes.emplace_back(pattern);
    } else {
      scopes.emplace_back(pattern + ":*");
      scopes.emplace_back(pattern + "@*");
    }
    return {};
  }

  // What no trust policy is about is refused there; a part of what one is about cannot be.
  Result<void> refuse_hole(const PolicyRule& rule) {
    for (const PolicyRule& other : policy_.rules) {
      for (const std::string& pattern : other.repositories) {
        if (other.deny) continue;
        for (const std::string& inner : patterns_inside(policy_, pattern)) {
          if (std::ranges::count(rule.repositories, inner) == 0) continue;
          return cannot_express(rule, k_target,
                                "\"" + printable(inner) + "\" is inside what the rule \"" + printable(other.name) + "\" accepts");
        }
      }
    }
    return {};
  }

  std::string provider_of(const PolicySigner& signer) {
    auto found = providers_.find(signer.name);
    if (found == providers_.end()) {
      found = providers_.emplace(signer.name, provider_names_.take(signer.name)).first;
      add_document("KeyManagementProvider", found->second,
                   {{"type", "inline"}, {"parameters", JsonObject{{"contentType", "key"}, {"value", signer.key}}}});
    }
    return found->second;
  }

  Result<JsonObject> signers_of(const PolicyRule& rule) {
    const std::vector<std::string>& names = rule.signatures.front().signers;
    JsonArray keys;
    std::size_t logged = 0;
    for (const std::string& name : names) {
      const PolicySigner& signer = signer_of(policy_, name);
      if (is_authority(signer) || !signer.extensions.empty()) {
        return cannot_express(rule, k_target, "it is not about keys or plain identities");
      }
      if (signer.identity) {
        if (names.size() > 1) return cannot_express(rule, k_target, "identities beside other signers");
        JsonObject keyless;
        set_match(keyless, *signer.identity, "certificateIdentity", "certificateIdentityRegExp");
        set_match(keyless, *signer.issuer, "certificateOIDCIssuer", "certificateOIDCIssuerRegExp");
        return JsonObject{{"keyless", std::move(keyless)}};
      }
      logged += signer.logged ? 1 : 0;
      keys.emplace_back(JsonObject{{"provider", provider_of(signer)}});
    }
    is_mixed_ = is_mixed_ || (logged != 0 && logged != names.size());
    return JsonObject{{"tLogVerify", logged != 0}, {"keys", std::move(keys)}};
  }

  const Policy& policy_;
  ObjectNames names_{};
  ObjectNames provider_names_{};
  std::map<std::string, std::string> providers_{};  ///< by the names of signers
  JsonArray trust_policies_{};
  ExportedPolicy out_{};
  bool is_mixed_ = false;
};

}  // namespace

Result<ExportedPolicy> export_for_ratify(const Policy& policy) {
  Writer writer(policy);
  for (const PolicyRule& rule : policy.rules) TRY(writer.add_rule(rule));
  return writer.finish();
}

}  // namespace davit::cli
