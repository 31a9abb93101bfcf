#include "cli/policy/import.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "manifests/encoding.hpp"
#include "oci/trust/notation/trust_store.hpp"
#include "oci/trust/pem.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_import_bytes = std::size_t{4} << 20;

Result<std::optional<std::string>> find_text(const JsonView& json, std::string_view name) {
  const auto found = json.find(name);
  if (!found) return std::optional<std::string>{};
  TRY_ASSIGN(std::string text, found->as_string());
  return std::optional(std::move(text));
}

Error unsupported(const JsonView& json, const std::string& what) {
  return fail(ErrorCode::unsupported, json.pointer() + " " + what + ", which a davit policy cannot say");
}

// Globs are held against whole references, with tag or digest: `**` stands for anything, `*` for what has no slash. Docker
// Hub has its older name there. A whole name takes two globs, one for tags and one for digests.
class GlobReader {
 public:
  Result<void> add(const JsonView& image) {
    TRY(image.refuse_unknown({"glob"}));
    TRY_ASSIGN(const JsonView field, image.field("glob"));
    TRY_ASSIGN(std::string glob, field.as_string());
    const std::string_view hub = "index.docker.io/";
    if (glob.starts_with(hub)) glob = "docker.io/" + glob.substr(hub.size());
    if (glob == "**") {
      patterns_.emplace_back("*");
      return {};
    }
    const std::size_t star = glob.find('*');
    if (glob.ends_with("/**") && star + 2 == glob.size()) {
      patterns_.push_back(glob.substr(0, glob.size() - 1));
      return {};
    }
    const bool is_end = star != std::string::npos && star != 0 && glob.find_first_not_of('*', star) == std::string::npos;
    const char before = is_end ? glob[star - 1] : '/';
    if (before != ':' && before != '@') return unsupported(field, "is the glob \"" + printable(glob) + "\"");
    (before == ':' ? tags_ : digests_).insert(glob.substr(0, star - 1));
    return {};
  }

  Result<std::vector<std::string>> finish(const JsonView& images) {
    if (tags_ != digests_) return unsupported(images, "name a repository only by its tags or only by its digests");
    patterns_.insert(patterns_.end(), tags_.begin(), tags_.end());
    return std::move(patterns_);
  }

 private:
  std::vector<std::string> patterns_{};
  std::set<std::string> tags_{};
  std::set<std::string> digests_{};
};

// Another authority or log than the usual ones is trusted by a root that is not in the document.
Result<void> refuse_other_service(const JsonView& json, std::string_view usual) {
  TRY_ASSIGN(const auto url, find_text(json, "url"));
  if (url && *url != usual) return unsupported(json, "is the service " + printable(*url));
  return {};
}

Result<TextMatch> match_of(const JsonView& json, std::string_view exact, std::string_view pattern) {
  TRY_ASSIGN(const auto text, find_text(json, exact));
  TRY_ASSIGN(const auto expression, find_text(json, pattern));
  if (text.has_value() == expression.has_value()) {
    return json.complaint("expected exactly one of \"" + std::string(exact) + "\" and \"" + std::string(pattern) + "\"");
  }
  if (text) return TextMatch{.text = *text};
  // Not anchored by themselves where they come from; what they leave open stays open.
  const std::string head = expression->starts_with('^') ? "" : ".*";
  const std::string tail = expression->ends_with('$') ? "" : ".*";
  return TextMatch{.text = head + *expression + tail, .is_pattern = true};
}

Result<void> add_keyless(const JsonView& keyless, const std::string& name, Policy& policy, std::vector<std::string>& names) {
  TRY(keyless.refuse_unknown({"url", "identities"}));
  TRY(refuse_other_service(keyless, "https://fulcio.sigstore.dev"));
  TRY_ASSIGN(const JsonView identities, keyless.field("identities"));
  TRY_ASSIGN(const auto items, identities.as_items());
  for (const JsonView& item : items) {
    PolicySigner signer{.name = name + (items.size() == 1 ? "" : "-" + std::to_string(names.size() + 1)), .logged = true};
    TRY_ASSIGN(signer.identity, match_of(item, "subject", "subjectRegExp"));
    TRY_ASSIGN(signer.issuer, match_of(item, "issuer", "issuerRegExp"));
    names.push_back(signer.name);
    policy.signers.push_back(std::move(signer));
  }
  return {};
}

