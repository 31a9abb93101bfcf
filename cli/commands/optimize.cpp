#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/optimize/gates.hpp"
#include "cli/optimize/provenance.hpp"
#include "cli/optimize/report.hpp"
#include "cli/optimizer.hpp"
#include "cli/strip_options.hpp"
#include "manifests/capability_manifest.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

struct OptimizeOptions {
  std::string input{};
  std::string output{};
  std::string level{k_default_level};
  std::vector<std::string> strip{};
  bool no_cache = false;
  bool strict = false;
  bool keep_imports = false;
  std::string budget{};
  std::string verify_run{};
  std::string provenance{};
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

/// Nothing may be published before this has passed.
Result<void> pass_gates(const Context& context, const OptimizeOptions& options, ByteView result) {
  if (!options.budget.empty()) {
    const auto budget = parse_memory_limit(options.budget);
    if (!budget) return fail(ErrorCode::usage, "\"" + options.budget + "\" is not a size").hinting("write it as 500KiB or 2MiB");
    TRY(check_size_budget(context, result, *budget, options.output));
  }
  if (!options.verify_run.empty()) TRY(run_own_check(context, result, options.verify_run));
  return {};
}

Result<int> run_optimize(Context& context, const OptimizeOptions& options) {
  OptimizeRequest request{
      .level = options.level, .use_cache = !options.no_cache, .strict = options.strict, .keep_imports = options.keep_imports};
  TRY_ASSIGN(request.strip, parse_strip_words(options.strip));
  TRY_ASSIGN(request.limits, parse_limits(options));
  TRY_ASSIGN(const WasmInput input, load_wasm_file(context, options.input));
  auto optimized = optimize_file(context, input.bytes(), request);
  if (!optimized) return std::move(optimized).error().in(input.name());
  TRY(pass_gates(context, options, optimized->bytes()));
  const OptimizedSizes sizes{.before = input.bytes().size(), .after = optimized->bytes().size()};
  // Made before the output is written, which may replace the input.
  const std::string provenance = options.provenance.empty()
                                     ? ""
                                     : write_json_pretty(optimize_provenance(request, options.strip, *optimized, input.bytes(),
                                                                             {.input = options.input, .output = options.output}));
  TRY_ASSIGN(const std::unique_ptr<oci::Sink> sink, open_output(context, options.output));
  TRY(sink->write(optimized->bytes()));
  TRY(sink->finish());
  if (!provenance.empty()) TRY(oci::write_file(options.provenance, as_bytes(provenance)));
  if (context.common.json && options.output != "-")
    TRY(context.print_json(optimized_to_json(*optimized, options.output, options.level, sizes)));
  for (const std::string& line : optimized_to_lines(*optimized, options.output, options.level, sizes)) context.say(line);
  return 0;
}

}  // namespace

Command make_optimize_command() {
  auto options = std::make_shared<OptimizeOptions>();
  return {
      .name = "optimize",
      .summary = "make a module or component smaller and faster with Binaryen",
      .description =
          "Binaryen runs in a process of its own, under limits, with exactly the features that the module uses or declares. What comes\n"
          "back is read again: same exports, no new imports, no new features, never larger; else it is not used. Debugging\n"
          "information, source map links and code hints are dropped, since they would no longer fit.\n\n"
          "Of a component every core module is optimized: exports that the component does not use become internal first, identical\n"
          "modules are done once, and what then has no user goes, up to whole imports of the component (--keep-imports keeps them).\n\n"
          "What this Binaryen does not handle goes to a newer wasm-opt, if DAVIT_WASM_OPT names one or PATH has one; else the code stays\n"
          "as it is and only --strip is done, which the result says (\"optimized\": false with --json). --strict makes that an error.",
      .arguments = {{"IN", "a module or component, or - for standard input", &options->input, true, ValueKind::file}},
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
                  {"--strict", "", "fail with status 12 when something cannot be optimized", &options->strict},
                  {"--keep-imports", "", "keep imports of a component that nothing uses any more", &options->keep_imports},
                  {"--budget", "SIZE", "fail with status 9 when the result is larger, and say what grew; nothing is written",
                   &options->budget},
                  {"--verify-run", "COMMAND",
                   "run this with the result's path (as {} or as the last word) first; status 10 when it fails, and nothing is written",
                   &options->verify_run},
                  {"--provenance", "FILE", "also write where the result comes from, as a predicate for attest", &options->provenance,
                   ValueKind::file},
                  {"--no-cache", "", "do not use results of earlier runs, and keep none", &options->no_cache},
                  {"--memory-limit", "SIZE", "address space of the optimizer (default: 4GiB)", &options->memory_limit},
                  {"--time-limit", "TIME", "how long the optimizer may take (default: 30m)", &options->time_limit}},
      .examples = {{"davit optimize app.wasm -o app.opt.wasm", "the default level"},
                   {"davit optimize app.wasm -o app.wasm -Oz --strip all", "as small as it gets, in place"},
                   {"davit optimize app.wasm -o out.wasm --budget 500KiB --verify-run 'wasmtime run {}'",
                    "only if small enough and still running"},
                   {"davit optimize - -o - -O3 < app.wasm > fast.wasm", "in a pipe"}},
      .exit_statuses = {4, 8, 9, 10, 12},
      .run = [options](Context& context) { return run_optimize(context, *options); },
  };
}

}  // namespace davit::cli
