#include "oci/trust/sigstore/authority_examination.hpp"

#include "oci/trust/sigstore/trusted_root.hpp"

namespace davit::oci {
namespace {

// The certificates of the authority that the leaf names; nothing for every other, or where they cannot be read.
const std::vector<Certificate>* issuers_of(const Certificate& leaf, const AuthorityChain& chain) {
  const auto& certificates = chain.read();
  return certificates && certificates->front().subject_name() == leaf.issuer_name() ? &*certificates : nullptr;
}

bool is_known(const Certificate& leaf, const AuthorityChain& chain) {
  if (!chain.was_read()) return false;
  const auto* issuers = issuers_of(leaf, chain);
  return issuers == nullptr || issuers->size() == 1 || issuers->front().has_told_issuer();
}

std::vector<AuthorityChain> unknown_chains(const Certificate& leaf, const SigstoreTrust& trust) {
  std::vector<AuthorityChain> out;
  if (trust.root == nullptr || !trust.certificate_chain.empty()) return out;
  for (const TrustedAuthority& authority : trust.root->certificate_authorities())
    if (authority.valid.holds(leaf.not_before()) && !is_known(leaf, authority.chain)) out.push_back(authority.chain);
  return out;
}

void examine(const Certificate& leaf, const std::vector<AuthorityChain>& chains) {
  for (const AuthorityChain& chain : chains) {
    const auto* issuers = issuers_of(leaf, chain);
    if (issuers == nullptr) continue;
    for (std::size_t i = 1; i < issuers->size(); ++i) {
      static_cast<void>((*issuers)[i - 1].is_issued_by((*issuers)[i]));
      static_cast<void>((*issuers)[i - 1].signature_strength());  // OpenSSL reads the extensions when first asked
    }
  }
}

}  // namespace

AuthorityExamination::AuthorityExamination(const Certificate& leaf, const SigstoreTrust& trust)
    : chains_(unknown_chains(leaf, trust)),
      work_(chains_.empty() ? Start::when_wanted : Start::elsewhere, [this, &leaf] { examine(leaf, chains_); }) {}

}  // namespace davit::oci
