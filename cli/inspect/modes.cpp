#include "cli/inspect/modes.hpp"

#include <charconv>

#include "cli/inspect/budget.hpp"
#include "cli/inspect/comparison.hpp"
#include "cli/inspect/size_report.hpp"
#include "cli/inspect/treemap.hpp"
#include "cli/inspect/wit.hpp"
#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_default_top = 20;
constexpr std::size_t k_max_budget_bytes = std::size_t{4} << 20;

Result<std::size_t> rows_wanted(const InspectModes& modes, bool everything) {
  if (!modes.top) return everything ? SIZE_MAX : k_default_top;
  std::size_t out = 0;
  const char* const end = modes.top->data() + modes.top->size();
  const auto [stop, problem] = std::from_chars(modes.top->data(), end, out);
  if (problem != std::errc() || stop != end || out == 0)
    return fail(ErrorCode::usage, "\"" + *modes.top + "\" is not a number of lines").hinting("write it as --top 50");
  return out;
}

Result<wasm::SizeProfile> profile_of(const WasmInput& input) {
  auto out = wasm::profile_sizes(input.bytes(), wasm::Limits{});
  if (!out) return std::move(out).error().in(input.name());
  return out;
}

Result<void> write_result(Context& context, const std::string& path, const std::string& text) {
  if (path.empty() || path == "-") return context.print(text);
  TRY_ASSIGN(const std::unique_ptr<oci::Sink> sink, open_output(context, path));
  TRY(sink->write(as_bytes(text)));
  TRY(sink->finish());
  context.say("wrote " + path);
  return {};
}

Result<int> show_size(Context& context, const WasmInput& input, const InspectModes& modes) {
  const std::string format = context.common.json ? "json" : modes.size_format;
  TRY_ASSIGN(const std::size_t top, rows_wanted(modes, format == "json"));
  TRY_ASSIGN(const wasm::SizeProfile profile, profile_of(input));
  std::string text;
  if (format == "html") text = size_page(profile, input.name());
  else if (format == "json") text = write_json(size_json(profile, top)) + "\n";
  else text = size_text(profile, input.name(), top);
  TRY(write_result(context, modes.output, text));
  return 0;
}

Result<int> show_diff(Context& context, const WasmInput& input, const InspectModes& modes) {
  TRY_ASSIGN(const std::size_t top, rows_wanted(modes, context.common.json));
  TRY_ASSIGN(const WasmInput before, load_wasm_input(context, modes.diff));
  TRY_ASSIGN(const Comparison comparison, compare_files(before.bytes(), before.name(), input.bytes(), input.name()));
  if (context.common.json) TRY(context.print_json(comparison_json(comparison, top)));
  else TRY(context.print(comparison_text(comparison, before.name(), input.name(), top)));
  return 0;
}

Json excess_json(const std::vector<Excess>& excess) {
  JsonArray out;
  for (const Excess& over : excess) out.emplace_back(JsonObject{{"what", over.what}, {"size", over.size}, {"limit", over.limit}});
  return out;
}

// What grew since the budget was written: sections, then packages, then functions.
void say_growth(const Context& context, const std::string& kind, const std::vector<SizeChange>& changes, std::size_t top) {
  std::size_t said = 0;
  for (const SizeChange& change : changes) {
    if (change.growth() <= 0 || said++ == top) return;
    context.say("  " + kind + " " + printable(change.name) + " grew by " + human_size(static_cast<std::uint64_t>(change.growth())) +
                " to " + human_size(change.after));
  }
}

