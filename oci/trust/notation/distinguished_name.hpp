// Distinguished names in the text form of RFC 4514, with the rules of the Notary Project's trust policy: every
// attribute type at most once, no multi-valued parts, no `=#`; C, ST (also written S) and O must be there.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "manifests/result.hpp"

namespace davit::oci {

/// Attribute type → value; types in capitals, `S` as `ST`.
using NameAttributes = std::map<std::string, std::string>;

/// Errors: malformed (form, `=#`, a type twice, several in one part, C, ST or O missing), limit (over 4 KiB)
Result<NameAttributes> parse_name_rule(std::string_view text);

/// Whether all attributes of the rule stand in the name with the same values.
bool is_contained(const NameAttributes& rule, const NameAttributes& name);

/// The text of RFC 4514, for people: attributes sorted by type.
std::string to_text(const NameAttributes& name);

}  // namespace davit::oci
