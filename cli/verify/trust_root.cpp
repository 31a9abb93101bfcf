#include "cli/verify/trust_root.hpp"

#include <algorithm>

#include "cli/clock.hpp"
#include "cli/trust_folder.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::cli {
namespace {

bool needs_root(const oci::TrustPlan& plan) {
  const bool has_authority = !plan.sigstore.certificate_chain.empty();
  return std::ranges::any_of(
      plan.signers, [&](const oci::TrustedSigner& signer) { return signer.logged || (!signer.identities.empty() && !has_authority); });
}

}  // namespace

Result<std::shared_ptr<const oci::TrustedRoot>> load_trust_root(Context& context, const std::string& path, const oci::TrustPlan& plan) {
  std::string from = path;
  if (from.empty()) {
    if (!needs_root(plan)) return std::shared_ptr<const oci::TrustedRoot>{};
    TRY_ASSIGN(from, fetched_trusted_root(context));
  }
  if (from.empty()) {
    return fail(ErrorCode::usage, "certificates and logs count only by a trust root, and there is none")
        .hinting("name one with --trusted-root FILE, or fetch it with \"davit trust update\"");
  }
  TRY_ASSIGN(const Bytes content, oci::read_file(from, oci::k_max_trusted_root_bytes));
  auto root = oci::TrustedRoot::parse(as_text(content));
  if (!root) return std::move(root).error().in(from);
  context.explain("trust root " + from + ": " + root->summary(seconds_by_clock()));
  return std::make_shared<const oci::TrustedRoot>(*std::move(root));
}

}  // namespace davit::cli
