// Whom a command trusts, as its options say it: the same words for verify, pull, convert, run and copy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "manifests/reference.hpp"

namespace davit::cli {

struct TrustOptions {
  std::vector<std::string> keys{};
  std::vector<std::string> identities{};
  std::vector<std::string> identity_patterns{};
  std::string issuer{};
  std::string issuer_pattern{};
  std::string certificate_chain{};
  std::string trusted_root{};
  std::string trust_policy{};
  std::string policy{};
  std::string as{};
  std::string type{};
  std::uint64_t threshold = 1;
  std::uint64_t max_signatures = 100;
  bool offline = false;
  bool require_log = false;
  bool any_predicate = false;
  bool check_reference = false;
  bool demanded = false;

  /// Whether certificates of named identities are asked for.
  [[nodiscard]] bool by_identity() const;
  /// Whether anything was said that an artifact must live up to.
  [[nodiscard]] bool given() const;
  /// Whether a command that can do without must verify: something was said, or verification itself was asked for.
  [[nodiscard]] bool must_verify() const { return demanded || given(); }
};

/// The options that say whom to trust; for every command that checks signatures before it does its work.
std::vector<Option> trust_options(TrustOptions& options);
/// A command's own options and then those.
std::vector<Option> with_trust_options(std::vector<Option> own, TrustOptions& options);
/// The same with --verify before them, for commands that can do without signatures.
std::vector<Option> with_verification(std::vector<Option> own, TrustOptions& options);
/// Those that only `verify` has: types, thresholds and how strict.
std::vector<Option> verify_options(TrustOptions& options);

/// The name by which policies know an artifact: `host/repository`, or `oci:PATH` of a local store.
std::string policy_name_of(const Reference& reference);

}  // namespace davit::cli
