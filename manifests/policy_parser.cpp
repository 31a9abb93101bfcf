#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/policy.hpp"
#include "manifests/predicate_type.hpp"

namespace davit {
namespace {

constexpr std::size_t k_max_name_bytes = 128;
constexpr std::uint64_t k_policy_version = 1;

Result<std::vector<JsonView>> bounded_items(const JsonView& json) {
  TRY_ASSIGN(auto items, json.as_items());
  if (items.empty()) return json.complaint("is an empty list, which would ask for nothing; leave it out or fill it");
  if (items.size() > k_max_policy_items) {
    return fail(ErrorCode::limit, json.pointer() + " has " + std::to_string(items.size()) + " entries, over the limit of " +
                                      std::to_string(k_max_policy_items));
  }
  return items;
}

Result<std::string> required_text(const JsonView& json) {
  TRY_ASSIGN(std::string text, json.as_string());
  if (text.empty()) return json.complaint("expected a text, found an empty one");
  return text;
}

Result<std::vector<std::string>> distinct_texts(const JsonView& json) {
  TRY_ASSIGN(const auto items, bounded_items(json));
  std::vector<std::string> texts;
  for (const JsonView& item : items) {
    TRY_ASSIGN(std::string text, required_text(item));
    if (std::ranges::count(texts, text) != 0) return item.complaint("\"" + printable(text) + "\" stands there twice");
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<TextMatch> parse_match(const JsonView& json) {
  if (json.json().object() == nullptr) {
    TRY_ASSIGN(std::string text, required_text(json));
    return TextMatch{.text = std::move(text)};
  }
  TRY(json.refuse_unknown({"pattern"}));
  TRY_ASSIGN(const JsonView pattern, json.field("pattern"));
  TRY_ASSIGN(std::string text, required_text(pattern));
  return TextMatch{.text = std::move(text), .is_pattern = true};
}

Result<std::optional<TextMatch>> find_match(const JsonView& json, std::string_view name) {
  const auto found = json.find(name);
  if (!found) return std::optional<TextMatch>{};
  TRY_ASSIGN(TextMatch match, parse_match(*found));
  return std::optional(std::move(match));
}

Result<void> read_text(const JsonView& json, std::string_view name, std::string& out) {
  const auto found = json.find(name);
  if (!found) return {};
  TRY_ASSIGN(out, required_text(*found));
  return {};
}

// `null` is no way to say nothing: it is the mistake of whoever generated the file.
Result<void> refuse_null(const JsonView& json) {
  TRY_ASSIGN(const auto members, json.as_members());
  for (const auto& [name, value] : members) {
    if (value.is_null()) return value.complaint("is null; leave the member out or give it a value");
  }
  return {};
}

Result<PolicySigner> parse_signer(const std::string& name, const JsonView& json) {
  TRY(json.refuse_unknown({"key", "identity", "issuer", "extensions", "certificateAuthority", "subject", "logged"}));
  TRY(refuse_null(json));
  if (name.empty() || name.size() > k_max_name_bytes) return json.complaint("expected a signer's name of 1 to 128 bytes");
  PolicySigner signer{.name = name};
  TRY(read_text(json, "key", signer.key));
  TRY(read_text(json, "certificateAuthority", signer.certificate_authority));
  TRY(read_text(json, "subject", signer.subject));
  TRY_ASSIGN(signer.identity, find_match(json, "identity"));
  TRY_ASSIGN(signer.issuer, find_match(json, "issuer"));
  const int kinds = (signer.key.empty() ? 0 : 1) + (signer.identity ? 1 : 0) + (signer.certificate_authority.empty() ? 0 : 1);
  if (kinds != 1) {
    return json.complaint("expected exactly one of \"key\", \"identity\" and \"certificateAuthority\", found " + std::to_string(kinds));
  }
  if (signer.identity.has_value() != signer.issuer.has_value()) return json.complaint("\"identity\" and \"issuer\" go together");
  if (signer.certificate_authority.empty() != signer.subject.empty()) {
    return json.complaint("\"certificateAuthority\" and \"subject\" go together; the subject \"*\" accepts whoever it certifies");
  }
  if (const auto extensions = json.find("extensions")) {
    if (!signer.identity) return extensions->complaint("is about certificates of an identity, and this signer has none");
    TRY_ASSIGN(const auto members, extensions->as_members());
    if (members.empty()) return extensions->complaint("is empty; leave it out or fill it");
    for (const auto& [key, value] : members) {
      TRY_ASSIGN(TextMatch match, parse_match(value));
      signer.extensions.emplace(key, std::move(match));
    }
  }
  signer.logged = signer.identity.has_value();
  if (const auto logged = json.find("logged")) {
    if (signer.key.empty()) return logged->complaint("is for keys: signatures of an identity must always be logged");
    TRY_ASSIGN(signer.logged, logged->as_bool());
  }
  return signer;
}

Result<std::size_t> parse_threshold(const JsonView& json) {
  const auto found = json.find("threshold");
  if (!found) return std::size_t{1};
  TRY_ASSIGN(const std::uint64_t threshold, found->as_unsigned());
  if (threshold == 0 || threshold > k_max_policy_items) return found->complaint("expected a threshold of at least 1");
  return static_cast<std::size_t>(threshold);
}

Result<std::vector<std::string>> parse_signer_names(const JsonView& json, const Policy& policy) {
  TRY_ASSIGN(const JsonView field, json.field("signers"));
  TRY_ASSIGN(auto names, distinct_texts(field));
  for (const std::string& name : names) {
    if (policy.find_signer(name) == nullptr) return field.complaint("names the signer \"" + printable(name) + "\", which is not there");
  }
  return names;
}

// More distinct signers than the names can ever bring would refuse everything for ever. An identity that is a pattern, and
// an authority, may stand for several people.
Result<void> check_threshold(const JsonView& json, const Policy& policy, const std::vector<std::string>& names, std::size_t threshold) {
  const bool may_be_many = std::ranges::any_of(names, [&](const std::string& name) {
    const PolicySigner* signer = policy.find_signer(name);
    return !signer->certificate_authority.empty() || (signer->identity && signer->identity->is_pattern);
  });
  if (may_be_many || threshold <= names.size()) return {};
  return json.complaint("asks for " + std::to_string(threshold) + " of " + std::to_string(names.size()) + " signers, which can never be");
}

Result<PolicySignatures> parse_signatures(const JsonView& json, const Policy& policy) {
  TRY(json.refuse_unknown({"role", "signers", "threshold"}));
  TRY(refuse_null(json));
  PolicySignatures out;
  TRY(read_text(json, "role", out.role));
  TRY_ASSIGN(out.signers, parse_signer_names(json, policy));
  TRY_ASSIGN(out.threshold, parse_threshold(json));
  TRY(check_threshold(json, policy, out.signers, out.threshold));
  return out;
}

Result<double> as_number(const JsonView& json) {
  if (const auto* number = std::get_if<std::int64_t>(&json.json().value())) return static_cast<double>(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&json.json().value())) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&json.json().value())) return *number;
  return json.complaint("expected a number");
}

bool is_scalar(const Json& json) { return json.object() == nullptr && json.array() == nullptr; }

Result<PolicyCondition> parse_condition(const JsonView& json) {
  TRY(json.refuse_unknown({"pointer", "equals", "oneOf", "pattern", "atMost"}));
  TRY(refuse_null(json));
  TRY_ASSIGN(const JsonView pointer, json.field("pointer"));
  TRY_ASSIGN(std::string place, required_text(pointer));
  if (!place.starts_with('/')) return pointer.complaint("expected a JSON pointer such as /runDetails/builder/id");
  PolicyCondition condition{.pointer = std::move(place)};
  int kinds = 0;
  if (const auto equals = json.find("equals")) {
    if (!is_scalar(equals->json())) return equals->complaint("expected a text, a number or a boolean");
    condition.one_of.push_back(equals->json());
    ++kinds;
  }
  if (const auto choices = json.find("oneOf")) {
    TRY_ASSIGN(const auto items, bounded_items(*choices));
    for (const JsonView& item : items) {
      if (!is_scalar(item.json()) || item.is_null()) return item.complaint("expected a text, a number or a boolean");
      condition.one_of.push_back(item.json());
    }
    ++kinds;
  }
  if (const auto pattern = json.find("pattern")) {
    TRY_ASSIGN(condition.pattern, required_text(*pattern));
    ++kinds;
  }
  if (const auto bound = json.find("atMost")) {
    TRY_ASSIGN(condition.at_most, as_number(*bound));
    ++kinds;
  }
  if (kinds != 1) return json.complaint("expected exactly one of \"equals\", \"oneOf\", \"pattern\" and \"atMost\"");
  return condition;
}

Result<std::map<std::string, std::uint64_t>> parse_severities(const JsonView& json) {
  static const std::set<std::string> k_known{"critical", "high", "medium", "low", "negligible", "unknown"};
  TRY_ASSIGN(const auto members, json.as_members());
  if (members.empty()) return json.complaint("is empty; leave it out or fill it");
  std::map<std::string, std::uint64_t> out;
  for (const auto& [name, value] : members) {
    if (!k_known.contains(name)) {
      return value.complaint("\"" + printable(name) + "\" is no severity; expected critical, high, medium, low, negligible or unknown");
    }
    TRY_ASSIGN(const std::uint64_t most, value.as_unsigned());
    out.emplace(name, most);
  }
  return out;
}

Result<void> check_fits_type(const JsonView& json, const PolicyAttestation& attestation) {
  const bool is_slsa = attestation.type == k_predicate_slsa_1 || attestation.type == k_predicate_slsa_02;
  if ((attestation.builder || attestation.source) && !is_slsa) {
    return json.complaint("\"builder\" and \"source\" are about SLSA provenance, and the type is \"" + printable(attestation.type) + "\"");
  }
  if (!attestation.severities.empty() && attestation.type != k_predicate_vuln) {
    return json.complaint("\"severities\" is about vulnerability scans, and the type is \"" + printable(attestation.type) + "\"");
  }
  return {};
}

Result<PolicyAttestation> parse_attestation(const JsonView& json, const Policy& policy) {
  TRY(json.refuse_unknown({"type", "signers", "threshold", "builder", "source", "maxAge", "severities", "conditions"}));
  TRY(refuse_null(json));
  TRY_ASSIGN(const JsonView type_field, json.field("type"));
  TRY_ASSIGN(const std::string type_text, required_text(type_field));
  const auto type = predicate_type_of(type_text);
  if (!type) return type_field.complaint("\"" + printable(type_text) + "\" is neither a URI nor a known name of a predicate type");
  PolicyAttestation out;
  out.type = *type;
  TRY_ASSIGN(out.signers, parse_signer_names(json, policy));
  TRY_ASSIGN(out.threshold, parse_threshold(json));
  TRY(check_threshold(json, policy, out.signers, out.threshold));
  TRY_ASSIGN(out.builder, find_match(json, "builder"));
  TRY_ASSIGN(out.source, find_match(json, "source"));
  TRY(read_text(json, "maxAge", out.max_age));
  if (!out.max_age.empty()) TRY(parse_age(out.max_age));
  if (const auto severities = json.find("severities")) {
    TRY_ASSIGN(out.severities, parse_severities(*severities));
  }
  if (const auto conditions = json.find("conditions")) {
    TRY_ASSIGN(const auto items, bounded_items(*conditions));
    for (const JsonView& item : items) {
      TRY_ASSIGN(PolicyCondition condition, parse_condition(item));
      out.conditions.push_back(std::move(condition));
    }
  }
  TRY(check_fits_type(json, out));
  return out;
}

// `*`, a beginning that ends in `/*` (so that "team*" does not let "teams-of-others" in), or a name without tag and digest.
// Local stores have names such as `oci:PATH`; only after the last slash would a colon begin a tag.
bool is_repository_pattern(std::string_view pattern) {
  if (pattern == "*") return true;
  const std::size_t star = pattern.find('*');
  if (star != std::string_view::npos) return star + 1 == pattern.size() && pattern[star - 1] == '/';
  const std::size_t slash = pattern.rfind('/');
  const bool has_tag = slash != std::string_view::npos && pattern.find(':', slash) != std::string_view::npos;
  return !has_tag && pattern.find('@') == std::string_view::npos;
}

Result<std::vector<std::string>> parse_repositories(const JsonView& json) {
  TRY_ASSIGN(const JsonView field, json.field("repositories"));
  TRY_ASSIGN(auto patterns, distinct_texts(field));
  for (const std::string& pattern : patterns) {
    if (!is_repository_pattern(pattern)) {
      return field.complaint("\"" + printable(pattern) +
                             "\" is no pattern of repositories; expected a whole name without tag, a beginning that ends in /*, or *");
    }
  }
  return patterns;
}

Result<PolicyRule> parse_rule(const JsonView& json, const Policy& policy) {
  TRY(json.refuse_unknown({"name", "repositories", "deny", "formats", "signatures", "attestations", "grant"}));
  TRY(refuse_null(json));
  TRY_ASSIGN(const JsonView name, json.field("name"));
  PolicyRule rule;
  TRY_ASSIGN(rule.name, required_text(name));
  TRY_ASSIGN(rule.repositories, parse_repositories(json));
  if (const auto deny = json.find("deny")) {
    TRY_ASSIGN(rule.deny, deny->as_bool());
    if (!rule.deny) return deny->complaint("is false, which says nothing; leave it out");
  }
  if (const auto formats = json.find("formats")) {
    TRY_ASSIGN(rule.formats, distinct_texts(*formats));
  }
  if (const auto signatures = json.find("signatures")) {
    TRY_ASSIGN(const auto items, bounded_items(*signatures));
    for (const JsonView& item : items) {
      TRY_ASSIGN(PolicySignatures entry, parse_signatures(item, policy));
      rule.signatures.push_back(std::move(entry));
    }
  }
  if (const auto attestations = json.find("attestations")) {
    TRY_ASSIGN(const auto items, bounded_items(*attestations));
    for (const JsonView& item : items) {
      TRY_ASSIGN(PolicyAttestation entry, parse_attestation(item, policy));
      rule.attestations.push_back(std::move(entry));
    }
  }
  if (const auto grant = json.find("grant")) {
    TRY_ASSIGN(rule.grant, parse_capability_requests(*grant));
  }
  const bool asks_who = !rule.signatures.empty() || !rule.attestations.empty();
  if (rule.deny && (asks_who || rule.grant || !rule.formats.empty())) return json.complaint("denies, and also says what it would accept");
  if (!rule.deny && !asks_who) return json.complaint("asks for no signature and no attestation, so it would accept everything");
  return rule;
}

// Two rules with the same pattern: the second could never be chosen by it.
Result<void> refuse_unreachable(const JsonView& rules, const Policy& policy) {
  std::map<std::string, std::string> owners;
  std::set<std::string> names;
  for (const PolicyRule& rule : policy.rules) {
    if (!names.insert(rule.name).second) return rules.complaint("two rules are named \"" + printable(rule.name) + "\"");
    for (const std::string& pattern : rule.repositories) {
      const auto [owner, is_new] = owners.emplace(pattern, rule.name);
      if (is_new) continue;
      return rules.complaint("the rule \"" + printable(rule.name) + "\" can never be chosen for \"" + printable(pattern) +
                             "\", which belongs to the rule \"" + printable(owner->second) + "\"");
    }
  }
  return {};
}

Result<void> refuse_unused_signers(const JsonView& signers, const Policy& policy) {
  std::set<std::string> used;
  for (const PolicyRule& rule : policy.rules) {
    for (const PolicySignatures& entry : rule.signatures) used.insert(entry.signers.begin(), entry.signers.end());
    for (const PolicyAttestation& entry : rule.attestations) used.insert(entry.signers.begin(), entry.signers.end());
  }
  for (const PolicySigner& signer : policy.signers) {
    if (!used.contains(signer.name)) return signers.complaint("the signer \"" + printable(signer.name) + "\" is used by no rule");
  }
  return {};
}

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_policy_bytes, .depth = 16}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"schemaVersion", "trustedRoot", "signers", "rules"}));
  TRY(refuse_null(view));
  TRY_ASSIGN(const JsonView version_field, view.field("schemaVersion"));
  TRY_ASSIGN(const std::uint64_t version, version_field.as_unsigned());
  if (version != k_policy_version) {
    return fail(ErrorCode::unsupported, "policy version " + std::to_string(version) + " is not supported; expected 1");
  }
  Policy policy;
  TRY(read_text(view, "trustedRoot", policy.trusted_root));
  const auto signers = view.find("signers");
  if (signers) {
    TRY_ASSIGN(const auto members, signers->as_members());
    if (members.size() > k_max_policy_items) return fail(ErrorCode::limit, "a policy with " + std::to_string(members.size()) + " signers");
    for (const auto& [name, value] : members) {
      TRY_ASSIGN(PolicySigner signer, parse_signer(name, value));
      policy.signers.push_back(std::move(signer));
    }
  }
  TRY_ASSIGN(const JsonView rules, view.field("rules"));
  TRY_ASSIGN(const auto items, bounded_items(rules));
  for (const JsonView& item : items) {
    TRY_ASSIGN(PolicyRule rule, parse_rule(item, policy));
    policy.rules.push_back(std::move(rule));
  }
  TRY(refuse_unreachable(rules, policy));
  if (signers) TRY(refuse_unused_signers(*signers, policy));
  return policy;
}

}  // namespace davit
