// Predicates of attestations: a file's content, checked to be what the type says where that is cheap to see.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "manifests/json.hpp"

namespace davit::cli {

struct Predicate {
  std::string type;  ///< URI
  Json content;
};

/// @param type  a short name (`spdx`, `slsaprovenance1`) or a URI
/// Errors: usage (no such type), not_found, malformed (no JSON, or not what the type says), limit
Result<Predicate> load_predicate(const Context& context, const std::string& type, const std::string& path);

/// Whether a document has the members that its type asks for; other types are taken as they are.
/// Errors: malformed (which member)
Result<void> check_predicate_form(const std::string& type_uri, const Json& document);

}  // namespace davit::cli
