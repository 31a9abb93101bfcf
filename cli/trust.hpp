// What commands share about keys and signatures: files and passwords to keys, findings to words.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "manifests/reference.hpp"
#include "oci/repository.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::cli {

/// Loads public keys; also takes none, which the verifier refuses.
Result<std::vector<oci::PublicKey>> load_public_keys(const std::vector<std::string>& paths);

/// Verifies and explains every finding on standard error; the proof, or the refusal as error.
/// Errors: untrusted, unsigned_content, usage (no key), those of the store
Result<oci::Verified> require_verified(const Context& context, oci::Repository& repository, const std::string& tag_or_digest,
                                       const std::vector<std::string>& key_files, std::uint64_t max_signatures);

void say_findings(const Context& context, const oci::Verification& verification);
Json findings_json(const oci::Verification& verification);

}  // namespace davit::cli
