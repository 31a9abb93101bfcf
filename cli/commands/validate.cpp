#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

Result<int> run_validate(Context& context, const std::string& file) {
  TRY_ASSIGN(const WasmInput input, load_wasm_input(context, file));
  auto summary = wasm::summarize(input.bytes(), wasm::Limits{}, wasm::ReadDepth::code);
  if (!summary) return std::move(summary).error().in(input.name());
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"valid", true},
                                      {"kind", wasm::to_text(summary->kind)},
                                      {"size", summary->size},
                                      {"functions", summary->function_count},
                                      {"features", Json::strings(wasm::features_of(summary->constructs))}}));
    return 0;
  }
  context.say(input.name() + ": well-formed " + std::string(wasm::to_text(summary->kind)) + ", " + std::to_string(summary->function_count) +
              (summary->function_count == 1 ? " function" : " functions"));
  return 0;
}

}  // namespace

Command make_validate_command() {
  auto file = std::make_shared<std::string>();
  return {
      .name = "validate",
      .summary = "check that a wasm file is well-formed",
      .description =
          "Reads every byte of the structure: sections, types, indices, counts, and each instruction with its operands' encoding.\n"
          "The operand types of instructions are left to the runtime. The error names the byte where the file goes wrong.",
      .arguments = {{"FILE", "a wasm file, - for standard input, or a store reference", file.get(), true, ValueKind::file}},
      .examples = {{"davit validate app.wasm", "exit status 0 when the file is well-formed, 8 when it is not"},
                   {"davit validate --json app.wasm", "with the features that the code uses"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [file](Context& context) { return run_validate(context, *file); },
  };
}

}  // namespace davit::cli
