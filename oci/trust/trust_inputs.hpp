// What a caller trusts, in words that every judge understands. Empty means nothing is accepted, never everything.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "oci/trust/keys.hpp"
#include "oci/trust/text_rule.hpp"

namespace davit::oci {

class TrustedRoot;  // sigstore/trusted_root.hpp

/// A signer known by certificate: the whole name and the whole issuer must fit, and every extension that is named.
struct IdentityRule {
  TextRule name;
  TextRule issuer;
  std::map<std::string, TextRule> extensions{};  ///< by their documented names, such as "sourceRepositoryURI"
};

/// What Sigstore signatures (bundle and classic) are held against.
struct SigstoreTrust {
  std::vector<PublicKey> keys{};
  std::vector<IdentityRule> identities{};
  /// Certificates of another authority (PEM, issuing first, root last): in place of the trust root's authorities.
  std::vector<std::string> certificate_chain{};
  /// Without one no certificate is accepted and no log or timestamp counts. Owners: the caller and every judge of the run.
  std::shared_ptr<const TrustedRoot> root{};
  std::size_t min_logs_with_key = 0;             ///< distinct transparency logs asked for when a key signed
  std::size_t min_logs_with_certificate = 1;     ///< when a certificate did
  std::size_t min_timestamps = 0;                ///< distinct timestamp authorities asked for
  std::size_t min_certificate_transparency = 1;  ///< distinct logs that promise the certificate
  std::int64_t now = 0;                          ///< seconds since 1970, UTC; nothing signed later than this is believed
};

}  // namespace davit::oci
