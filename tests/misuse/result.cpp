// Compiled twice by ctest: as it stands it must compile; with DAVIT_MISUSE it must not.
#include "manifests/digest.hpp"

namespace davit {

bool asks() { return Digest::parse("sha256:00").has_value(); }

#ifdef DAVIT_MISUSE
void drops() { Digest::parse("sha256:00"); }
#endif

}  // namespace davit
