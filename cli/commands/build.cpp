#include <filesystem>
#include <memory>

#include "cli/build/choose.hpp"
#include "cli/build/component.hpp"
#include "cli/build/leaks.hpp"
#include "cli/build/list.hpp"
#include "cli/commands/commands.hpp"
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
  std::string target{};
  std::string toolchain{};
  BuildRequest request{};
  bool list = false;
};

BuildTarget parse_target(const std::string& text, const Toolchain& toolchain) {
  if (text == "p1") return BuildTarget::wasi_preview1;
  if (text == "p2") return BuildTarget::wasi_preview2;
  return text == "core" ? BuildTarget::core : toolchain.targets.front();
}

// `hello.c` makes `hello.wasm` in the folder the command is run in; a project gives its file the name it has there.
std::string default_output(const BuildRequest& request, const std::string& made) {
  std::filesystem::path name = request.is_project() ? std::filesystem::path(made) : std::filesystem::path(request.files.front());
  if (request.is_project() && made.starts_with(request.scratch + "/") && name.parent_path() == request.scratch)
    name = std::filesystem::path(request.folder).filename();
  return (name.extension() == ".wasm" ? name.stem() : request.is_project() ? name.filename() : name.stem()).string() + ".wasm";
}

// What came out of the compiler or of the tool that makes components. The file is mapped while it is published.
struct CheckedFile {
  oci::MappedFile file;
  wasm::BinarySummary summary;
};

Result<CheckedFile> check_file(const std::string& path, std::string_view maker) {
  TRY_ASSIGN(auto file, oci::MappedFile::open(path, wasm::Limits{}.file_bytes));
  auto summary = wasm::summarize(file.bytes(), wasm::Limits{});
  if (!summary) return std::move(summary).error().during("checking what " + std::string(maker) + " wrote");
  return CheckedFile{.file = std::move(file), .summary = *std::move(summary)};
}

Result<CheckedFile> compile(Context& context, const BuildOptions& options, const ChosenToolchain& chosen, std::string& made) {
  const std::string_view name = chosen.toolchain->name;
  TRY_ASSIGN(made, chosen.toolchain->build(context, chosen.request));
  TRY_ASSIGN(auto checked, check_file(made, name));
  if (options.target.empty()) return checked;
  const bool is_module = checked.summary.kind == wasm::Kind::module;
  if (options.target != "p2" && !is_module) {
    return fail(ErrorCode::unsupported, std::string(name) + " made a component, and --target " + options.target + " asks for a module")
        .hinting("use --target p2");
  }
  if (options.target != "p2" || !is_module) return checked;
  TRY_ASSIGN(const std::string component, make_component(context, chosen.request, made, checked.summary));
  return check_file(component, "the tool that makes components");
}

void warn_of_leaks(const Context& context, const std::vector<LeakedPath>& leaks) {
  for (const LeakedPath& leak : leaks) {
    context.warn("warning: the file holds " + leak.what + ", " + printable(leak.path) + ", at byte " + std::to_string(leak.offset) +
                 "; compile without debug data, or strip it");
  }
}

Json leaks_json(const std::vector<LeakedPath>& leaks) {
  JsonArray items;
  for (const LeakedPath& leak : leaks) items.push_back(JsonObject{{"path", leak.path}, {"offset", leak.offset}});
  return items;
}

