#include "cli/policy/export/shared.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "oci/trust/keys.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_name_bytes = 50;  // of 63: a number follows, and prefixes that controllers add

// Docker's rule for the first part of a name: only a host has a dot or a port or is called localhost. Docker Hub is
// docker.io, and its names have two parts or more; what is called otherwise in a policy is never met by davit.
bool is_of_registry(const std::string& pattern) {
  if (pattern == "*") return true;
  if (pattern.starts_with("index.docker.io/")) return false;
  if (pattern.starts_with(k_docker_hub) && pattern.find_first_of("/*", k_docker_hub.size()) == std::string::npos) return false;
  for (const std::string_view kind : {"oci:", "oci-archive:", "docker-archive:"}) {
    if (pattern.starts_with(kind)) return false;
  }
  const std::string host = pattern.substr(0, pattern.find('/'));
  return host.size() != pattern.size() && (host == "localhost" || host.find_first_of(".:") != std::string::npos);
}

// Who a signer is, in a text that two names of one person share. Empty: whoever fits an expression or an authority.
Result<std::string> person(const PolicySigner& signer) {
  if (!signer.key.empty()) {
    TRY_ASSIGN(const oci::PublicKey key, oci::PublicKey::parse(signer.key));
    return key.name();
  }
  if (!signer.identity || signer.identity->is_pattern || signer.issuer->is_pattern) return std::string();
  return signer.issuer->text + "\n" + signer.identity->text;
}

}  // namespace

std::string ObjectNames::take(const std::string& name) {
  std::string plain = "davit-";
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool is_capital = c >= 'A' && c <= 'Z';
    plain += is_plain ? c : is_capital ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  plain = plain.substr(0, k_max_name_bytes);
  while (plain.back() == '-') plain.pop_back();
  std::string out = plain;
  for (std::size_t number = 2; !taken_.insert(out).second; ++number) out = plain + "-" + std::to_string(number);
  return out;
}

Error cannot_express(const PolicyRule& rule, const std::string& target, const std::string& what, const std::string& hint) {
  return fail(ErrorCode::unsupported, "the rule \"" + printable(rule.name) + "\" cannot be expressed for " + target + ": " + what)
      .hinting(hint);
}

void set_match(JsonObject& out, const TextMatch& match, const std::string& exact, const std::string& pattern) {
  out.set(match.is_pattern ? pattern : exact, match.is_pattern ? "^(?:" + match.text + ")$" : match.text);
}

Result<void> refuse_what_only_davit_judges(const Policy& policy, const PolicyRule& rule, const std::string& target) {
  if (rule.grant) return cannot_express(rule, target, "it limits capabilities");
  if (!rule.formats.empty()) return cannot_express(rule, target, "it limits formats");
  const auto has_content = [](const PolicyAttestation& entry) {
    return entry.builder || entry.source || !entry.max_age.empty() || !entry.severities.empty() || !entry.conditions.empty();
  };
  if (std::ranges::any_of(rule.attestations, has_content)) return cannot_express(rule, target, "it judges what attestations say");
  if (policy.trusted_root.empty()) return {};
  const auto needs_root = [&](const auto& demand) {
    return std::ranges::any_of(demand.signers, [&](const std::string& name) {
      const PolicySigner& signer = signer_of(policy, name);
      return signer.identity || signer.logged;
    });
  };
  if (std::ranges::any_of(rule.signatures, needs_root) || std::ranges::any_of(rule.attestations, needs_root)) {
    return cannot_express(rule, target,
                          "it believes the authorities and logs of a trusted root of its own, and the target those of Sigstore");
  }
  return {};
}

Result<void> refuse_shared_signers(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names,
                                   std::size_t threshold, const std::string& target) {
  if (threshold <= 1) return {};
  if (threshold > names.size()) return cannot_express(rule, target, "it asks for more signers than it names");
  std::set<std::string> people;
  for (const std::string& name : names) {
    TRY_ASSIGN(std::string who, person(signer_of(policy, name)));
    if (who.empty()) return cannot_express(rule, target, "it counts people by an expression, and one could count twice there");
    if (!people.insert(std::move(who)).second)
      return cannot_express(rule, target, "it names one signer twice, who would count twice there");
  }
  return {};
}

Result<bool> asks_for_any(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names, std::size_t threshold,
                          const std::string& target) {
  TRY(refuse_shared_signers(policy, rule, names, threshold, target));
  if (threshold != 1 && threshold != names.size()) return cannot_express(rule, target, "thresholds between one and all");
  return threshold == 1;
}

JsonObject kubernetes_object(std::string_view api_version, std::string_view kind, const std::string& name, JsonObject spec) {
  return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", JsonObject{{"name", name}}}, {"spec", std::move(spec)}};
}

const PolicySigner& signer_of(const Policy& policy, const std::string& name) { return *policy.find_signer(name); }

bool is_authority(const PolicySigner& signer) { return !signer.certificate_authority.empty(); }

std::vector<std::string> registry_patterns(const PolicyRule& rule) {
  std::vector<std::string> out;
  std::ranges::copy_if(rule.repositories, std::back_inserter(out), is_of_registry);
  return out;
}

std::vector<std::string> patterns_inside(const Policy& policy, const std::string& pattern) {
  std::vector<std::string> out;
  for (const PolicyRule& rule : policy.rules) {
    for (const std::string& other : registry_patterns(rule)) {
      const std::string sample = other.ends_with('*') ? other.substr(0, other.size() - 1) : other;
      if (other != pattern && repository_pattern_fits(pattern, sample)) out.push_back(other);
    }
  }
  return out;
}

}  // namespace davit::cli
