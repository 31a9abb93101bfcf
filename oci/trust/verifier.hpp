// Decides whether an artifact may be trusted.
//
// A tag is resolved once; everything after that is about the digest. Candidates come from every place a signature
// can be: manifests whose subject is the digest (bundles) and the tag `sha256-<hex>.sig` (classic). They are counted
// and bounded before they are fetched, each is judged by judge.hpp, and one that was accepted is enough.
//
// Three ways to fail are kept apart: the artifact holds no signature (unsigned_content); it holds some and none is
// accepted (untrusted); a place could not be asked (the store's own error). The last two never become the first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/descriptor.hpp"
#include "oci/repository.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

struct VerifierOptions {
  std::size_t max_signatures = 100;  ///< candidates looked at; more are an error (cosign's number)
  bool bundles = true;
  bool classic = true;
};

/// Proof that a signature over `subject` was accepted. Only a Verifier can make one, so what takes a
/// `const Verified&` cannot be reached without the check.
class Verified {
 public:
  [[nodiscard]] const Descriptor& subject() const noexcept { return subject_; }

 private:
  friend class Verifier;
  explicit Verified(Descriptor subject) : subject_(std::move(subject)) {}
  Descriptor subject_;
};

/// Every candidate with its finding, and the proof when one was accepted.
struct Verification {
  Descriptor subject;
  std::vector<Finding> findings{};
  std::optional<Verified> proof{};
};

/// Why there is no proof: unsigned_content when there were no candidates, else untrusted.
Error refusal(const Verification& verification);

class Verifier {
 public:
  /// Errors: usage (no key)
  static Result<Verifier> make(std::vector<PublicKey> keys, VerifierOptions options);

  /// Errors: those of the store, limit (too many candidates). A verification without proof is not an error here:
  /// the caller shows the findings and then returns `refusal`.
  [[nodiscard]] Result<Verification> verify(Repository& repository, const std::string& tag_or_digest) const;

  /// A file with its bundle beside it.
  /// @param file  sha256 and size of the file
  [[nodiscard]] Verification verify_file(const Descriptor& file, std::string_view bundle) const;

 private:
  Verifier(std::vector<PublicKey> keys, VerifierOptions options) : keys_(std::move(keys)), options_(options) {}
  std::vector<PublicKey> keys_;
  VerifierOptions options_;
};

/// The tag that holds classic signatures of a digest: `sha256-<hex>.sig`.
std::string classic_signature_tag(const Digest& digest);

// On the wire: never change.
inline constexpr std::string_view k_simple_signing_media_type = "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr std::string_view k_classic_signature_annotation = "dev.cosignproject.cosign/signature";

}  // namespace davit::oci
