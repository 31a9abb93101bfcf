#include "cli/verify/options.hpp"

#include <algorithm>
#include <array>

namespace davit::cli {

bool TrustOptions::by_identity() const { return !identities.empty() || !identity_patterns.empty(); }

// Whatever was said about trust: half of it is refused by VerifierSource, and not taken for nothing.
bool TrustOptions::given() const {
  const bool texts =
      std::ranges::any_of(std::array{&issuer, &issuer_pattern, &certificate_chain, &trusted_root, &trust_policy, &policy, &as},
                          [](const std::string* text) { return !text->empty(); });
  return texts || !keys.empty() || by_identity();
}

std::string policy_name_of(const Reference& reference) {
  if (const auto* remote = std::get_if<RegistryReference>(&reference)) return remote->host + "/" + remote->repository;
  if (const auto* local = std::get_if<LocalReference>(&reference)) return to_text(LocalReference{.kind = local->kind, .path = local->path});
  return to_text(reference);
}

std::vector<Option> trust_options(TrustOptions& options) {
  std::vector<Option> out{
      {"--key", "FILE", "public key to accept; may be given several times", &options.keys, ValueKind::file},
      {"--certificate-identity", "NAME", "accept certificates of exactly this identity; may be given several times", &options.identities},
      {"--certificate-identity-regexp", "RE", "accept certificates whose whole identity fits this expression", &options.identity_patterns},
      {"--certificate-oidc-issuer", "URL", "who must have vouched for the identity", &options.issuer},
      {"--certificate-oidc-issuer-regexp", "RE", "the same as an expression that must fit the whole issuer", &options.issuer_pattern},
      {"--certificate-chain", "FILE", "certificates (PEM) of the authority to believe in place of the trust root's",
       &options.certificate_chain, ValueKind::file},
      {"--trusted-root", "FILE", "trusted_root.json: the logs and authorities to believe", &options.trusted_root, ValueKind::file},
      {"--trust-policy", "FILE", "trust policy of the Notary Project, for its signatures", &options.trust_policy, ValueKind::file},
      {"--policy", "FILE", "accept what this policy accepts", &options.policy, ValueKind::file},
      {"--as", "REPOSITORY", "judge a copy by the policy's rule for this repository", &options.as},
      {"--max-signatures", "N", "refuse when there are more candidates than this (default: 100)", &options.max_signatures},
      {"--offline", "", "open no connection at all; for files and local stores", &options.offline},
  };
  for (Option& option : out) option.refuse_empty = !option.value_name.empty();
  return out;
}

std::vector<Option> with_trust_options(std::vector<Option> own, TrustOptions& options) {
  for (Option& option : trust_options(options)) own.push_back(std::move(option));
  return own;
}

std::vector<Option> with_verification(std::vector<Option> own, TrustOptions& options) {
  own.push_back(
      {"--verify", "", "refuse what is not verified; when nothing says whom to trust, by notation's own trust policy", &options.demanded});
  return with_trust_options(std::move(own), options);
}

std::vector<Option> verify_options(TrustOptions& options) {
  return {
      {"--type", "TYPE", "ask for an attestation of this predicate type in place of a signature", &options.type},
      {"--threshold", "N", "how many distinct signers must have signed (default: 1)", &options.threshold},
      {"--require-log", "", "with --key: a transparency log must hold the signature", &options.require_log},
      {"--check-reference", "", "classic signatures must name this very repository", &options.check_reference},
      {"--allow-any-predicate", "", "let an attestation pass as a signature, as cosign does; with a warning", &options.any_predicate},
  };
}

}  // namespace davit::cli
