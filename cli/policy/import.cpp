#include "cli/policy/import.hpp"

#include <algorithm>

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

// `**` stands for anything, `*` for one part of a name; only a trailing one can be said.
Result<std::string> pattern_of(const JsonView& image) {
  TRY(image.refuse_unknown({"glob"}));
  TRY_ASSIGN(const JsonView field, image.field("glob"));
  TRY_ASSIGN(std::string glob, field.as_string());
  if (glob == "**" || glob == "*") return std::string("*");
  if (glob.ends_with("/**")) glob.pop_back();
  const std::size_t star = glob.find_first_of("*?[{");
  const bool one_part = star != std::string::npos && (star + 1 != glob.size() || glob[star] != '*');
  if (one_part) return unsupported(field, "is the glob \"" + printable(glob) + "\"");
  return glob;
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
  if (const auto key = authority.find("key")) {
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
  for (const JsonView& image : image_items) {
    TRY_ASSIGN(std::string pattern, pattern_of(image));
    rule.repositories.push_back(std::move(pattern));
  }
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