Result<int> run_build(Context& context, const BuildOptions& options) {
  if (options.list) return list_toolchains(context);
  TRY_ASSIGN(ChosenToolchain chosen, choose_toolchain(options.sources, options.toolchain));
  const Toolchain& toolchain = *chosen.toolchain;
  BuildRequest& request = chosen.request;
  request.target = parse_target(options.target, toolchain);
  request.artifact = options.request.artifact;
  request.world = options.request.world;
  request.wit = options.request.wit.empty() ? "" : std::filesystem::absolute(options.request.wit).lexically_normal().string();
  request.extra = options.request.extra;
  TRY(check_toolchain(context, chosen));
  context.explain("building with " + std::string(toolchain.name) + " because of " + chosen.why);
  if (!chosen.others.empty())
    context.say("building with " + std::string(toolchain.name) + " because of " + chosen.why +
                "; --toolchain takes another: " + chosen.others);
  TRY_ASSIGN(const auto scratch, oci::TempDir::create(""));
  request.scratch = scratch.path();
  std::string made;
  TRY_ASSIGN(const auto checked, compile(context, options, chosen, made));
  const std::string output = options.output.empty() ? default_output(request, made) : options.output;
  const auto leaks = find_leaked_paths(context, request, checked.file.bytes(), toolchain.has_engine);
  warn_of_leaks(context, leaks);
  TRY(oci::write_file(output, checked.file.bytes()));
  const Digest digest = digest_of(checked.file.bytes());
  const bool reproducible = is_reproducible(context, toolchain, request);
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"output", output},
                                      {"toolchain", toolchain.name},
                                      {"kind", wasm::to_text(checked.summary.kind)},
                                      {"target", Json(checked.summary.target)},
                                      {"digest", digest.text()},
                                      {"size", std::uint64_t{checked.file.bytes().size()}},
                                      {"reproducible", reproducible},
                                      {"leakedPaths", leaks_json(leaks)}}));
    return 0;
  }
  context.say("built " + output + " (" + std::to_string(checked.file.bytes().size()) + " bytes, " + checked.summary.target + ") with " +
              std::string(toolchain.name));
  if (!reproducible) context.say(std::string(toolchain.name) + " kept what it drew by chance in the file: another build will differ");
  return 0;
}

}  // namespace

Command make_build_command() {
  auto options = std::make_shared<BuildOptions>();
  return {
      .name = "build",
      .summary = "compile a project or source files to WebAssembly",
      .description =
          "Drives an installed toolchain: C, C++ and CMake (clang with wasi-libc, or the wasi-sdk that WASI_SDK_PATH names), Rust, Go,\n"
          "TinyGo, AssemblyScript, Zig, JavaScript (jco), Python (componentize-py) and WebAssembly text. Files are told by their endings,\n"
          "a folder (default: this one) by Cargo.toml, go.mod, asconfig.json, build.zig, CMakeLists.txt, package.json, pyproject.toml or\n"
          "app.py, else by the sources in it; when several fit, the first in the order of --list is taken. Programs of npm are looked for\n"
          "in node_modules first. With --target p2 a module becomes a component by wasm-tools or jco and the adapter that\n"
          "DAVIT_WASI_ADAPTER names or an installed jco brings. What the compiler says goes to standard error; its status is told.\n"
          "The file is checked before it gets its name. The same sources give the same bytes in any folder, and a folder of this machine\n"
          "that is still in the file is warned of. The engines of JavaScript and Python get fixed random bytes and the time of\n"
          "SOURCE_DATE_EPOCH, or 1970, while they make the file; where the system does not allow that, the command says so.",
      .arguments = {{"SOURCE", "a project's folder, or source files", &options->sources, false, ValueKind::file}},
      .options = {{"-o,--output", "FILE", "the WebAssembly file to write (default: named after the source or the project)",
                   &options->output, ValueKind::file},
                  {"--target",
                   "TARGET",
                   "p1 (WASI preview 1), p2 (WASI 0.2 component) or core (no host interface); default: the toolchain's first",
                   &options->target,
                   ValueKind::word,
                   {"p1", "p2", "core"}},
                  {"--toolchain", "NAME", "use this toolchain of --list", &options->toolchain},
                  {"--artifact", "NAME", "which program of a project that makes several", &options->request.artifact},
                  {"--wit", "PATH", "WIT file or folder of a component's world (default: wit)", &options->request.wit, ValueKind::file},
                  {"--world", "NAME", "the world in it (default: the only one)", &options->request.world},
                  {"--list", "", "list the toolchains: found or missing, version, targets", &options->list}},
      .examples = {{"davit build", "the project in this folder"},
                   {"davit build hello.c -o hello.wasm", "a C program for WASI preview 1"},
                   {"davit build main.cpp util.cpp -o app.wasm -- -Wall -O3", "C++, with words for the compiler after --"},
                   {"davit build hello.go --target p2", "Go, as a WASI 0.2 component"}},
      .exit_statuses = {4, 8, 9, 12},
      .rest = &options->request.extra,
      .rest_help = "words for the compiler, passed on as they are",
      .run = [options](Context& context) { return run_build(context, *options); },
  };
}

}  // namespace davit::cli
