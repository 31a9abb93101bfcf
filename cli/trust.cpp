#include "cli/trust.hpp"

#include "cli/key_source.hpp"
#include "cli/stores.hpp"
#include "cli/verify/show.hpp"
#include "cli/verify/verifier_source.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {

Result<std::vector<oci::PublicKey>> load_public_keys(const Context& context, const std::vector<std::string>& paths) {
  std::vector<oci::PublicKey> keys;
  for (const std::string& path : paths) {
    const bool is_file = !path.starts_with("env://") && !path.starts_with("pkcs11:");
    TRY_ASSIGN(auto key, is_file ? read_public_key(path) : load_public_half(context, path, {}));
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<oci::Verified> require_verified(Context& context, oci::Repository& repository, const Reference& reference,
                                       const TrustOptions& options) {
  TRY_ASSIGN(const oci::Verifier verifier, make_verifier(context, options, &reference));
  TRY_ASSIGN(const oci::Verification verification, verifier.verify(repository, selector_of(reference)));
  say_verification(context, verification);
  if (!verification.proof) return oci::refusal(verification);
  return *verification.proof;
}

Result<std::string> verified_target(Context& context, const std::string& target, const TrustOptions& options) {
  if (!options.must_verify()) return target;
  TRY_ASSIGN(const Reference reference, parse_reference(target));
  if (std::holds_alternative<FileReference>(reference)) {
    return fail(ErrorCode::usage, "signatures are of artifacts in a store, and \"" + printable(target) + "\" is a file")
        .hinting("verify a file with: davit verify FILE --bundle FILE --key PUB");
  }
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const oci::Verified proof, require_verified(context, *repository, reference, options));
  return to_text(with_digest(reference, proof.digest()));
}

}  // namespace davit::cli
