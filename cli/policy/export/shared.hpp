// What the exports to the several targets have in common: names, patterns of repositories, and what no target can hold.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/policy/export/export.hpp"

namespace davit::cli {

/// Names of Kubernetes objects (RFC 1123: lower-case letters, digits and hyphens, at most 63), each given once: a second
/// object of the same name would replace the first, and with it what that demands.
class ObjectNames {
 public:
  std::string take(const std::string& name);

 private:
  std::set<std::string> taken_{};
};

inline constexpr std::string_view k_docker_hub = "docker.io/";
inline constexpr const char* k_split_the_rule = "split the rule, or let davit verify decide about these repositories";

/// "the rule … cannot be expressed for TARGET: WHAT"
Error cannot_express(const PolicyRule& rule, const std::string& target, const std::string& what,
                     const std::string& hint = k_split_the_rule);

/// The member for an exact text or for an expression, which the others do not anchor by themselves.
void set_match(JsonObject& out, const TextMatch& match, const std::string& exact, const std::string& pattern);

/// What only davit judges, and what another trust root decides; leaving it out of a document would make that accept more.
Result<void> refuse_what_only_davit_judges(const Policy& policy, const PolicyRule& rule, const std::string& target);

/// Of several signers that all are demanded, that no signature can be of two: davit counts people, the others count names.
Result<void> refuse_shared_signers(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names,
                                   std::size_t threshold, const std::string& target);

/// Whether one of the signers is enough, for targets that can ask for any of them or for all.
/// Errors: unsupported (a threshold in between, or one signature could be of two)
Result<bool> asks_for_any(const Policy& policy, const PolicyRule& rule, const std::vector<std::string>& names, std::size_t threshold,
                          const std::string& target);

/// A Kubernetes object.
JsonObject kubernetes_object(std::string_view api_version, std::string_view kind, const std::string& name, JsonObject spec);

const PolicySigner& signer_of(const Policy& policy, const std::string& name);
bool is_authority(const PolicySigner& signer);

/// The rule's patterns that can be about repositories of a registry; those of files and local stores are about nothing that
/// a cluster pulls.
std::vector<std::string> registry_patterns(const PolicyRule& rule);

/// All other patterns of the policy that are inside this one: they decide about their repositories alone.
std::vector<std::string> patterns_inside(const Policy& policy, const std::string& pattern);

Result<ExportedPolicy> export_for_kyverno(const Policy& policy);
Result<ExportedPolicy> export_for_policy_controller(const Policy& policy);
Result<ExportedPolicy> export_for_containers(const Policy& policy);
Result<ExportedPolicy> export_for_ratify(const Policy& policy);

}  // namespace davit::cli
