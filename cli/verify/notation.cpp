#include "cli/verify/notation.hpp"

#include <filesystem>

#include "cli/revocation.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/notation/judge.hpp"
#include "oci/trust/notation/trust_store.hpp"
#include "oci/trust/pem.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_signer_name = "notation";

// Whether a certificate was taken back is asked only where connections are allowed; unknown is never good.
void add_signer(Context& context, const TrustOptions& options, oci::NotationTrust trust, oci::TrustPlan& plan) {
  if (!options.offline) trust.revocation = online_revocation(context);
  plan.signers.push_back({.name = std::string(k_signer_name), .notation = std::make_shared<const oci::NotationTrust>(std::move(trust))});
}

Result<void> add_from_policy(Context& context, const TrustOptions& options, const std::string& folder, const oci::LoadedPolicy& loaded,
                             const Reference* reference, oci::TrustPlan& plan) {
  for (const std::string& warning : loaded.warnings) context.warn(warning);
  auto statement = reference == nullptr ? loaded.policy.find_named("") : loaded.policy.find_for(policy_name_of(*reference));
  if (!statement) return std::move(statement).error().in(loaded.path);
  TRY_ASSIGN(oci::NotationTrust trust, oci::load_notation_trust(folder, *statement));
  add_signer(context, options, std::move(trust), plan);
  return {};
}

}  // namespace

std::string notation_folder(const Context& context) {
  if (const auto config = context.environment("XDG_CONFIG_HOME")) return *config + "/notation";
  return context.environment("HOME").value_or("") + "/.config/notation";
}

Result<void> add_notation_signer(Context& context, const TrustOptions& options, const Reference* reference,
                                 const std::vector<oci::IdentityRule>& names, oci::TrustPlan& plan) {
  const std::string folder = notation_folder(context);
  const auto kind = reference == nullptr ? oci::TrustPolicyKind::blob : oci::TrustPolicyKind::oci;
  if (!options.trust_policy.empty()) {
    TRY_ASSIGN(const oci::LoadedPolicy loaded, oci::load_policy_file(options.trust_policy, kind));
    return add_from_policy(context, options, folder, loaded, reference, plan);
  }
  if (!options.certificate_chain.empty() && options.trusted_root.empty()) {
    TRY_ASSIGN(const Bytes content, oci::read_file(options.certificate_chain, oci::k_max_pem_bytes));
    auto chain = oci::Certificate::parse_pem_chain(as_text(content));
    if (!chain) return std::move(chain).error().in(options.certificate_chain);
    add_signer(context, options, oci::trust_in_chain(*std::move(chain), names), plan);
    return {};
  }
  if (options.given()) return {};
  auto loaded = oci::load_notation_policy(folder, kind);
  if (!loaded && loaded.error().code == ErrorCode::not_found) return {};
  if (!loaded) return std::move(loaded).error();
  context.say("verifying by notation's trust policy " + loaded->path);
  return add_from_policy(context, options, folder, *loaded, reference, plan);
}

}  // namespace davit::cli
