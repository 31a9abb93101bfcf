// Signs what stands under a digest, in the two forms that exist in registries.
//
// Bundle (default): the statement "this digest, predicate https://sigstore.dev/cosign/sign/v1" in a DSSE envelope in a
// Sigstore bundle, stored as a manifest whose `subject` is the artifact. Nobody else's entry is ever touched.
//
// Classic: a simple signing payload as one more layer of the manifest at the tag `sha256-<hex>.sig`. All signers share
// that manifest and registries have no compare-and-swap, so it is read, checked to be unchanged, written, and read
// again; an entry that another writer dropped in between is put back.
#pragma once

#include <string>
#include <vector>

#include "oci/repository.hpp"
#include "oci/trust/finding.hpp"
#include "oci/trust/keys.hpp"

namespace davit::oci {

struct SigningRequest {
  std::string identity{};  ///< classic: the repository's name in the payload; readers report it and do not judge it
  std::string created{};   ///< RFC 3339; bundle: the annotation `org.opencontainers.image.created`
  std::vector<SignatureFormat> formats{SignatureFormat::bundle};
};

struct SignatureEntry {
  SignatureFormat format;
  Digest manifest;     ///< the manifest that holds it
  bool added = false;  ///< false: this key's signature was there already
};

/// Signs a manifest that is in the repository. A form that already holds this key's signature is left as it is.
/// Errors: those of the store, conflict (the classic tag kept changing)
Result<std::vector<SignatureEntry>> sign_manifest(Repository& repository, const Descriptor& subject, const SigningKey& key,
                                                  const SigningRequest& request);

/// A bundle over a file: a signature over its bytes.
Result<std::string> sign_file(const SignedMessageView& file, const SigningKey& key);

}  // namespace davit::oci
