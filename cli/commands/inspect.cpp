#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/wasm_report.hpp"

namespace davit::cli {
namespace {

Result<int> run_inspect(Context& context, const std::string& target) {
  TRY_ASSIGN(const WasmInput input, load_wasm_input(context, target));
  const auto depth = context.common.verbose ? wasm::ReadDepth::code : wasm::ReadDepth::structure;
  auto facts = examine_wasm(input.bytes(), depth);
  if (!facts) return std::move(facts).error().in(input.name());
  if (!facts->manifest_problem.empty()) context.warn("the davit.capabilities section cannot be read: " + facts->manifest_problem);
  if (context.common.json) {
    TRY(context.print_json(wasm_facts_json(*facts)));
    return 0;
  }
  TRY(context.print(wasm_facts_text(*facts, input.name(), context.common.verbose)));
  return 0;
}

}  // namespace

Command make_inspect_command() {
  auto target = std::make_shared<std::string>();
  return {
      .name = "inspect",
      .summary = "show what a wasm file is, needs and contains",
      .description = "Kind, imports, exports, sections, features, producers, capabilities and where the bytes go. Function bodies are\n"
                     "read only with -v, so that a large file answers at once; features then include those that only instructions use.",
      .arguments = {{"TARGET", "a wasm file, - for standard input, or a store reference", target.get(), true, ValueKind::file}},
      .examples = {{"davit inspect app.wasm", "a summary for people"},
                   {"davit inspect --json app.wasm", "everything, for scripts"},
                   {"davit inspect -v app.wasm", "all names, and the features that the code uses"}},
      .exit_statuses = {4, 8, 9, 12},
      .run = [target](Context& context) { return run_inspect(context, *target); },
  };
}

}  // namespace davit::cli
