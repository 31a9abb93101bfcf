// Finds everything in a store that may be a signature or an attestation of one digest, in every place that tools write
// to. What is found is untrusted: it is bounded, counted and fetched here, compared with its digest, and judged elsewhere.
//
//   referrers              Sigstore bundles; Notary Project signatures; cosign's OCI 1.1 mode
//   tag sha256-<hex>.sig   classic signatures, one layer each
//   tag sha256-<hex>.att   classic attestations, one layer each
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "manifests/digest.hpp"
#include "oci/ask.hpp"
#include "oci/repository.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/judge.hpp"

namespace davit::oci {

struct BundleText {
  Bytes text;
};

/// A layer of the classic form. The payload that is judged is this one; that of `entry` is set when it is.
struct ClassicLayer {
  Bytes payload;
  ClassicEntry entry{};
};

struct NotationEnvelope {
  Bytes envelope;
  std::string media_type;
};

/// It is there and cannot be looked at: why.
struct Unreadable {
  Refusal refusal = Refusal::malformed;
  std::string reason{};
};

struct Candidate {
  SignatureFormat format = SignatureFormat::bundle;
  std::string digest{};  ///< of the manifest or layer that holds it
  std::variant<BundleText, ClassicLayer, NotationEnvelope, Unreadable> content{};
};

/// One place that was asked, and what it answered.
struct PlaceAsked {
  std::string name{};
  std::size_t candidates = 0;
  std::size_t others = 0;          ///< referrers that are no signatures
  std::optional<Error> failure{};  ///< it could not be asked, or something in it could not be fetched
};

struct SearchOptions {
  std::size_t max_candidates = 100;  ///< more are an error (cosign's number)
  bool referrers = true;
  bool signature_tag = true;
  bool attestation_tag = false;
  bool at_once = false;  ///< ask all places at the same time; only where the store allows several threads
};

/// One look at every place of one store for what may be signatures of one digest.
class CandidateSearch {
 public:
  /// Asks the places already where `at_once` is set; else in run().
  /// @param repository  must outlive it
  CandidateSearch(Repository& repository, Digest subject, const SearchOptions& options);
  CandidateSearch(const CandidateSearch&) = delete;
  CandidateSearch& operator=(const CandidateSearch&) = delete;
  ~CandidateSearch() = default;
  /// Hands out candidates one by one; nothing is kept.
  /// @return the places in the order asked. Places that fail are in the answer, since an accepted signature is one wherever
  ///         it lies; the caller must not take a failed place for an empty one.
  /// Errors: limit (too many candidates)
  Result<std::vector<PlaceAsked>> run(const std::function<void(Candidate)>& found) const;

 private:
  struct TagAsked {
    std::string tag;
    Asked<RawManifest> manifest;
  };
  Repository& repository_;
  Digest subject_;
  SearchOptions options_;
  std::optional<Asked<AllReferrers>> referrers_{};
  std::list<TagAsked> tags_{};
};

/// `sha256-<hex>.sig`, `sha256-<hex>.att`.
std::string classic_signature_tag(const Digest& digest);
std::string classic_attestation_tag(const Digest& digest);

// On the wire: never change.
inline constexpr std::string_view k_simple_signing_media_type = "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr std::string_view k_envelope_media_type = "application/vnd.dsse.envelope.v1+json";
inline constexpr std::string_view k_classic_signature_annotation = "dev.cosignproject.cosign/signature";
inline constexpr std::string_view k_certificate_annotation = "dev.sigstore.cosign/certificate";
inline constexpr std::string_view k_chain_annotation = "dev.sigstore.cosign/chain";
inline constexpr std::string_view k_log_annotation = "dev.sigstore.cosign/bundle";
inline constexpr std::string_view k_timestamp_annotation = "dev.sigstore.cosign/rfc3161timestamp";
inline constexpr std::string_view k_cosign_signature_artifact = "application/vnd.dev.cosign.artifact.sig.v1+json";

}  // namespace davit::oci
