// Who is asked over the network whether a certificate was taken back.
#pragma once

#include <memory>

#include "cli/context.hpp"
#include "oci/trust/notation/revocation.hpp"

namespace davit::cli {

/// OCSP responders and revocation lists, with the times that notation gives them (2 and 5 seconds). Lists are
/// kept in $XDG_CACHE_HOME/davit/revocation, else ~/.cache/davit/revocation. Opens nothing by itself; for runs that are not offline. The
/// context must outlive it.
std::shared_ptr<const oci::RevocationSource> online_revocation(const Context& context);

}  // namespace davit::cli
