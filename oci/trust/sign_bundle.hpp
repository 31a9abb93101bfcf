// Writes Sigstore bundles into a repository: a manifest whose `subject` is the artifact and whose one layer is the
// bundle, with the members and annotations that cosign 3 writes. Nobody else's entry is ever touched.
#pragma once

#include <optional>

#include "manifests/statement.hpp"
#include "oci/repository.hpp"
#include "oci/trust/prepared_entry.hpp"
#include "oci/trust/sigstore_signer.hpp"

namespace davit::oci {

inline constexpr std::size_t k_max_own_candidates = 1000;  ///< bundles looked at for one that is there already

/// Signs the statement. A statement that this key signed before is not signed again; the plain signature
/// counts as the same whatever wrote it.
/// @param created  RFC 3339
/// Errors: those of the store and of the signer, limit (candidates)
Result<PreparedEntry> prepare_bundle(Repository& repository, const Descriptor& subject, const Statement& statement,
                                     const SigstoreSigner& signer, const std::string& created);

/// Stores a bundle that is made already.
Result<Digest> put_bundle(Repository& repository, const Descriptor& subject, const Bundle& bundle, const std::string& predicate_type,
                          const std::string& created);

}  // namespace davit::oci
