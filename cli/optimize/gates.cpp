#include "cli/optimize/gates.hpp"

#include <algorithm>
#include <vector>

#include "cli/inspect/comparison.hpp"
#include "cli/inspect/size_report.hpp"
#include "cli/output/progress.hpp"
#include "cli/process.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "wasm/size/profile.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_rows = 5;

void say_largest(const Context& context, const std::string& kind, const SizeTable& table) {
  std::vector<std::pair<std::string, SizeSum>> rows(table.begin(), table.end());
  std::ranges::stable_sort(rows, std::ranges::greater{}, [](const auto& row) { return row.second.size; });
  for (std::size_t i = 0; i < std::min(rows.size(), k_rows); ++i)
    context.say("  " + kind + " " + printable(rows[i].first) + ": " + human_size(rows[i].second.size));
}

void say_growth(const Context& context, const std::string& kind, const SizeTable& before, const SizeTable& after) {
  std::size_t said = 0;
  for (const SizeChange& change : size_changes(before, after)) {
    if (change.growth() <= 0 || said++ == k_rows) return;
    context.say("  " + kind + " " + printable(change.name) + ": " + growth_text(change.growth()) + " to " + human_size(change.after));
  }
}

/// A word for the shell, whatever is in it.
std::string quoted(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Result<void> check_size_budget(const Context& context, ByteView result, std::uint64_t budget_bytes, const std::string& previous_path) {
  if (result.size() <= budget_bytes) return {};
  const wasm::Limits limits;
  if (const auto profile = wasm::profile_sizes(result, limits)) {
    const SizeTotals totals = size_totals(*profile);
    const auto previous = oci::MappedFile::open(previous_path, limits.file_bytes);
    const auto previous_profile =
        previous ? wasm::profile_sizes(previous->bytes(), limits) : Result<wasm::SizeProfile>(wasm::SizeProfile{});
    if (previous && previous_profile) {
      const SizeTotals before = size_totals(*previous_profile);
      context.say("since the file that is there now (" + human_size(before.total) + "):");
      say_growth(context, "section", before.sections, totals.sections);
      say_growth(context, "package", before.packages, totals.packages);
      say_growth(context, "function", before.functions, totals.functions);
    }
    context.say("the largest parts:");
    say_largest(context, "section", totals.sections);
    say_largest(context, "package", totals.packages);
    say_largest(context, "function", totals.functions);
  }
  return fail(ErrorCode::limit, "the result has " + std::to_string(result.size()) + " bytes, its budget is " + std::to_string(budget_bytes))
      .hinting("try -Oz and --strip all, or raise the budget; davit inspect --size says where the bytes are");
}

Result<void> run_own_check(const Context& context, ByteView result, const std::string& command) {
  const auto shell = find_program(context, "sh");
  if (!shell) return fail(ErrorCode::not_found, "there is no shell on PATH to run --verify-run with");
  TRY_ASSIGN(const oci::TempDir folder, oci::TempDir::create(context.environment("TMPDIR").value_or("")));
  const std::string path = folder.path() + "/candidate.wasm";
  TRY(oci::write_file(path, result));
  std::string line = command;
  bool placed = false;
  for (std::size_t at = line.find("{}"); at != std::string::npos; at = line.find("{}", at)) {
    const std::string word = quoted(path);
    line.replace(at, 2, word);
    at += word.size();
    placed = true;
  }
  if (!placed) line += " " + quoted(path);
  TRY_ASSIGN(const int status, run_program({.path = *shell, .arguments = {"-c", line}}));
  if (status == 0) return {};
  return fail(ErrorCode::mismatch, "the check of --verify-run failed with status " + std::to_string(status) + ", so nothing was written")
      .hinting("the command was: " + printable(line));
}

}  // namespace davit::cli
