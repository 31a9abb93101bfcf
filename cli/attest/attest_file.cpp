#include "cli/attest/attest_file.hpp"

#include <filesystem>

#include "manifests/encoding.hpp"
#include "manifests/statement.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/signer.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_statement_bytes = std::uint64_t{2} << 20;

}  // namespace

StatementText state_of_file(const std::string& path, const Digest& digest, const Predicate& predicate) {
  const std::string name = std::filesystem::path(path).filename().string();
  const Statement statement = oci::make_statement(digest, name, predicate.type, predicate.content);
  return {.bytes = to_bytes(write_statement(statement)), .predicate_type = predicate.type};
}

Result<StatementText> load_statement(const std::string& path, const std::optional<Digest>& about) {
  TRY_ASSIGN(Bytes content, oci::read_file(path, k_max_statement_bytes));
  const auto statement = parse_statement(as_text(content));
  if (!statement) return Error(statement.error()).in(path);
  if (statement->predicate_type.empty())
    return fail(ErrorCode::malformed, "the statement does not say of which type its predicate is").in(path);
  if (about && !statement->is_about(*about)) {
    return fail(ErrorCode::mismatch, "the statement is not about " + about->text() + ", the digest of the file").in(path);
  }
  return StatementText{.bytes = std::move(content), .predicate_type = statement->predicate_type};
}

Result<void> attest_into_file(const StatementText& statement, const Signers& signers, const std::string& bundle) {
  if (signers.all().size() > 1) {
    return fail(ErrorCode::usage, "a bundle file holds the signature of one key").hinting("attest once for each key, into different files");
  }
  TRY_ASSIGN(const oci::Bundle made,
             signers.all().front()->sign_envelope(
                 {.payload_type = std::string(k_statement_payload_type), .payload = statement.bytes, .signatures = {}}));
  return oci::write_file(bundle, as_bytes(oci::write_bundle(made) + "\n"));
}

}  // namespace davit::cli