// Authorities of one policy are alternatives.
Result<void> add_authority(const JsonView& authority, const std::string& prefix, Policy& policy, PolicyRule& rule,
                           std::vector<std::string>& signature_names) {
  TRY(authority.refuse_unknown({"name", "key", "keyless", "ctlog", "attestations", "static"}));
  if (const auto fixed = authority.find("static")) {
    TRY_ASSIGN(const auto action, find_text(*fixed, "action"));
    if (action != "fail") return unsupported(*fixed, "lets everything pass");
    rule.deny = true;
    return {};
  }
  TRY_ASSIGN(const auto own_name, find_text(authority, "name"));
  const std::string name = prefix + "-" + own_name.value_or("authority");
  std::vector<std::string> names;
  if (const auto log = authority.find("ctlog")) {
    TRY(log->refuse_unknown({"url"}));
    TRY(refuse_other_service(*log, "https://rekor.sigstore.dev"));
  }
  if (const auto key = authority.find("key")) {
    TRY_ASSIGN(const auto hash, find_text(*key, "hashAlgorithm"));
    if (hash && *hash != "sha256") return unsupported(*key, "hashes with " + printable(*hash));
    TRY_ASSIGN(const auto data, find_text(*key, "data"));
    if (!data) return unsupported(*key, "names its key by reference");
    names.push_back(name);
    policy.signers.push_back({.name = name, .key = *data, .logged = authority.find("ctlog").has_value()});
  } else if (const auto keyless = authority.find("keyless")) {
    TRY(add_keyless(*keyless, name, policy, names));
  } else {
    return unsupported(authority, "has neither a key nor identities");
  }
  const auto attestations = authority.find("attestations");
  if (!attestations) {
    signature_names.insert(signature_names.end(), names.begin(), names.end());
    return {};
  }
  TRY_ASSIGN(const auto items, attestations->as_items());
  for (const JsonView& item : items) {
    if (const auto condition = item.find("policy")) return unsupported(*condition, "is a CUE or Rego program");
    TRY_ASSIGN(const auto type, find_text(item, "predicateType"));
    if (!type) return item.complaint("has no predicateType");
    PolicyAttestation demand;
    demand.type = *type;
    demand.signers = names;
    rule.attestations.push_back(std::move(demand));
  }
  return {};
}

Result<void> add_cluster_policy(const JsonView& json, Policy& policy) {
  TRY_ASSIGN(const JsonView kind_field, json.field("kind"));
  TRY_ASSIGN(const std::string kind, kind_field.as_string());
  if (kind != "ClusterImagePolicy") return kind_field.complaint("expected a ClusterImagePolicy, found \"" + printable(kind) + "\"");
  TRY_ASSIGN(const JsonView metadata, json.field("metadata"));
  TRY_ASSIGN(const JsonView name_field, metadata.field("name"));
  PolicyRule rule;
  TRY_ASSIGN(rule.name, name_field.as_string());
  TRY_ASSIGN(const JsonView spec, json.field("spec"));
  TRY(spec.refuse_unknown({"images", "authorities", "mode"}));
  TRY_ASSIGN(const auto mode, find_text(spec, "mode"));
  if (mode && *mode != "enforce") return unsupported(spec, "only warns");
  TRY_ASSIGN(const JsonView images, spec.field("images"));
  TRY_ASSIGN(const auto image_items, images.as_items());
  GlobReader globs;
  for (const JsonView& image : image_items) TRY(globs.add(image));
  TRY_ASSIGN(rule.repositories, globs.finish(images));
  TRY_ASSIGN(const JsonView authorities, spec.field("authorities"));
  TRY_ASSIGN(const auto items, authorities.as_items());
  std::vector<std::string> names;
  for (const JsonView& item : items) TRY(add_authority(item, rule.name, policy, rule, names));
  const bool mixed = !rule.attestations.empty() && (!names.empty() || items.size() > 1);
  if (mixed || (rule.deny && items.size() > 1)) return unsupported(authorities, "are alternatives of several kinds");
  if (!names.empty()) rule.signatures.push_back({.signers = std::move(names)});
  policy.rules.push_back(std::move(rule));
  return {};
}

