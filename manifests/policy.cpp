#include "manifests/policy.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::int64_t k_max_age_seconds = std::int64_t{100} * 365 * 86400;

// How specific a pattern is: a whole name beats every beginning, a longer beginning beats a shorter one.
std::size_t specificity(std::string_view pattern) {
  constexpr std::size_t k_whole_name = ~std::size_t{0};
  return pattern.ends_with('*') ? pattern.size() - 1 : k_whole_name;
}

Json to_json(const TextMatch& match) { return match.is_pattern ? Json(JsonObject{{"pattern", match.text}}) : Json(match.text); }

template <typename Value, typename Write>
Json object_of(const std::map<std::string, Value>& values, Write write) {
  JsonObject out;
  for (const auto& [name, value] : values) out.set(name, write(value));
  return out;
}

Json to_json(const PolicySigner& signer) {
  JsonObject out;
  if (!signer.key.empty()) out.set("key", signer.key);
  if (signer.identity) out.set("identity", to_json(*signer.identity));
  if (signer.issuer) out.set("issuer", to_json(*signer.issuer));
  if (!signer.extensions.empty()) {
    out.set("extensions", object_of(signer.extensions, [](const TextMatch& match) { return to_json(match); }));
  }
  if (!signer.certificate_authority.empty()) out.set("certificateAuthority", signer.certificate_authority);
  if (!signer.subject.empty()) out.set("subject", signer.subject);
  if (signer.logged && !signer.identity) out.set("logged", true);
  return out;
}

Json to_json(const PolicyCondition& condition) {
  JsonObject out{{"pointer", condition.pointer}};
  if (condition.one_of.size() == 1) out.set("equals", condition.one_of.front());
  if (condition.one_of.size() > 1) out.set("oneOf", condition.one_of);
  if (condition.pattern) out.set("pattern", *condition.pattern);
  if (condition.at_most) out.set("atMost", *condition.at_most);
  return out;
}

Json to_json(const PolicyAttestation& attestation) {
  JsonObject out{{"type", attestation.type}, {"signers", Json::strings(attestation.signers)}};
  if (attestation.threshold != 1) out.set("threshold", std::uint64_t{attestation.threshold});
  if (attestation.builder) out.set("builder", to_json(*attestation.builder));
  if (attestation.source) out.set("source", to_json(*attestation.source));
  if (!attestation.max_age.empty()) out.set("maxAge", attestation.max_age);
  if (!attestation.severities.empty()) {
    out.set("severities", object_of(attestation.severities, [](std::uint64_t count) { return Json(count); }));
  }
  JsonArray conditions;
  for (const PolicyCondition& condition : attestation.conditions) conditions.push_back(to_json(condition));
  if (!conditions.empty()) out.set("conditions", std::move(conditions));
  return out;
}

Json to_json(const PolicySignatures& signatures) {
  JsonObject out;
  if (!signatures.role.empty()) out.set("role", signatures.role);
  out.set("signers", Json::strings(signatures.signers));
  if (signatures.threshold != 1) out.set("threshold", std::uint64_t{signatures.threshold});
  return out;
}

// The writer is handed over: names of this unnamed namespace are not looked up by argument.
template <typename Item, typename Write>
JsonArray list_of(const std::vector<Item>& items, Write write) {
  JsonArray out;
  for (const Item& item : items) out.push_back(write(item));
  return out;
}

Json to_json(const PolicyRule& rule) {
  JsonObject out{{"name", rule.name}, {"repositories", Json::strings(rule.repositories)}};
  if (rule.deny) out.set("deny", true);
  if (!rule.formats.empty()) out.set("formats", Json::strings(rule.formats));
  if (!rule.signatures.empty()) out.set("signatures", list_of(rule.signatures, [](const PolicySignatures& item) { return to_json(item); }));
  if (!rule.attestations.empty())
    out.set("attestations", list_of(rule.attestations, [](const PolicyAttestation& item) { return to_json(item); }));
  if (rule.grant) out.set("grant", davit::to_json(*rule.grant));
  return out;
}

}  // namespace

bool repository_pattern_fits(std::string_view pattern, std::string_view repository) {
  if (!pattern.ends_with('*')) return pattern == repository;
  return repository.starts_with(pattern.substr(0, pattern.size() - 1));
}

const PolicySigner* Policy::find_signer(std::string_view name) const {
  const auto found = std::ranges::find(signers, name, &PolicySigner::name);
  return found == signers.end() ? nullptr : &*found;
}

Policy::Choice Policy::choose(std::string_view repository) const {
  Choice best;
  for (const PolicyRule& rule : rules) {
    for (const std::string& pattern : rule.repositories) {
      if (!repository_pattern_fits(pattern, repository)) continue;
      if (best.rule == nullptr || specificity(pattern) > specificity(best.pattern)) best = {.rule = &rule, .pattern = pattern};
    }
  }
  return best;
}

Json to_json(const Policy& policy) {
  JsonObject signers;
  for (const PolicySigner& signer : policy.signers) signers.set(signer.name, to_json(signer));
  JsonObject out{{"schemaVersion", 1}};
  if (!policy.trusted_root.empty()) out.set("trustedRoot", policy.trusted_root);
  out.set("signers", std::move(signers));
  out.set("rules", list_of(policy.rules, [](const PolicyRule& rule) { return to_json(rule); }));
  return out;
}

Result<std::int64_t> parse_age(std::string_view text) {
  const auto refused = [&] {
    return fail(ErrorCode::malformed, "\"" + printable(text) + "\" is no age; expected a number and s, m, h or d, such as 720h");
  };
  if (text.size() < 2 || text.size() > 12) return refused();
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's': unit = 1; break;
    case 'm': unit = 60; break;
    case 'h': unit = 3600; break;
    case 'd': unit = 86400; break;
    default: return refused();
  }
  std::int64_t number = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return refused();
    number = number * 10 + (c - '0');
  }
  if (number == 0 || number > k_max_age_seconds / unit) return refused();
  return number * unit;
}

}  // namespace davit
