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

// One answer; what goes wrong with one artifact is about that one and does not stop the others.
Result<int> answer(Context& context, const std::string& target, const Result<VerifiedTarget>& result) {
  const bool accepted = result && result->verification.proof;
  const std::optional<Error> error = accepted ? std::nullopt
                                     : result ? std::optional(oci::refusal(result->verification))
                                              : std::optional(result.error());
  const int status = accepted ? 0 : exit_code(error->code);
  if (context.common.json) {
    JsonObject line{{"target", target}, {"verified", accepted}, {"exitStatus", status}};
    if (result) line.set("digest", result->verification.subject.digest.text());
    if (error) line.set("reason", error->message);
    if (result) line.set("signatures", findings_json(result->verification));
    TRY(context.print_json(std::move(line)));
  } else if (accepted) {
    TRY(context.print(result->name + "\n"));
  } else {
    context.warn(printable(target) + ": " + error->message);
  }
  return status;
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
  int status = 0;
  while (true) {
    TRY_ASSIGN(const auto target, next_target(lines));
    if (!target) break;
    ++count;
    auto result = verify_target(context, trust, {}, *target);
    if (sarif) {
      NamedVerification named{.target = *target};
      if (result) named.verification = std::move(result->verification);
      if (!result) named.error = result.error();
      const int one = named.error                 ? exit_code(named.error->code)
                      : named.verification->proof ? 0
                                                  : exit_code(oci::refusal(*named.verification).code);
      if (status == 0) status = one;
      kept.push_back(std::move(named));
      continue;
    }
    TRY_ASSIGN(const int one, answer(context, *target, result));
    if (status == 0) status = one;
  }
  if (lines.bad()) return fail(ErrorCode::io, "reading the list \"" + printable(list) + "\" failed");
  if (count == 0) return fail(ErrorCode::usage, "the list \"" + printable(list) + "\" names nothing to verify");
  if (sarif) TRY(context.print_json(sarif_of(kept)));
  return status;
}

}  // namespace davit::cli
