// A statement that parses keeps to its bounds, is written and parsed again to the same, and is only about its digests.
#include "manifests/statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace davit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto statement = parse_statement(text);
  if (!statement) return 0;
  CHECK(!statement->subjects.empty() && statement->subjects.size() <= k_max_statement_subjects);
  const std::string written = write_statement(*statement);
  const auto again = parse_statement(written);
  CHECK(again.has_value() && write_statement(*again) == written);
  CHECK(again->subjects.size() == statement->subjects.size() && again->predicate_type == statement->predicate_type);
  for (const StatementSubject& subject : statement->subjects) {
    CHECK(!subject.digests.empty() && subject.digests.size() <= k_max_subject_digests);
    const auto sha256 = subject.digests.find("sha256");
    if (sha256 == subject.digests.end()) continue;
    const auto digest = Digest::parse("sha256:" + sha256->second);
    if (digest) CHECK(statement->is_about(*digest) && again->is_about(*digest));
  }
  // The digest of this very input stands in it only by a collision.
  CHECK(!statement->is_about(digest_of(text)));
  return 0;
}
