// Writes cosign's classic form: one more layer of the manifest at the tag `sha256-<hex>.sig` (signatures) or `.att`
// (attestations). All signers share that manifest and registries have no compare-and-swap, so it is read, checked to be
// unchanged, written, and read again; an entry that another writer dropped in between is put back.
#pragma once

#include <map>
#include <string>

#include "manifests/statement.hpp"
#include "oci/repository.hpp"
#include "oci/trust/prepared_entry.hpp"
#include "oci/trust/sigstore_signer.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_classic_layers = 1000;  ///< cosign's bound when appending

/// @param identity     the repository's name in the payload; readers report it and do not judge it
/// @param annotations  what the signer wants to say besides, in `optional`
/// Errors: those of the store and of the signer, limit (layers), conflict (the tag kept changing)
Result<PreparedEntry> prepare_classic_signature(Repository& repository, const Descriptor& subject, const std::string& identity,
                                                const Annotations& annotations, const SigstoreSigner& signer);

Result<PreparedEntry> prepare_classic_attestation(Repository& repository, const Descriptor& subject, const Statement& statement,
                                                  const SigstoreSigner& signer);

/// The exact bytes that a classic signature is over. Like Go's encoder, which the readers' tests were written with, it
/// writes `<`, `>` and `&` as escapes.
std::string make_simple_signing_payload(const Digest& subject, const std::string& identity, const Annotations& annotations);

}  // namespace davit::oci
