// What `verify` is asked about: an artifact in a store, a file, or something known by its digest only.
#pragma once

#include <string>
#include <vector>

#include "cli/verify/options.hpp"

namespace davit::cli {

/// Where the signatures of a file are.
struct FileSignatureOptions {
  std::vector<std::string> bundles{};
  std::string signature{};       ///< base64 or raw, as cosign's --output-signature writes it; or a Notary envelope
  bool allow_truncated = false;  ///< signature inside a module: unsigned sections after the last signed part are let pass
};

struct VerifiedTarget {
  std::string name;  ///< what to print when it is accepted: the reference with its digest, or the digest
  oci::Verification verification;
  JsonObject capabilities{};  ///< the classes that the signed manifest announces
};

/// Errors: those of the store, usage, not_found, malformed, limit
Result<VerifiedTarget> verify_target(Context& context, const TrustOptions& trust, const FileSignatureOptions& file,
                                     const std::string& target);

}  // namespace davit::cli
