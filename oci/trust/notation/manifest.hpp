// How an envelope lies in a store (specifications/signature-specification.md, "Storage"): a manifest whose `subject` is
// the artifact, with exactly one layer, the envelope. Its type is said in one of two ways: `artifactType` with the empty
// configuration, or, as notation wrote until 1.3, the media type of the configuration.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "manifests/image_manifest.hpp"
#include "oci/repository.hpp"
#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/finding.hpp"

namespace davit::oci {

// On the wire: never change.
inline constexpr std::string_view k_notation_artifact_type = "application/vnd.cncf.notary.signature";
inline constexpr std::string_view k_thumbprint_annotation = "io.cncf.notary.x509chain.thumbprint#S256";

struct NotationCandidate {
  Descriptor envelope;  ///< its media type is that of the form
  SignatureFormat format = SignatureFormat::notation_jws;
};

/// Whether a listing's entry may be one: by the type it is listed with, which is the store's word.
bool may_be_notation(const Descriptor& referrer);

/// Nothing when the manifest is something else.
/// Errors: malformed (it says that it is one and is not whole, or is about another subject), unsupported (media type),
/// limit (an envelope that is said to be too large)
Result<std::optional<NotationCandidate>> find_notation_candidate(const ImageManifest& manifest, const Digest& subject);

/// Stores an envelope beside its subject and returns the manifest's descriptor.
/// @param created  RFC 3339
Result<Descriptor> put_notation_envelope(Repository& repository, const Descriptor& subject, ByteView envelope, std::string_view media_type,
                                         std::span<const Certificate> chain, const std::string& created);

}  // namespace davit::oci
