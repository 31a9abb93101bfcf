#include "cli/verify/many.hpp"

#include <fstream>
#include <iostream>

#include "cli/exit_code.hpp"
#include "cli/verify/show.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_line_bytes = 4096;

// The next line that names something; nothing at the end.
Result<std::optional<std::string>> next_target(std::istream& lines) {
  std::string line;
  while (std::getline(lines, line)) {
    if (line.size() > k_max_line_bytes)
      return fail(ErrorCode::limit, "a line of " + std::to_string(line.size()) + " bytes is no reference");
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty() && line.front() != '#') return std::optional(std::move(line));
  }
  return std::optional<std::string>{};
}

std::optional<Error> refusal_of(const Result<VerifiedTarget>& result) {
  if (!result) return result.error();
  if (result->verification.proof) return std::nullopt;
  return oci::refusal(result->verification);
}

// One answer; what goes wrong with one artifact is about that one and does not stop the others.
Result<void> answer(Context& context, const std::string& target, const Result<VerifiedTarget>& result, const std::optional<Error>& error) {
  if (context.common.json) {
    JsonObject line{{"target", target}, {"verified", !error}, {"exitStatus", error ? exit_code(error->code) : 0}};
    if (result) line.set("digest", result->verification.subject.digest.text());
    if (error) line.set("reason", error->message);
    if (result) line.set("signatures", findings_json(result->verification));
    TRY(context.print_json(std::move(line)));
  } else if (!error) {
    TRY(context.print(result->name + "\n"));
  } else {
    context.warn(printable(target) + ": " + error->message);
  }
  return {};
}

}  // namespace

Result<int> verify_many(Context& context, const TrustOptions& trust, const std::string& list, bool sarif) {
  std::ifstream file;
  if (list != "-") {
    file.open(list);
    if (!file) return fail(ErrorCode::not_found, "the list \"" + printable(list) + "\" cannot be read");
  }
  std::istream& lines = list == "-" ? std::cin : file;
  std::vector<NamedVerification> kept;
  std::size_t count = 0;
  std::size_t refused = 0;
  std::optional<Error> first;
  while (true) {
    TRY_ASSIGN(const auto target, next_target(lines));
    if (!target) break;
    ++count;
    auto result = verify_target(context, trust, {}, *target);
    const std::optional<Error> error = refusal_of(result);
    if (error) ++refused;
    if (error && !first) first = *error;
    if (!sarif) {
      TRY(answer(context, *target, result, error));
      continue;
    }
    NamedVerification named{.target = *target};
    if (result) named.verification = std::move(result->verification);
    if (!result) named.error = result.error();
    kept.push_back(std::move(named));
  }
  if (lines.bad()) return fail(ErrorCode::io, "reading the list \"" + printable(list) + "\" failed");
  if (count == 0) return fail(ErrorCode::usage, "the list \"" + printable(list) + "\" names nothing to verify");
  if (sarif) TRY(context.print_json(sarif_of(kept)));
  if (!first) return 0;
  return fail(first->code, std::to_string(refused) + " of " + std::to_string(count) + " are not accepted; the first: " + first->message);
}

}  // namespace davit::cli
