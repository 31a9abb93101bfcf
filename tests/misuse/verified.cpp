// Compiled twice by ctest: as it stands it must compile; with DAVIT_MISUSE it must not.
#include "oci/trust/verifier.hpp"

namespace davit::oci {

const Descriptor& needs_proof(const Verified& verified) { return verified.subject(); }

const Descriptor& with_proof(const Verification& verification) { return needs_proof(*verification.proof); }

#ifdef DAVIT_MISUSE
Verified without_proof(const Descriptor& subject) { return Verified(subject); }
#endif

}  // namespace davit::oci
