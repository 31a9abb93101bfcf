#include "cli/verify/trust_root.hpp"

#include <algorithm>

#include "cli/clock.hpp"
#include "cli/trust_folder.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::cli {

bool needs_trust_root(const oci::TrustPlan& plan) {
  const bool has_authority = !plan.sigstore.certificate_chain.empty();
  return std::ranges::any_of(
      plan.signers, [&](const oci::TrustedSigner& signer) { return signer.logged || (!signer.identities.empty() && !has_authority); });
}

Result<std::string> find_trust_root(const Context& context, const std::string& named) {
  if (!named.empty()) return named;
  return fetched_trusted_root(context);
}

Result<std::shared_ptr<const oci::TrustedRoot>> read_trust_root(const Context& context, const std::string& path) {
  TRY_ASSIGN(const Bytes content, oci::read_file(path, oci::k_max_trusted_root_bytes));
  auto root = oci::TrustedRoot::parse(as_text(content));
  if (!root) return std::move(root).error().in(path);
  context.explain("trust root " + path + ": " + root->summary(seconds_by_clock()));
  return std::make_shared<const oci::TrustedRoot>(*std::move(root));
}

Result<std::shared_ptr<const oci::TrustedRoot>> load_trust_root(Context& context, const std::string& path, const oci::TrustPlan& plan) {
  if (path.empty() && !needs_trust_root(plan)) return std::shared_ptr<const oci::TrustedRoot>{};
  TRY_ASSIGN(const std::string from, find_trust_root(context, path));
  if (from.empty()) {
    return fail(ErrorCode::usage, "certificates and logs count only by a trust root, and there is none")
        .hinting("name one with --trusted-root FILE, or fetch it with \"davit trust update\"");
  }
  return read_trust_root(context, from);
}

}  // namespace davit::cli
