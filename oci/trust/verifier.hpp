// Decides whether an artifact may be trusted; every command that depends on it comes through here.
//
// A tag is resolved once; everything after that is about the digest, which is what signatures name. The artifact itself is
// asked for only where something depends on it: for its size and type, which Notary signatures name as well, and to tell
// one that is not signed from one that is not there. Every place that can hold signatures is asked
// (candidates.hpp), each candidate is judged by the judge of its form, accepted ones are put down to the plan's signers,
// and the plan's demands are answered one by one.
//
// The ways to fail are kept apart: the artifact holds no signature (unsigned_content); it holds some and they do not do
// (untrusted, each with its reason); a place could not be asked (the store's own error). The last never becomes the first.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "manifests/digest.hpp"
#include "oci/repository.hpp"
#include "oci/trust/candidates.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/judge.hpp"
#include "oci/trust/trust_plan.hpp"
#include "oci/trust/wasm_judge.hpp"

namespace davit::oci {

/// Proof that a verification passed. Only a Verifier can make one, so what takes a `const Verified&` cannot be reached
/// without the check.
class Verified {
 public:
  [[nodiscard]] const Digest& digest() const noexcept { return digest_; }

 private:
  friend class Verifier;
  explicit Verified(Digest digest) : digest_(std::move(digest)) {}
  Digest digest_;
};

/// Every candidate with its finding, every place that was asked, the answers, and the proof when all demands are met.
struct Verification {
  Digest digest;  ///< of what was verified
  std::vector<Finding> findings{};
  std::vector<PlaceAsked> places{};
  Decision decision{};
  std::optional<Verified> proof{};
};

/// Why there is no proof: unsigned_content when there were no candidates, else untrusted.
Error refusal(const Verification& verification);

/// Another thing that must hold of the artifact, such as what it may touch; asked only when the signatures do.
/// Errors: those of the store, capability_refused
using ContentCheck = std::function<Result<Decision>(const Digest& artifact)>;

struct VerifierOptions {
  std::size_t max_signatures = 100;  ///< candidates looked at; more are an error
  bool bundles = true;               ///< look at referrers
  bool classic = true;               ///< look at the tags of the classic form
  bool at_once = false;              ///< ask several things at the same time; only where the store allows several threads
  ContentCheck content_check{};
};

/// A signature of a file, in a file of its own.
struct DetachedSignature {
  Bytes signature;
};
using FileSignature = std::variant<BundleText, DetachedSignature, NotationEnvelope, WasmSignature>;

class Verifier {
 public:
  /// Errors: usage (no signer, no demand, a demand that nobody can meet)
  static Result<Verifier> make(TrustPlan plan, VerifierOptions options);
  /// One signature by any of these keys.
  static Result<Verifier> make(std::vector<PublicKey> keys, VerifierOptions options);

  /// Errors: those of the store, limit (too many candidates). A verification without proof is not an error here:
  /// the caller shows the findings and then returns `refusal`.
  [[nodiscard]] Result<Verification> verify(Repository& repository, const std::string& tag_or_digest) const;

  /// A file, or something known by its digest only, with its signatures.
  [[nodiscard]] Verification verify_file(const ArtifactView& file, const std::vector<FileSignature>& signatures) const;

  [[nodiscard]] const TrustPlan& plan() const noexcept { return plan_; }

 private:
  Verifier(TrustPlan plan, VerifierOptions options) : plan_(std::move(plan)), options_(std::move(options)) {}
  [[nodiscard]] Finding judge(const Candidate& candidate, const Question& question) const;
  [[nodiscard]] Finding judge_by_signers(const NotationEnvelope& envelope, const ArtifactView& artifact) const;
  void keep(Verification& verification, Finding finding) const;
  void decide(Verification& verification) const;
  [[nodiscard]] SearchOptions search_options() const;
  TrustPlan plan_;
  VerifierOptions options_;
};

/// One signature by any of these keys; the shape of `--key`.
TrustPlan plan_for_keys(std::vector<PublicKey> keys);

}  // namespace davit::oci
