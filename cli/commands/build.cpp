#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/toolchain.hpp"
#include "manifests/digest.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "wasm/limits.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

struct BuildOptions {
  std::vector<std::string> sources{};
  std::string output{};
  std::string target = "p1";
  std::string toolchain{};
  bool list = false;
  std::vector<std::string> extra{};
};

Result<int> list_toolchains(Context& context) {
  for (const Toolchain& toolchain : all_toolchains()) {
    const auto lack = toolchain.missing(context, BuildRequest{});
    if (context.common.json) {
      JsonObject line{
          {"name", toolchain.name}, {"language", toolchain.language}, {"found", !lack.has_value()}, {"install", toolchain.install}};
      if (lack) line.set("missing", *lack);
      TRY(context.print_json(std::move(line)));
    } else {
      const std::string state = lack ? "missing: " + *lack + "; run: " + std::string(toolchain.install) : "found";
      TRY(context.print(std::string(toolchain.name) + " (" + std::string(toolchain.language) + "): " + state + "\n"));
    }
  }
  return 0;
}

BuildTarget parse_target(const std::string& text) {
  if (text == "p2") return BuildTarget::wasi_preview2;
  return text == "core" ? BuildTarget::core : BuildTarget::wasi_preview1;
}

// `hello.c` makes `hello.wasm` in the folder the command is run in.
std::string default_output(const std::string& source) { return std::filesystem::path(source).stem().string() + ".wasm"; }

Result<void> check_sources(const BuildOptions& options) {
  if (options.sources.empty())
    return fail(ErrorCode::usage, "no source file was named").hinting("run \"davit build hello.c -o hello.wasm\"");
  for (const std::string& source : options.sources) {
    if (::access(source.c_str(), R_OK) != 0)
      return fail(ErrorCode::not_found, "there is no readable source file \"" + printable(source) + "\"");
  }
  return {};
}

// Runs the compiler into a temporary folder; what comes out is checked before anybody sees it.
Result<wasm::BinarySummary> compile(Context& context, const Toolchain& toolchain, BuildRequest request, const std::string& output) {
  TRY_ASSIGN(const auto folder, oci::TempDir::create(""));
  request.output = folder.path() + "/out.wasm";
  TRY_ASSIGN(const ProgramCall call, toolchain.command(context, request));
  context.explain("running " + shell_line(call));
  TRY_ASSIGN(const int status, run_program(call));
  if (status != 0) {
    return fail(ErrorCode::malformed, std::string(toolchain.name) + " refused " + request.sources.front() + " (it ended with status " +
                                          std::to_string(status) + ")")
        .hinting("its messages stand above; run with -v to see its command line");
  }
  TRY_ASSIGN(const auto file, oci::MappedFile::open(request.output, wasm::Limits{}.file_bytes));
  auto summary = wasm::summarize(file.bytes(), wasm::Limits{});
  if (!summary) return std::move(summary).error().during("checking what " + std::string(toolchain.name) + " wrote");
  TRY_ASSIGN(auto published, oci::AtomicFile::create(output));
  TRY(published->write(file.bytes()));
  TRY(published->finish());
  return summary;
}

Result<int> run_build(Context& context, const BuildOptions& options) {
  if (options.list) return list_toolchains(context);
  TRY(check_sources(options));
  BuildRequest request{.sources = options.sources, .output = {}, .target = parse_target(options.target), .extra = options.extra};
  const std::string output = options.output.empty() ? default_output(options.sources.front()) : options.output;
  TRY_ASSIGN(const Toolchain* toolchain, choose_toolchain(context, request, options.toolchain));
  TRY_ASSIGN(const auto summary, compile(context, *toolchain, request, output));
  TRY_ASSIGN(const auto hashed, oci::hash_file(output, wasm::Limits{}.file_bytes));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"output", output},
                                      {"toolchain", toolchain->name},
                                      {"kind", summary.kind == wasm::Kind::module ? "module" : "component"},
                                      {"target", Json(summary.target)},
                                      {"digest", hashed.digest.text()},
                                      {"size", hashed.stamp.size}}));
    return 0;
  }
  context.say("built " + output + " (" + std::to_string(hashed.stamp.size) + " bytes, " + summary.target + ") with " +
              std::string(toolchain->name));
  return 0;
}

}  // namespace

Command make_build_command() {
  auto options = std::make_shared<BuildOptions>();
  return {
      .name = "build",
      .summary = "compile C, C++ or WebAssembly text to WebAssembly",
      .description =
          "Drives an installed toolchain: clang with Debian's wasi-libc, or the wasi-sdk that WASI_SDK_PATH names, for C and C++; wabt "
          "for\n"
          "WebAssembly text. What the compiler says goes to standard error. The file is checked before it gets its name.\n"
          "The same sources give the same bytes: no folder of this machine is written into the file.",
      .arguments = {{"SOURCE", "source files; their endings choose the toolchain", &options->sources, false, ValueKind::file}},
      .options = {{"-o,--output", "FILE", "the WebAssembly file to write (default: the first source's name with .wasm)", &options->output,
                   ValueKind::file},
                  {"--target",
                   "TARGET",
                   "p1 (WASI preview 1), p2 (WASI 0.2 component) or core (no host interface)",
                   &options->target,
                   ValueKind::word,
                   {"p1", "p2", "core"}},
                  {"--toolchain", "NAME", "use this toolchain whatever the endings say", &options->toolchain},
                  {"--list", "", "list the toolchains, found or missing", &options->list}},
      .examples = {{"davit build hello.c -o hello.wasm", "a C program for WASI preview 1"},
                   {"davit build main.cpp util.cpp -o app.wasm -- -Wall -O3", "C++, with words for the compiler after --"},
                   {"davit build add.wat", "WebAssembly text, to add.wasm"}},
      .exit_statuses = {4, 8, 9, 12},
      .rest = &options->extra,
      .rest_help = "words for the compiler, passed on as they are",
      .run = [options](Context& context) { return run_build(context, *options); },
  };
}

}  // namespace davit::cli
