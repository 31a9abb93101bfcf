// The authority's own certificates: reading them and checking their signatures takes as long as all else that is judged
// about a signature. That goes on beside the caller's work as soon as the leaf says who issued it; the certificates remember
// what was found for whoever walks the chain.
#pragma once

#include <vector>

#include "manifests/side_work.hpp"
#include "oci/trust/crypto/certificate.hpp"
#include "oci/trust/sigstore/authority_chain.hpp"
#include "oci/trust/trust_inputs.hpp"

namespace davit::oci {

class AuthorityExamination {
 public:
  /// Begins, unless all is known already or there is no second processor. `leaf` must outlive it.
  AuthorityExamination(const Certificate& leaf, const SigstoreTrust& trust);

 private:
  std::vector<AuthorityChain> chains_;
  SideWork work_;  ///< last: it uses the above
};

}  // namespace davit::oci
