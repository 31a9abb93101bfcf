// Signs what stands under a digest, and attests to it, in the forms that exist in registries: Sigstore bundles in
// referrers (sign_bundle) and cosign's classic tags (sign_classic).
#pragma once

#include <string>
#include <vector>

#include "manifests/statement.hpp"
#include "oci/repository.hpp"
#include "oci/trust/prepared_entry.hpp"
#include "oci/trust/sigstore_signer.hpp"

namespace davit::oci {

struct SigningRequest {
  std::string identity{};     ///< classic: the repository's name in the payload; readers report it and do not judge it
  std::string created{};      ///< RFC 3339; bundle: the annotation `org.opencontainers.image.created`
  Annotations annotations{};  ///< what the signer wants to say besides; signed
  std::vector<SignatureFormat> formats{SignatureFormat::bundle};  ///< bundle and classic
};

/// Makes the signatures and stores none; when it returns, the signer is not needed any more.
/// Errors: those of the store and of the signer, unsupported
Result<std::vector<PreparedEntry>> prepare_signatures(Repository& repository, const Descriptor& subject, const SigstoreSigner& signer,
                                                      const SigningRequest& request);
/// The same for a statement about the manifest.
Result<std::vector<PreparedEntry>> prepare_attestations(Repository& repository, const Descriptor& subject, const Statement& statement,
                                                        const SigstoreSigner& signer, const SigningRequest& request);
Result<std::vector<SignatureEntry>> store_entries(Repository& repository, const std::vector<PreparedEntry>& prepared);

/// Signs a manifest that is in the repository. A form that already holds this key's signature is left as it is.
/// Errors: those of the store and of the signer, conflict (the classic tag kept changing)
Result<std::vector<SignatureEntry>> sign_manifest(Repository& repository, const Descriptor& subject, const SigstoreSigner& signer,
                                                  const SigningRequest& request);
/// The same with a key.
Result<std::vector<SignatureEntry>> sign_manifest(Repository& repository, const Descriptor& subject, const SigningKey& key,
                                                  const SigningRequest& request);

/// Signs a statement about a manifest that is in the repository.
Result<std::vector<SignatureEntry>> attest_manifest(Repository& repository, const Descriptor& subject, const Statement& statement,
                                                    const SigstoreSigner& signer, const SigningRequest& request);

/// The statement "this predicate is true of this digest".
Statement make_statement(const Digest& subject, const std::string& name, std::string predicate_type, Json predicate);

/// A bundle over a file: a signature over its bytes.
Result<std::string> sign_file(const SignedMessageView& file, const SigningKey& key);

/// The digest, the manifests an index holds, and theirs, each once; the first is `subject`.
/// Errors: those of the store, limit (number, depth)
Result<std::vector<Descriptor>> with_all_manifests(Repository& repository, const Descriptor& subject);

inline constexpr std::size_t k_max_signed_manifests = 1000;

}  // namespace davit::oci
