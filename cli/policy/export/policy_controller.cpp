// policy-controller: one ClusterImagePolicy for each demand; several that match must all pass.
#include <algorithm>

#include "cli/policy/export/shared.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

const std::string k_target = "policy-controller";

Result<JsonObject> authority_of(const PolicyRule& rule, const PolicySigner& signer, ObjectNames& names) {
  if (is_authority(signer)) return cannot_express(rule, k_target, "it has no Notary Project signers");
  if (!signer.extensions.empty()) return cannot_express(rule, k_target, "it asks for extensions of certificates");
  JsonObject authority{{"name", names.take(signer.name)}};
  if (signer.identity) {
    JsonObject identity;
    set_match(identity, *signer.identity, "subject", "subjectRegExp");
    set_match(identity, *signer.issuer, "issuer", "issuerRegExp");
    authority.set("keyless", JsonObject{{"url", "https://fulcio.sigstore.dev"}, {"identities", JsonArray{std::move(identity)}}});
    authority.set("ctlog", JsonObject{{"url", "https://rekor.sigstore.dev"}});
    return authority;
  }
  authority.set("key", JsonObject{{"data", signer.key}, {"hashAlgorithm", "sha256"}});
  if (signer.logged) authority.set("ctlog", JsonObject{{"url", "https://rekor.sigstore.dev"}});
  return authority;
}

// Globs are held against whole references, with tag or digest; one star does not pass a slash, and two do. Docker Hub has
// its older name there.
void add_globs(std::string pattern, JsonArray& images) {
  const auto add = [&](const std::string& glob) { images.emplace_back(JsonObject{{"glob", glob}}); };
  if (pattern == "*") return add("**");
  if (pattern.starts_with(k_docker_hub)) pattern = "index." + pattern;
  if (pattern.ends_with("/*")) return add(pattern + "*");
  add(pattern + ":*");
  add(pattern + "@*");
}

class Writer {
 public:
  explicit Writer(const Policy& policy) : policy_(policy) {}

  Result<void> add_rule(const PolicyRule& rule) {
    const std::vector<std::string> patterns = registry_patterns(rule);
    if (patterns.empty()) return {};
    JsonArray images;
    for (const std::string& pattern : patterns) {
      add_globs(pattern, images);
      is_nested_ = is_nested_ || !patterns_inside(policy_, pattern).empty();
    }
    if (rule.deny) {
      add_document(rule, images, JsonArray{JsonObject{{"name", "deny"}, {"static", JsonObject{{"action", "fail"}}}}});
      return {};
    }
    TRY(refuse_what_only_davit_judges(policy_, rule, k_target));
    for (const PolicySignatures& entry : rule.signatures) TRY(add_demand(rule, images, entry.signers, entry.threshold, ""));
    for (const PolicyAttestation& entry : rule.attestations) TRY(add_demand(rule, images, entry.signers, entry.threshold, entry.type));
    return {};
  }

  ExportedPolicy finish() {
    if (is_nested_) {
      out_.not_expressed.emplace_back(
          "where patterns of several rules fit a repository, all of these rules must pass there, and not only the most specific one");
    }
    out_.not_expressed.emplace_back(
        "signatures and attestations are looked for in the classic form only: sign with --signature-format both, attest with "
        "--attestation-format both");
    out_.not_expressed.emplace_back("images that no rule is about follow the controller's own no-match-policy; set it to deny");
    out_.not_expressed.emplace_back("only namespaces with the label policy.sigstore.dev/include=true are judged");
    return std::move(out_);
  }

 private:
  void add_document(const PolicyRule& rule, const JsonArray& images, JsonArray authorities) {
    JsonObject spec{{"mode", "enforce"}, {"images", images}, {"authorities", std::move(authorities)}};
    out_.documents.emplace_back(
        kubernetes_object("policy.sigstore.dev/v1beta1", "ClusterImagePolicy", names_.take(rule.name), std::move(spec)));
  }

  // Authorities are alternatives, and policies are all demanded: thresholds of one and of all can be said, others cannot.
  Result<void> add_demand(const PolicyRule& rule, const JsonArray& images, const std::vector<std::string>& signers, std::size_t threshold,
                          const std::string& type) {
    TRY_ASSIGN(const bool any, asks_for_any(policy_, rule, signers, threshold, k_target));
    ObjectNames names;
    JsonArray together;
    for (const std::string& name : signers) {
      TRY_ASSIGN(JsonObject authority, authority_of(rule, signer_of(policy_, name), names));
      if (!type.empty()) authority.set("attestations", JsonArray{JsonObject{{"name", "attestation"}, {"predicateType", type}}});
      if (any) {
        together.emplace_back(std::move(authority));
      } else {
        add_document(rule, images, JsonArray{std::move(authority)});
      }
    }
    if (!together.empty()) add_document(rule, images, std::move(together));
    return {};
  }

  const Policy& policy_;
  ObjectNames names_{};
  ExportedPolicy out_{};
  bool is_nested_ = false;
};

}  // namespace

Result<ExportedPolicy> export_for_policy_controller(const Policy& policy) {
  Writer writer(policy);
  for (const PolicyRule& rule : policy.rules) TRY(writer.add_rule(rule));
  return writer.finish();
}

}  // namespace davit::cli
