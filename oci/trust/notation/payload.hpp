// What a signature of the Notary Project says: {"targetArtifact": {"mediaType", "digest", "size", "annotations"?}}.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "manifests/descriptor.hpp"
#include "manifests/result.hpp"

namespace davit::oci {

/// The digest stays a text: files are named by sha256, sha384 or sha512, as the signer's key is long.
struct NotationTarget {
  std::string media_type{};
  std::string digest{};
  std::uint64_t size = 0;
  Annotations annotations{};  ///< what the signer wanted to say besides
};

/// Errors: malformed (form, a member that is missing or unknown)
Result<NotationTarget> parse_notation_payload(std::string_view text);
/// Members in the order in which writers of the Notary Project's COSE have them.
std::string write_notation_payload(const NotationTarget& target);

}  // namespace davit::oci
