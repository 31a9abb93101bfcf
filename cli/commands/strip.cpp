#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/debug/split.hpp"
#include "cli/input.hpp"
#include "cli/output/progress.hpp"
#include "cli/strip_options.hpp"

namespace davit::cli {
namespace {

struct StripOptions {
  std::string input{};
  std::string output{};
  wasm::StripSelection selection{};
  DebugLinks links{};
};

Result<int> run_strip(Context& context, StripOptions& options) {
  wasm::StripSelection& selection = options.selection;
  if (!selection.debug && !selection.names && !selection.producers && selection.drop.empty()) selection.all = true;
  TRY_ASSIGN(const WasmInput input, load_wasm_file(context, options.input));
  auto outcome = wasm::strip_sections(input.bytes(), selection, wasm::Limits{});
  if (!outcome) return std::move(outcome).error().in(input.name());
  auto split = add_debug_links(context, input.bytes(), options.links, outcome->file);
  if (!split) return std::move(split).error().in(input.name());
  const std::uint64_t before = input.bytes().size();
  TRY_ASSIGN(const std::unique_ptr<oci::Sink> sink, open_output(context, options.output, outcome->file.size()));
  std::uint64_t written = 0;
  const auto write_range = [&](ByteView range) -> Result<void> {
    TRY(input.write_range(range, *sink, written));
    written += range.size();
    return {};
  };
  TRY(outcome->file.for_each(write_range));
  TRY(sink->finish());
  const std::uint64_t after = outcome->file.size();
  // Standard output may carry the file itself.
  if (context.common.json && options.output != "-") {
    JsonObject json{{"output", options.output}, {"sizeBefore", before}, {"sizeAfter", after}, {"removed", Json::strings(outcome->removed)}};
    if (!split->build_id.empty()) json.set("buildId", split->build_id);
    if (!options.links.split.empty()) json.set("debugFile", JsonObject{{"path", options.links.split}, {"size", split->debug_bytes}});
    TRY(context.print_json(json));
  }
  context.say(options.output + ": " + human_size(before) + " to " + human_size(after) + ", " + std::to_string(outcome->removed.size()) +
              (outcome->removed.size() == 1 ? " section removed" : " sections removed"));
  if (!options.links.split.empty()) context.say(options.links.split + ": " + human_size(split->debug_bytes) + " of debugging information");
  for (const std::string& name : outcome->removed) context.explain("  removed " + name);
  return 0;
}

}  // namespace

Command make_strip_command() {
  auto options = std::make_shared<StripOptions>();
  std::vector<Option> all = {{"-o,--output",
                              "FILE",
                              "where the result goes; - is standard output; may be the input itself",
                              &options->output,
                              ValueKind::file,
                              {},
                              true}};
  for (Option& option : strip_options(options->selection)) all.push_back(std::move(option));
  for (Option& option : debug_link_options(options->links)) all.push_back(std::move(option));
  return {
      .name = "strip",
      .summary = "remove custom sections, every other byte stays",
      .description =
          "Works on modules and on components, with everything nested in them. Without a choice everything is removed that no runtime,\n"
          "linker or reader of metadata needs (--all). That leaves component-type*, dylink.0, target_features, metadata.code.*,\n"
          "davit.capabilities, build_id, .dep-v0, and authors, description, licenses, source, homepage, revision and version.\n"
          "With --split-debug the debugging information goes to a file of its own, marked with the same build_id; \"davit push\n"
          "--debug-file\" keeps it beside the artifact, and \"davit symbolize\" finds functions and lines with it.",
      .arguments = {{"IN", "a wasm file, or - for standard input", &options->input, true, ValueKind::file}},
      .options = std::move(all),
      .examples = {{"davit strip app.wasm -o small.wasm", "remove all that is not needed to run"},
                   {"davit strip app.wasm -o app.wasm --debug", "only debugging information, in place"},
                   {"davit strip - -o - --all --keep name < app.wasm > small.wasm", "in a pipe, with the names of functions"},
                   {"davit strip app.wasm -o small.wasm --split-debug app.debug.wasm", "what a trace needs, in a file of its own"}},
      .exit_statuses = {4, 8, 9, 12},
      .run = [options](Context& context) { return run_strip(context, *options); },
  };
}

}  // namespace davit::cli