Result<int> check_budget(Context& context, const WasmInput& input, const InspectModes& modes) {
  TRY_ASSIGN(const std::size_t top, rows_wanted(modes, false));
  TRY_ASSIGN(const Bytes text, oci::read_file(modes.budget, k_max_budget_bytes));
  auto budget = parse_budget(as_text(text));
  if (!budget) return std::move(budget).error().in(modes.budget);
  TRY_ASSIGN(const wasm::SizeProfile profile, profile_of(input));
  const SizeTotals totals = size_totals(profile);
  const std::vector<Excess> excess = find_excess(*budget, totals);
  const bool compared = budget->measured.total != 0;
  const auto sections = compared ? size_changes(budget->measured.sections, totals.sections) : std::vector<SizeChange>();
  const auto packages = compared ? size_changes(budget->measured.packages, totals.packages) : std::vector<SizeChange>();
  // Functions that were too small to be noted then would all look new.
  std::vector<SizeChange> functions = compared ? size_changes(budget->measured.functions, totals.functions) : std::vector<SizeChange>();
  std::uint64_t noted = UINT64_MAX;
  for (const auto& [name, sum] : budget->measured.functions) noted = std::min(noted, sum.size);
  std::erase_if(functions, [&](const SizeChange& change) { return change.before == 0 && change.after <= noted; });
  if (context.common.json) {
    JsonObject out{{"size", totals.total}, {"withinBudget", excess.empty()}, {"over", excess_json(excess)}};
    if (compared) {
      out.set("changed", JsonObject{{"sections", changes_json(sections, top)},
                                    {"packages", changes_json(packages, top)},
                                    {"functions", changes_json(functions, top)}});
    }
    TRY(context.print_json(out));
  }
  if (excess.empty()) {
    if (!context.common.json) TRY(context.print(input.name() + ": " + human_size(totals.total) + ", within its budget\n"));
    return 0;
  }
  for (const Excess& over : excess) {
    context.say(printable(over.what) + ": " + human_size(over.size) + ", " + human_size(over.size - over.limit) + " over its budget of " +
                human_size(over.limit));
  }
  if (compared) {
    context.say("since the budget was written:");
    say_growth(context, "section", sections, top);
    say_growth(context, "package", packages, top);
    say_growth(context, "function", functions, top);
  }
  const Excess& first = excess.front();
  return fail(ErrorCode::limit, printable(first.what) + " has " + std::to_string(first.size) + " bytes, its budget is " +
                                    std::to_string(first.limit) + (excess.size() > 1 ? "; and more is over" : ""))
      .in(input.name())
      .hinting(compared ? "make it smaller, or accept the size with --write-budget " + modes.budget
                        : "--write-budget notes today's sizes, so that the next time says what grew");
}

Result<int> note_budget(Context& context, const WasmInput& input, const InspectModes& modes) {
  TRY_ASSIGN(const wasm::SizeProfile profile, profile_of(input));
  const SizeTotals totals = size_totals(profile);
  TRY(write_result(context, modes.write_budget, write_budget(totals)));
  if (context.common.json && modes.write_budget != "-")
    TRY(context.print_json(JsonObject{{"budget", modes.write_budget}, {"total", totals.total}}));
  return 0;
}

}  // namespace

std::vector<Option> inspect_mode_options(InspectModes& modes) {
  return {
      {"--wit", "", "print the world of a component, or the packages of a WIT package, as WIT text", &modes.wit},
      {"--size", "", "show where the bytes are: sections, functions, crates or packages, data, nested modules", &modes.size},
      {"--size-format",
       "FORMAT",
       "text, json, or html: one page with a treemap (default: text)",
       &modes.size_format,
       ValueKind::word,
       {"text", "json", "html"}},
      {"-o,--output", "FILE", "where the size profile goes (default: standard output)", &modes.output, ValueKind::file},
      {"--top", "N", "how many lines each table has (default: 20; with --json all)", &modes.top},
      {"--diff", "OLD", "compare with an older file or store reference: surface, sizes, the functions that grew", &modes.diff,
       ValueKind::file},
      {"--budget", "FILE", "fail with status 9 when the file is over this size budget, and say what grew", &modes.budget, ValueKind::file},
      {"--write-budget", "FILE", "write the size budget that the file just meets", &modes.write_budget, ValueKind::file},
  };
}

Result<int> run_inspect_mode(Context& context, const WasmInput& input, const InspectModes& modes) {
  const int wanted =
      int{modes.wit} + int{modes.size} + int{!modes.diff.empty()} + int{!modes.budget.empty()} + int{!modes.write_budget.empty()};
  if (wanted > 1)
    return fail(ErrorCode::usage, "--wit, --size, --diff, --budget and --write-budget exclude each other")
        .hinting("ask for one of them at a time");
  if (modes.wit) return show_wit(context, input);
  if (modes.size) return show_size(context, input, modes);
  if (!modes.diff.empty()) return show_diff(context, input, modes);
  if (!modes.budget.empty()) return check_budget(context, input, modes);
  return note_budget(context, input, modes);
}

}  // namespace davit::cli
