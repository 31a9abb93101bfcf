// The trust policy of the Notary Project (specifications/trust-store-trust-policy.md, version 1.0): which repositories
// (or, in the blob form, which named kinds of files) need signatures by whom, and how each check that fails is taken.
//
// A document is judged whole before any of it is used, and a member that is not known is an error: a rule that was
// misspelt must not be a rule that is not there.
//
//                 authenticity  timestamp  expiry   revocation      integrity is enforced always
//   strict        enforce       enforce    enforce  enforce
//   permissive    enforce       log        log      log
//   audit         log           log        log      log
//   skip          nothing is verified, and so nothing is ever accepted here
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/result.hpp"
#include "oci/trust/notation/distinguished_name.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_trust_policy_bytes = std::uint64_t{1} << 20;
inline constexpr std::size_t k_max_trust_identities = 256;  ///< of one statement
inline constexpr std::size_t k_max_trust_stores = 64;       ///< of one statement

enum class CheckAction {
  enforce,
  log,  ///< a failure becomes a warning
  skip  ///< only of revocation
};

struct CheckActions {
  CheckAction authenticity = CheckAction::enforce;
  CheckAction timestamp = CheckAction::enforce;
  CheckAction expiry = CheckAction::enforce;
  CheckAction revocation = CheckAction::enforce;
};

enum class TrustStoreKind { ca, signing_authority, tsa };
/// The name of the folder and the prefix in a policy. On disk: never change.
std::string_view to_text(TrustStoreKind kind);

struct TrustStoreName {
  TrustStoreKind kind = TrustStoreKind::ca;
  std::string name{};
  friend bool operator==(const TrustStoreName&, const TrustStoreName&) = default;
};

struct TrustStatement {
  std::string name{};
  std::vector<std::string> scopes{};  ///< `HOST/REPOSITORY`, or `*` alone; empty in blob documents
  bool global = false;                ///< blob documents: taken when no name is asked for
  bool skips = false;                 ///< level `skip`
  CheckActions actions{};
  bool timestamps_only_after_expiry = false;  ///< verifyTimestamp: afterCertExpiry
  std::vector<TrustStoreName> stores{};
  bool any_identity = false;  ///< trustedIdentities: *
  std::vector<NameAttributes> identities{};
};

enum class TrustPolicyKind { oci, blob };

class NotationPolicy {
 public:
  /// Errors: malformed (any rule of the document), unsupported (version, kind of identity), limit
  static Result<NotationPolicy> parse(std::string_view text, TrustPolicyKind kind);

  [[nodiscard]] const std::vector<TrustStatement>& statements() const { return statements_; }
  /// The statement for `HOST/REPOSITORY`: the one that names it, else the one of `*`.
  /// Errors: untrusted (none applies)
  [[nodiscard]] Result<TrustStatement> find_for(std::string_view scope) const;
  /// Blob documents: the statement of that name, or the global one when the name is empty.
  /// Errors: untrusted (none applies)
  [[nodiscard]] Result<TrustStatement> find_named(std::string_view name) const;

 private:
  explicit NotationPolicy(std::vector<TrustStatement> statements) : statements_(std::move(statements)) {}
  std::vector<TrustStatement> statements_;
};

}  // namespace davit::oci
