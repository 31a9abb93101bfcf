// Canonical JSON in the form of the OLPC project, over which TUF's signatures and key ids are made: members sorted by
// name, no blanks, whole numbers only, and in texts only `"` and `\` escaped, all else as it is.
#pragma once

#include "manifests/json.hpp"

namespace davit::oci {

/// Errors: malformed (a number that is no whole number), limit (depth)
Result<Bytes> write_canonical(const Json& json);

}  // namespace davit::oci
