// Referrers of a manifest (distribution-spec 1.1, "Listing Referrers"): the API, else the index under the fallback
// tag `ALG-HEX`, which the client itself keeps when the registry does not answer a push with `OCI-Subject`.
#pragma once

#include "oci/registry/client.hpp"
#include "oci/repository.hpp"

namespace davit::oci {

/// Stores a manifest; returns whether the registry itself keeps track of its subject.
Result<bool> put_manifest_bytes(RegistryClient& client, const RawManifest& manifest, const std::optional<std::string>& tag);

Result<std::vector<Descriptor>> fetch_referrers(RegistryClient& client, Repository& repository, const Digest& subject,
                                                const std::string& artifact_type);

/// Both lists as one, each manifest once.
Result<AllReferrers> fetch_all_referrers(RegistryClient& client, Repository& repository, const Digest& subject, bool at_once);

Result<void> add_to_fallback_index(RegistryClient& client, Repository& repository, const Digest& subject, const Descriptor& entry);
Result<void> remove_from_fallback_index(RegistryClient& client, Repository& repository, const Digest& subject, const Digest& gone);

}  // namespace davit::oci
