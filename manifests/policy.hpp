// The policy: what a consumer accepts. Who must have signed, what must have been attested and what the attestation must
// say, and the most that an artifact may touch. Media type application/vnd.davit.policy.v1+json.
//
//   {"schemaVersion": 1,
//    "trustedRoot": "trusted_root.json",
//    "signers": {"release": {"key": "release.pub"},
//                "ci": {"identity": "https://github.com/team/app/.github/workflows/release.yml@refs/heads/main",
//                       "issuer": "https://token.actions.githubusercontent.com"},
//                "vendor": {"certificateAuthority": "vendor.pem", "subject": "C=US, ST=WA, O=Vendor"}},
//    "rules": [{"name": "team", "repositories": ["registry.example.com/team/*"], "formats": ["wasm"],
//               "signatures": [{"role": "release", "signers": ["release", "ci"], "threshold": 2}],
//               "attestations": [{"type": "https://slsa.dev/provenance/v1", "signers": ["ci"], "builder": "https://…",
//                                 "maxAge": "720h", "severities": {"critical": 0}}],
//               "grant": {"stdio": ["stdout"]}},
//              {"name": "rest", "repositories": ["*"], "deny": true}]}
//
// A rule is chosen by its repository patterns alone: the most specific pattern that fits wins (a whole name before a
// beginning and `*`, a longer beginning before a shorter one, `*` last), wherever it stands in the file. The chosen rule
// decides; there is no second try. An artifact that no rule fits is refused.
//
// Everything that could make a policy weaker than it reads is an error: unknown members, a rule that asks for nothing,
// a rule that can never be chosen, a signer that does not exist or that nobody uses, a threshold above the signers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/capability_manifest.hpp"
#include "manifests/json.hpp"

namespace davit {

inline constexpr std::size_t k_max_policy_bytes = std::size_t{1} << 20;
inline constexpr std::size_t k_max_policy_items = 256;  ///< signers, rules, and entries of each list

/// A text, or a regular expression over the whole text.
struct TextMatch {
  std::string text{};
  bool is_pattern = false;
  friend bool operator==(const TextMatch&, const TextMatch&) = default;
};

/// Exactly one of: a key, a certificate's identity and issuer, a certificate authority and a subject.
struct PolicySigner {
  std::string name;
  std::string key{};  ///< a PEM block, or a path beside the policy
  std::optional<TextMatch> identity{};
  std::optional<TextMatch> issuer{};
  std::map<std::string, TextMatch> extensions{};  ///< of Fulcio certificates, by their documented names
  std::string certificate_authority{};            ///< a PEM block, or a path beside the policy
  std::string subject{};                          ///< attributes that the certificate's subject must have
  bool logged = false;                            ///< a transparency log must hold the signature; always so for identities
};

struct PolicySignatures {
  std::string role{};
  std::vector<std::string> signers;  ///< names; any of them
  std::size_t threshold = 1;         ///< how many distinct ones
};

/// What must stand at one place of a predicate.
struct PolicyCondition {
  std::string pointer;  ///< RFC 6901, within the predicate
  std::vector<Json> one_of{};
  std::optional<std::string> pattern{};
  std::optional<double> at_most{};
};

struct PolicyAttestation {
  std::string type;  ///< predicate type URI
  std::vector<std::string> signers;
  std::size_t threshold = 1;
  std::optional<TextMatch> builder{};                 ///< SLSA: the builder's id
  std::optional<TextMatch> source{};                  ///< SLSA: a source that the build says it was made from
  std::string max_age{};                              ///< `720h`; since the trusted time of the signature, else the statement's own
  std::map<std::string, std::uint64_t> severities{};  ///< vulnerability scans: lower-case severity → most that may be found
  std::vector<PolicyCondition> conditions{};
};

struct PolicyRule {
  std::string name;
  std::vector<std::string> repositories;
  bool deny = false;
  std::vector<std::string> formats{};  ///< empty: any
  std::vector<PolicySignatures> signatures{};
  std::vector<PolicyAttestation> attestations{};
  std::optional<CapabilityRequests> grant{};  ///< nothing: capabilities are not judged
};

struct Policy {
  std::string trusted_root{};  ///< a path beside the policy; empty: the one that the caller has
  std::vector<PolicySigner> signers;
  std::vector<PolicyRule> rules;

  [[nodiscard]] const PolicySigner* find_signer(std::string_view name) const;
  /// The rule that decides about a repository (`host/name`), and the pattern that chose it; null when none fits.
  struct Choice {
    const PolicyRule* rule = nullptr;
    std::string pattern{};
  };
  [[nodiscard]] Choice choose(std::string_view repository) const;
};

/// Errors: malformed (syntax, unknown member, and everything named above; the JSON pointer is the place), limit,
/// unsupported (version)
Result<Policy> parse_policy(std::string_view text);
Json to_json(const Policy& policy);

/// `720h`, `30d`, `90m`, `45s` in seconds. Errors: malformed
Result<std::int64_t> parse_age(std::string_view text);

/// Whether `*` or a beginning and `*` or a whole name stands for this repository.
bool repository_pattern_fits(std::string_view pattern, std::string_view repository);

}  // namespace davit
