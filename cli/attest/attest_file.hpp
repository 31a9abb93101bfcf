// Signs statements into bundle files: about a file, or as somebody else wrote them down.
#pragma once

#include <optional>
#include <string>

#include "cli/attest/predicate.hpp"
#include "cli/sign/signers.hpp"
#include "manifests/digest.hpp"

namespace davit::cli {

/// A statement as the bytes that are signed, and what it says.
struct StatementText {
  Bytes bytes;
  std::string predicate_type;
};

/// "This predicate is true of this file".
StatementText state_of_file(const std::string& path, const Digest& digest, const Predicate& predicate);

/// Somebody's statement, to be signed byte for byte.
/// @param about  what must be one of its subjects; nothing when it names them by itself
/// Errors: not_found, malformed, unsupported, limit, mismatch (it is about something else)
Result<StatementText> load_statement(const std::string& path, const std::optional<Digest>& about);

/// Signs it by the one signer and writes the bundle. Errors: usage (several signers), those of the signer
Result<void> attest_into_file(const StatementText& statement, const Signers& signers, const std::string& bundle);

}  // namespace davit::cli
