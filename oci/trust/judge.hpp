// Judges one candidate signature, given its bytes: no network, no state. The order is the point: exact bytes, then the
// signature over them, and only then is the signed payload parsed and compared with what was asked about.
#pragma once

#include <span>
#include <string_view>

#include "manifests/digest.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

inline constexpr std::uint64_t k_max_payload_bytes = 64 * 1024;

/// What a bundle is asked to speak about.
enum class BundleSubject {
  manifest,  ///< a statement with cosign's signature predicate is required
  file       ///< that, or a signature over the file itself
};

/// @param digest  sha256 of the manifest or file
Finding judge_bundle(std::string_view text, const Digest& digest, BundleSubject subject, std::span<const PublicKey> keys);

/// The classic form: `payload` is the simple signing document, `signature` the text of its annotation (base64).
Finding judge_classic(ByteView payload, std::string_view signature, const Digest& digest, std::span<const PublicKey> keys);

// Of the classic form; on the wire: never change.
inline constexpr std::string_view k_simple_signing_type = "cosign container image signature";

}  // namespace davit::oci
