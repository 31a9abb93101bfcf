// A timestamp authority on the network, as `--timestamp-url` names it.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "oci/trust/notation/sign.hpp"

namespace davit::cli {

/// Empty when the URL is. Errors: malformed (no URL)
Result<oci::AskTimestamp> timestamp_asker(Context& context, const std::string& url);

}  // namespace davit::cli
