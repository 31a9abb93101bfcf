#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/optimizer.hpp"
#include "cli/output/progress.hpp"
#include "cli/strip_options.hpp"
#include "manifests/capability_manifest.hpp"

namespace davit::cli {
namespace {

struct OptimizeOptions {
  std::string input{};
  std::string output{};
  std::string level{k_default_level};
  std::vector<std::string> strip{};
  bool no_cache = false;
  std::string memory_limit = "4GiB";
  std::string time_limit = "30m";
};

Result<WorkerLimits> parse_limits(const OptimizeOptions& options) {
  WorkerLimits out;
  const auto memory = parse_memory_limit(options.memory_limit);
  if (!memory) return fail(ErrorCode::usage, "\"" + options.memory_limit + "\" is not a size").hinting("write it as 4GiB or 512MiB");
  const auto time = parse_time_limit(options.time_limit);
  if (!time || *time > INT32_MAX)
    return fail(ErrorCode::usage, "\"" + options.time_limit + "\" is not a time").hinting("write it as 90s or 10m");
  out.memory_bytes = *memory;
  out.time = std::chrono::milliseconds(*time);
  return out;
}

Result<int> run_optimize(Context& context, const OptimizeOptions& options) {
  OptimizeRequest request{.level = options.level, .use_cache = !options.no_cache};
  TRY_ASSIGN(request.strip, parse_strip_words(options.strip));
  TRY_ASSIGN(request.limits, parse_limits(options));
  TRY_ASSIGN(const WasmInput input, load_wasm_file(context, options.input));
  auto optimized = optimize_module(context, input.bytes(), request);
  if (!optimized) return std::move(optimized).error().in(input.name());
  TRY_ASSIGN(const std::unique_ptr<oci::Sink> sink, open_output(context, options.output));
  TRY(sink->write(optimized->bytes()));
  TRY(sink->finish());
  const std::uint64_t before = input.bytes().size();
  const std::uint64_t after = optimized->bytes().size();
  if (context.common.json && options.output != "-") {
    TRY(context.print_json(JsonObject{{"output", options.output},
                                      {"level", "O" + options.level},
                                      {"sizeBefore", before},
                                      {"sizeAfter", after},
                                      {"keptInput", optimized->kept_input},
                                      {"fromCache", optimized->from_cache}}));
  }
  std::string line = options.output + ": " + human_size(before) + " to " + human_size(after) + " with -O" + options.level;
  if (optimized->kept_input) line += "; the optimizer made it no smaller, so the code is as it was";
  if (optimized->from_cache) line += " (from the cache)";
  context.say(line);
  return 0;
}

}  // namespace

Command make_optimize_command() {
  auto options = std::make_shared<OptimizeOptions>();
  return {
      .name = "optimize",
      .summary = "make a module smaller and faster with Binaryen",
      .description =
          "Binaryen runs in a process of its own, under limits, with exactly the features that the module uses or declares. What comes\n"
          "back is read again: same exports, no new imports, no new features, never larger; else nothing is written. Modules that\n"
          "this Binaryen does not handle, and components, are refused with status 12; davit strip works on both. Debugging\n"
          "information, source map links and code hints are dropped, since they would no longer fit.",
      .arguments = {{"IN", "a core module, or - for standard input", &options->input, true, ValueKind::file}},
      .options = {{"-o,--output",
                   "FILE",
                   "where the result goes; - is standard output; may be the input itself",
                   &options->output,
                   ValueKind::file,
                   {},
                   true},
                  {"-O",
                   "LEVEL",
                   "how hard to try: 0 to 4 for speed, s and z for size (default: " + std::string(k_default_level) + ")",
                   &options->level,
                   ValueKind::word,
                   {"0", "1", "2", "3", "4", "s", "z"}},
                  {"--strip",
                   "WHAT",
                   "also remove these custom sections",
                   &options->strip,
                   ValueKind::word,
                   {"debug", "names", "producers", "all"}},
                  {"--no-cache", "", "do not use results of earlier runs, and keep none", &options->no_cache},
                  {"--memory-limit", "SIZE", "address space of the optimizer (default: 4GiB)", &options->memory_limit},
                  {"--time-limit", "TIME", "how long the optimizer may take (default: 30m)", &options->time_limit}},
      .examples = {{"davit optimize app.wasm -o app.opt.wasm", "the default level"},
                   {"davit optimize app.wasm -o app.wasm -Oz --strip all", "as small as it gets, in place"},
                   {"davit optimize - -o - -O3 < app.wasm > fast.wasm", "in a pipe"}},
      .exit_statuses = {4, 8, 9, 12},
      .run = [options](Context& context) { return run_optimize(context, *options); },
  };
}

}  // namespace davit::cli
