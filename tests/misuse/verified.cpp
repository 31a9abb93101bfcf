// Compiled twice by ctest: as it stands it must compile; with DAVIT_MISUSE it must not.
#include "oci/trust/verifier.hpp"

namespace davit::oci {

const Digest& needs_proof(const Verified& verified) { return verified.digest(); }

const Digest& with_proof(const Verification& verification) { return needs_proof(*verification.proof); }

#ifdef DAVIT_MISUSE
Verified without_proof(const Digest& digest) { return Verified(digest); }
#endif

}  // namespace davit::oci