// All policies that fit an image must pass there, and in a davit policy the most specific rule decides alone: for each
// pattern, one rule with what all of them demand.
void demand_all_that_fit(Policy& policy) {
  std::map<std::vector<const PolicyRule*>, PolicyRule> merged;
  std::vector<std::vector<const PolicyRule*>> order;
  std::set<std::string> seen;
  for (const PolicyRule& rule : policy.rules) {
    for (const std::string& pattern : rule.repositories) {
      if (!seen.insert(pattern).second) continue;
      const std::string sample = pattern.ends_with('*') ? pattern.substr(0, pattern.size() - 1) : pattern;
      std::vector<const PolicyRule*> fitting;
      for (const PolicyRule& other : policy.rules) {
        const auto fits = [&](const std::string& own) { return own == pattern || repository_pattern_fits(own, sample); };
        if (std::ranges::any_of(other.repositories, fits)) fitting.push_back(&other);
      }
      const auto [place, is_new] = merged.try_emplace(fitting);
      if (is_new) order.push_back(fitting);
      place->second.repositories.push_back(pattern);
    }
  }
  std::vector<PolicyRule> rules;
  for (const auto& fitting : order) {
    PolicyRule& rule = merged[fitting];
    for (const PolicyRule* part : fitting) {
      rule.name += (rule.name.empty() ? "" : " + ") + part->name;
      rule.deny = rule.deny || part->deny;
      rule.signatures.insert(rule.signatures.end(), part->signatures.begin(), part->signatures.end());
      rule.attestations.insert(rule.attestations.end(), part->attestations.begin(), part->attestations.end());
    }
    if (rule.deny) {
      rule.signatures.clear();
      rule.attestations.clear();
    }
    rules.push_back(std::move(rule));
  }
  policy.rules = std::move(rules);
}

void forget_unused_signers(Policy& policy) {
  std::set<std::string> used;
  for (const PolicyRule& rule : policy.rules) {
    for (const PolicySignatures& entry : rule.signatures) used.insert(entry.signers.begin(), entry.signers.end());
    for (const PolicyAttestation& entry : rule.attestations) used.insert(entry.signers.begin(), entry.signers.end());
  }
  std::erase_if(policy.signers, [&](const PolicySigner& signer) { return !used.contains(signer.name); });
}

Result<Policy> checked(const Policy& policy) { return parse_policy(write_json(to_json(policy))); }

Result<std::string> store_pem(const std::string& folder, const oci::TrustStoreName& store) {
  TRY_ASSIGN(const auto certificates, oci::load_trust_store(folder, store));
  std::string pem;
  for (const oci::Certificate& certificate : certificates) pem += oci::write_pem("CERTIFICATE", certificate.der());
  return pem;
}

}  // namespace

Result<Policy> import_cluster_image_policies(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_import_bytes, .depth = 32}));
  const JsonView view(json);
  Policy policy;
  if (const auto list = view.find("items")) {
    TRY_ASSIGN(const auto items, list->as_items());
    for (const JsonView& item : items) TRY(add_cluster_policy(item, policy));
  } else {
    TRY(add_cluster_policy(view, policy));
  }
  demand_all_that_fit(policy);
  forget_unused_signers(policy);
  return checked(policy);
}

Result<Policy> import_notation_policy(const std::string& path, const std::string& folder) {
  TRY_ASSIGN(const oci::LoadedPolicy loaded, oci::load_policy_file(path, oci::TrustPolicyKind::oci));
  Policy policy;
  for (const oci::TrustStatement& statement : loaded.policy.statements()) {
    const bool only_logs =
        statement.actions.authenticity != oci::CheckAction::enforce || statement.actions.expiry != oci::CheckAction::enforce ||
        statement.actions.timestamp != oci::CheckAction::enforce || statement.actions.revocation != oci::CheckAction::enforce;
    if (statement.skips || only_logs) {
      return fail(ErrorCode::unsupported,
                  "the statement \"" + printable(statement.name) + "\" does not enforce every check, which a davit policy cannot say")
          .in(path)
          .hinting("verify with --trust-policy " + path + " instead");
    }
    PolicyRule rule{.name = statement.name, .repositories = statement.scopes};
    std::string authorities;
    for (const oci::TrustStoreName& store : statement.stores) {
      if (store.kind != oci::TrustStoreKind::ca) {
        return fail(ErrorCode::unsupported, "the store " + std::string(to_text(store.kind)) + ":" + printable(store.name) + " of \"" +
                                                printable(statement.name) + "\" is no store of authorities")
            .in(path);
      }
      TRY_ASSIGN(const std::string pem, store_pem(folder, store));
      authorities += pem;
    }
    std::vector<std::string> subjects;
    if (statement.any_identity) subjects.emplace_back("*");
    for (const oci::NameAttributes& identity : statement.identities) subjects.push_back(oci::to_text(identity));
    PolicySignatures demand;
    for (const std::string& subject : subjects) {
      const std::string name = statement.name + (subjects.size() == 1 ? "" : "-" + std::to_string(demand.signers.size() + 1));
      policy.signers.push_back({.name = name, .certificate_authority = authorities, .subject = subject});
      demand.signers.push_back(name);
    }
    rule.signatures.push_back(std::move(demand));
    policy.rules.push_back(std::move(rule));
  }
  return checked(policy);
}

}  // namespace davit::cli
