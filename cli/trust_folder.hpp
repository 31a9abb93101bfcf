// Where `trust update` keeps what it fetched.
#pragma once

#include <string>

#include "cli/context.hpp"

namespace davit::cli {

/// `$XDG_DATA_HOME/davit/tuf`, else `$HOME/.local/share/davit/tuf`. Not a cache: what is remembered there guards
/// against going back to older versions. Errors: usage (neither variable is set)
Result<std::string> trust_folder(const Context& context);

/// The trusted_root.json that was fetched last; empty when there is none. Says its age, and warns when it has expired.
Result<std::string> fetched_trusted_root(const Context& context);

}  // namespace davit::cli
