// in-toto Statement (in-toto/attestation, spec/v1/statement.md): "this predicate is true of these subjects".
// Subjects are matched by digest only: names are for people and prove nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/descriptor.hpp"
#include "manifests/digest.hpp"
#include "manifests/json.hpp"

namespace davit {

// On the wire: never change.
inline constexpr std::string_view k_statement_type = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view k_statement_type_v01 = "https://in-toto.io/Statement/v0.1";
inline constexpr std::string_view k_statement_payload_type = "application/vnd.in-toto+json";
/// "This artifact is signed", as cosign 3 says it.
inline constexpr std::string_view k_signature_predicate = "https://sigstore.dev/cosign/sign/v1";

inline constexpr std::size_t k_max_statement_subjects = 1024;
inline constexpr std::size_t k_max_subject_digests = 32;

struct StatementSubject {
  std::string name{};
  std::map<std::string, std::string> digests{};  ///< algorithm → hex, as received
  Annotations annotations{};
};

struct Statement {
  std::vector<StatementSubject> subjects;
  std::string predicate_type;
  Json predicate;

  /// Whether some subject is the content with this digest.
  [[nodiscard]] bool is_about(const Digest& digest) const;
};

/// Errors: malformed (text, missing member, no subject), unsupported (other statement type), limit
Result<Statement> parse_statement(std::string_view text);
/// Writes version 1; the same statement is always the same bytes.
std::string write_statement(const Statement& statement);

}  // namespace davit
