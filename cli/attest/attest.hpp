// Signs statements about what a store holds; shared by `attest` and `attach --sign`.
#pragma once

#include <string>
#include <vector>

#include "cli/attest/predicate.hpp"
#include "cli/sign/signers.hpp"
#include "manifests/reference.hpp"
#include "oci/repository.hpp"
#include "oci/trust/signer.hpp"

namespace davit::cli {

struct Attested {
  Digest subject;
  std::string signer;
  oci::SignatureEntry entry;
};

/// Signs "this predicate is true of this digest" of each subject by each signer and in each form, and says so on standard error.
/// @param signers  their keys are gone from memory before anything is stored
/// @param format   bundle, classic or both
Result<std::vector<Attested>> attest_in_store(const Context& context, oci::Repository& repository, const Reference& reference,
                                              const std::vector<Descriptor>& subjects, const Predicate& predicate, Signers signers,
                                              const std::string& format);

Json to_json(const std::vector<Attested>& attested);

}  // namespace davit::cli
