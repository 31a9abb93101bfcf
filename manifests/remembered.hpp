// What a packaging does not say the way its source said it, kept beside what it does say (`dev.davit.package`):
// `lost`, what it cannot hold, and `invented`, what it had to say instead or because it must say something. Whoever reads
// the packaging takes away what was invented, unless somebody changed it since, and adds what was lost.
#pragma once

#include <string>
#include <string_view>

#include "manifests/package.hpp"

namespace davit {

struct Remembered {
  PackageDescription lost{};
  PackageDescription invented{};  ///< companions are digests of their texts
};

/// Compares what was to be said with what a packaging says. Texts, lists and documents differ as a whole; labels,
/// annotations, companions and other members of a configuration name by name. The time 1970-01-01 is nobody's.
Remembered difference(const PackageDescription& wanted, const PackageDescription& said);

/// The text for `dev.davit.package`; empty when there is nothing to remember.
std::string to_text(const Remembered& remembered);

/// Errors: malformed, limit
Result<Remembered> parse_remembered(std::string_view text);

/// What a packaging says, and what it remembers, together: what its source said.
PackageDescription restore(PackageDescription said, const Remembered& remembered);

}  // namespace davit
