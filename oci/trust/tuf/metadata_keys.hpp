// Keys as TUF metadata writes them: {"keytype", "scheme", "keyval": {"public"}}, by key id.
#pragma once

#include "oci/trust/tuf/metadata.hpp"

namespace davit::oci {

/// Keys of kinds that are not known stay without a key. Errors: malformed, limit
Result<TufKeys> parse_tuf_keys(const JsonView& json);

}  // namespace davit::oci
