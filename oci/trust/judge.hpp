// Judges one candidate signature, given its bytes: no network, no clock, no state. The order is the point: exact bytes,
// then the signature over them, and only then is the signed payload parsed and compared with what was asked about.
#pragma once

#include <string>
#include <string_view>

#include "manifests/digest.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/signed_message.hpp"
#include "oci/trust/trust_inputs.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_payload_bytes = 64 * 1024;
/// An attestation in the classic form; cosign's own limit is far higher, and nothing honest needs it.
inline constexpr std::uint64_t k_max_attestation_bytes = std::uint64_t{4} << 20;

/// What is asked about: a manifest in a store, or a file.
struct ArtifactView {
  Digest digest;  ///< sha256
  std::uint64_t size = 0;
  std::string media_type{};
  SignedMessageView message;  ///< of a manifest as a rule only its digest
  bool is_file = false;       ///< then a bundle may hold a signature over the bytes themselves
};

struct Question {
  ArtifactView artifact;
  /// Empty: a signature (cosign's predicate, or the signature of a file itself); else an attestation of this type.
  std::string predicate_type{};
  bool any_predicate = false;  ///< any statement counts, and a signature too
  bool lax_type = false;       ///< another type is let pass with a warning, as the peers do
};

/// An artifact known by its digest only.
Question signature_question(const Digest& sha256, bool is_file);

Finding judge_bundle(std::string_view text, const Question& question, const SigstoreTrust& trust);

/// One layer of the classic form: its bytes and the texts of its annotations, empty when absent.
struct ClassicEntry {
  ByteView payload;                                           ///< simple signing document, or the DSSE envelope of an attestation
  std::string signature{};                                    ///< `dev.cosignproject.cosign/signature`
  std::string certificate{}, chain{}, bundle{}, timestamp{};  ///< `dev.sigstore.cosign/…`
  bool attestation = false;                                   ///< the layer is an envelope
};

Finding judge_classic(const ClassicEntry& entry, const Question& question, const SigstoreTrust& trust);

// Of the classic form; on the wire: never change.
inline constexpr std::string_view k_simple_signing_type = "cosign container image signature";

}  // namespace davit::oci
