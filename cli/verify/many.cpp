#include "cli/verify/many.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>

#include "cli/exit_code.hpp"
#include "cli/verify/line_of_work.hpp"
#include "cli/verify/show.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_line_bytes = 4096;
constexpr std::uint64_t k_max_workers = 16;

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
    if (result) line.set("digest", result->verification.digest.text());
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

// What all answers come to.
struct Tally {
  bool keeps_all = false;  ///< a report is written at the end
  std::vector<NamedVerification> kept{};
  std::size_t count = 0;
  std::size_t refused = 0;
  std::optional<Error> first{};

  Result<void> add(Context& context, const std::string& target, Result<VerifiedTarget> result) {
    ++count;
    const std::optional<Error> error = refusal_of(result);
    if (error) ++refused;
    if (error && !first) first = *error;
    if (!keeps_all) return answer(context, target, result, error);
    NamedVerification named{.target = target};
    if (result) named.verification = std::move(result->verification);
    if (!result) named.error = result.error();
    kept.push_back(std::move(named));
    return {};
  }
};

// Several at once: most of the time goes by waiting for the registry. With --verbose one after the other, so that what
// is told of one stands together.
Result<void> verify_lines(Context& context, const TrustOptions& trust, std::istream& lines, Tally& tally) {
  const FileSignatureOptions no_file_options;
  Verifications verifications(context, trust, no_file_options, true);
  // One more than ask the registry, since one is judging.
  const std::uint64_t workers = context.common.verbose ? 1 : std::clamp<std::uint64_t>(context.registry.concurrency + 1, 1, k_max_workers);
  LineOfWork<VerifiedTarget> work(
      workers, [&](const std::string& target, Result<VerifiedTarget> result) { return tally.add(context, target, std::move(result)); });
  while (true) {
    auto target = next_target(lines);
    if (!target || !*target || work.has_stopped()) {
      TRY(work.finish());
      return target ? Result<void>() : std::move(target).error();
    }
    auto prepared = verifications.prepare(**target);
    if (!prepared) prepared = PreparedVerification([error = prepared.error()] { return Result<VerifiedTarget>(Error(error)); });
    work.add(**target, *std::move(prepared));
    if (context.common.verbose) work.wait();
  }
}

}  // namespace

Result<int> verify_many(Context& context, const TrustOptions& trust, const std::string& list, bool sarif) {
  std::ifstream file;
  if (list != "-") {
    file.open(list);
    if (!file) return fail(ErrorCode::not_found, "the list \"" + printable(list) + "\" cannot be read");
  }
  std::istream& lines = list == "-" ? std::cin : file;
  Tally tally{.keeps_all = sarif};
  TRY(verify_lines(context, trust, lines, tally));
  if (lines.bad()) return fail(ErrorCode::io, "reading the list \"" + printable(list) + "\" failed");
  if (tally.count == 0) return fail(ErrorCode::usage, "the list \"" + printable(list) + "\" names nothing to verify");
  if (sarif) TRY(context.print_json(sarif_of(tally.kept)));
  if (!tally.first) return 0;
  return fail(tally.first->code, std::to_string(tally.refused) + " of " + std::to_string(tally.count) +
                                     " are not accepted; the first: " + tally.first->message);
}

}  // namespace davit::cli
