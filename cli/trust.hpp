// What commands share about keys and signatures: files and passwords to keys, findings to words.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/verify/options.hpp"
#include "manifests/reference.hpp"
#include "oci/repository.hpp"
#include "oci/trust/verifier.hpp"

namespace davit::cli {

/// Loads public keys from files, `env://` and `pkcs11:`; also takes none, which the verifier refuses.
Result<std::vector<oci::PublicKey>> load_public_keys(const Context& context, const std::vector<std::string>& paths);

/// Verifies and explains every finding on standard error; the proof, or the refusal as error.
/// Errors: untrusted, unsigned_content, usage (nothing to verify with), those of the store
Result<oci::Verified> require_verified(Context& context, oci::Repository& repository, const Reference& reference,
                                       const TrustOptions& options);

/// What to read in place of `target`: the verified digest; `target` itself when verification was not asked for.
/// Errors: those above; usage (a file)
Result<std::string> verified_target(Context& context, const std::string& target, const TrustOptions& options);

}  // namespace davit::cli
