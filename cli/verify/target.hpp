// What `verify` is asked about: an artifact in a store, a file, or something known by its digest only.
//
// A verification has two halves. The first reads options, opens stores and may ask the user: one thread does that, in the
// order of a list. The second asks the store and judges; it touches nothing that another one does, whatever thread it is on.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/verify/options.hpp"
#include "cli/verify/verifier_source.hpp"
#include "oci/repository.hpp"

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

/// The second half. Errors: those of the store, usage, not_found, malformed, limit
using PreparedVerification = std::function<Result<VerifiedTarget>()>;

/// Prepares the verifications of one run.
class Verifications {
 public:
  /// All must outlive it, and it what it prepared.
  Verifications(Context& context, const TrustOptions& trust, const FileSignatureOptions& file, bool many)
      : context_(context), file_(file), verifiers_(context, trust, many) {}

  /// Errors: usage, not_found, malformed, untrusted (the policy refuses)
  Result<PreparedVerification> prepare(const std::string& target);

 private:
  Result<PreparedVerification> prepare_in_store(const Reference& reference);
  Result<PreparedVerification> prepare_file(const std::string& path);
  Result<PreparedVerification> prepare_digest(const Digest& digest);
  Result<std::shared_ptr<oci::Repository>> open(const Reference& reference);

  Context& context_;
  const FileSignatureOptions& file_;
  VerifierSource verifiers_;
  /// By name; with the tokens they were given, which is why they are not kept for long.
  struct Kept {
    std::shared_ptr<oci::Repository> repository;
    std::chrono::steady_clock::time_point since;
  };
  std::map<std::string, Kept> registries_{};
};

/// Both halves. Errors: those of both
Result<VerifiedTarget> verify_target(Context& context, const TrustOptions& trust, const FileSignatureOptions& file,
                                     const std::string& target);

}  // namespace davit::cli
