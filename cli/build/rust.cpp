// Rust: cargo projects, and single files by rustc. Paths are kept out with --remap-path-prefix. Flags of ours must not
// push the project's own aside: cargo takes RUSTFLAGS or its configuration, never both, so they join whichever is in use.
#include <algorithm>
#include <filesystem>

#include "cli/build/steps.hpp"
#include "manifests/json.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_answer_bytes = 64 * 1024;
constexpr std::size_t k_max_metadata_bytes = std::size_t{64} << 20;
constexpr std::chrono::milliseconds k_answer_time{20'000};
constexpr char k_flag_separator = '\x1f';

std::optional<std::string> find_rustc(const Context& context) { return find_first_program(context, "RUSTC", {"rustc"}); }
std::optional<std::string> find_cargo(const Context& context) { return find_first_program(context, "CARGO", {"cargo"}); }

// Rust 1.78 gave preview 1 a number; Debian 12 still has the old name.
std::vector<std::string> target_names(BuildTarget target) {
  switch (target) {
    case BuildTarget::wasi_preview1: return {"wasm32-wasip1", "wasm32-wasi"};
    case BuildTarget::wasi_preview2: return {"wasm32-wasip2", "wasm32-wasip1", "wasm32-wasi"};
    case BuildTarget::core: return {"wasm32-unknown-unknown"};
  }
  return {};
}

Result<std::string> ask_sysroot(const BuildRequest& request, const std::string& rustc) {
  ProgramCall call{.path = rustc, .arguments = {"--print", "sysroot"}};
  call.working_folder = request.folder;  // rust-toolchain.toml counts
  TRY_ASSIGN(const auto run, probe_program(call, k_max_answer_bytes, k_answer_time));
  // rustup may say something before the answer, which is the last line.
  std::string text = run.output;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  text.erase(0, text.rfind('\n') + 1);
  if (run.status != 0 || !text.starts_with('/'))
    return fail(ErrorCode::io, "rustc --print sysroot ended with status " + std::to_string(run.status));
  return text;
}

bool builds_library_itself(const BuildRequest& request) {
  return std::ranges::any_of(request.extra, [](const std::string& word) { return word.find("build-std") != std::string::npos; });
}

std::optional<std::string> choose_target(const BuildRequest& request, const std::string& sysroot) {
  const auto names = target_names(request.target);
  if (builds_library_itself(request)) return names.front();
  for (const std::string& name : names) {
    if (is_folder(sysroot + "/lib/rustlib/" + name + "/lib")) return name;
  }
  return std::nullopt;
}

std::optional<std::string> missing_for_rust(const Context& context, const BuildRequest& request) {
  const auto rustc = find_rustc(context);
  if (!rustc) return "the program \"rustc\" is not on the PATH";
  if (request.is_project() && !find_cargo(context)) return "the program \"cargo\" is not on the PATH";
  const auto sysroot = ask_sysroot(request, *rustc);
  if (!sysroot) return sysroot.error().message;
  if (choose_target(request, *sysroot)) return std::nullopt;
  return "its standard library for " + target_names(request.target).front() + " is not installed (rustup target add " +
         target_names(request.target).front() + ")";
}

// The later of two that match wins in rustc.
std::vector<std::string> remap_flags(const Context& context, const std::string& sysroot, const std::vector<std::string>& roots) {
  std::vector<std::string> flags;
  const auto home = context.environment("HOME");
  const auto cargo_home = context.environment("CARGO_HOME");
  if (cargo_home || home) flags.push_back("--remap-path-prefix=" + cargo_home.value_or(home.value_or("") + "/.cargo") + "=/cargo");
  flags.push_back("--remap-path-prefix=" + sysroot + "/lib/rustlib/src/rust=/rustc");
  for (std::size_t at = 0; at < roots.size(); ++at) flags.push_back("--remap-path-prefix=" + roots[at] + (at == 0 ? "=/target" : "=."));
  return flags;
}

struct CargoProject {
  std::string root;
  std::string target_folder;
  std::vector<std::string> members;  ///< package ids
};

Result<CargoProject> read_cargo_metadata(const std::string& text) {
  TRY_ASSIGN(const Json json, parse_json(text, {.size_bytes = k_max_metadata_bytes, .depth = 64}));
  const JsonView view(json);
  CargoProject project;
  TRY_ASSIGN(const auto root, view.field("workspace_root"));
  TRY_ASSIGN(project.root, root.as_string());
  TRY_ASSIGN(const auto target, view.field("target_directory"));
  TRY_ASSIGN(project.target_folder, target.as_string());
  TRY_ASSIGN(const auto members, view.field("workspace_members"));
  TRY_ASSIGN(project.members, members.as_strings());
  return project;
}

// The wasm files of the project's own programs and libraries, from the lines that cargo writes for machines.
Result<std::vector<std::string>> artifacts_in(const std::string& lines, const CargoProject& project) {
  std::vector<std::string> found;
  std::size_t start = 0;
  while (start < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', start), lines.size());
    const std::string_view line = std::string_view(lines).substr(start, end - start);
    start = end + 1;
    // Programs that cargo runs may print lines of their own.
    if (!line.starts_with("{\"reason\":\"compiler-artifact\"")) continue;
    TRY_ASSIGN(const Json json, parse_json(line, {.size_bytes = k_max_metadata_bytes, .depth = 64}));
    const JsonView view(json);
    TRY_ASSIGN(const auto package, view.field("package_id"));
    TRY_ASSIGN(const std::string id, package.as_string());
    if (std::ranges::find(project.members, id) == project.members.end()) continue;
    TRY_ASSIGN(const auto names, view.field("filenames"));
    TRY_ASSIGN(const auto paths, names.as_strings());
    std::ranges::copy_if(paths, std::back_inserter(found), [](const std::string& path) { return path.ends_with(".wasm"); });
  }
  return found;
}

void give_flags(const Context& context, const std::vector<std::string>& flags, const std::string& target, ProgramCall& call) {
  const auto encoded = context.environment("CARGO_ENCODED_RUSTFLAGS");
  const auto plain = context.environment("RUSTFLAGS");
  if (encoded || plain) {
    std::string all;
    const auto add = [&](std::string_view flag) { all += (all.empty() ? "" : std::string(1, k_flag_separator)) + std::string(flag); };
    if (encoded) {
      add(*encoded);
    } else {
      std::size_t start = 0;
      while (start < plain->size()) {
        const std::size_t end = std::min(plain->find(' ', start), plain->size());
        if (end > start) add(std::string_view(*plain).substr(start, end - start));
        start = end + 1;
      }
    }
    for (const std::string& flag : flags) add(flag);
    call.environment.push_back("CARGO_ENCODED_RUSTFLAGS=" + all);
    return;
  }
  call.arguments.push_back("--config");
  call.arguments.push_back("target." + target + ".rustflags=" + write_json(Json::strings(flags)));
}

Result<std::string> build_with_cargo(const Context& context, const BuildRequest& request, const std::string& target,
                                     const std::string& sysroot) {
  const auto cargo = find_cargo(context);
  if (!cargo) return fail(ErrorCode::not_found, "the program \"cargo\" is not on the PATH");
  ProgramCall ask = make_step(request, *cargo, {"metadata", "--no-deps", "--format-version", "1"});
  TRY_ASSIGN(const std::string metadata, capture_step(context, request, "rust", ask));
  TRY_ASSIGN(const CargoProject project, read_cargo_metadata(metadata));
  std::vector<std::string> words{"build", "--target", target, "--message-format=json-render-diagnostics"};
  const bool profile = std::ranges::any_of(request.extra, [](const std::string& word) { return word.starts_with("--profile"); });
  if (!profile) words.emplace_back("--release");
  // What was tested is what is built: the lock file is not rewritten.
  if (is_file(project.root + "/Cargo.lock")) words.emplace_back("--locked");
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  ProgramCall call = make_step(request, *cargo, std::move(words));
  give_flags(context, remap_flags(context, sysroot, {project.target_folder, project.root}), target, call);
  TRY_ASSIGN(const std::string lines, capture_step(context, request, "rust", call));
  TRY_ASSIGN(const auto found, artifacts_in(lines, project));
  auto chosen = choose_artifact(request, found);
  if (!chosen && found.empty())
    return std::move(chosen).error().hinting("a library needs crate-type = [\"cdylib\"] below [lib] in Cargo.toml");
  return chosen;
}

Result<std::string> build_with_rustc(const Context& context, const BuildRequest& request, const std::string& rustc,
                                     const std::string& target, const std::string& sysroot) {
  if (request.files.size() != 1)
    return fail(ErrorCode::usage, "rustc takes one file, and " + std::to_string(request.files.size()) + " were given")
        .hinting("name the file that holds main, or the folder with Cargo.toml");
  std::vector<std::string> words{"--target", target, "--edition=2021", "-Copt-level=2", "-Cmetadata=davit"};
  if (request.target == BuildTarget::core) words.emplace_back("--crate-type=cdylib");
  const auto flags = remap_flags(context, sysroot, {request.scratch, request.folder});
  words.insert(words.end(), flags.begin(), flags.end());
  const std::string folder = std::filesystem::path(request.files.front()).parent_path().string();
  if (folder.starts_with('/')) words.push_back("--remap-path-prefix=" + folder + "=.");
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.insert(words.end(), {"-o", scratch_output(request), request.files.front()});
  TRY(run_step(context, request, "rust", make_step(request, rustc, std::move(words))));
  return scratch_output(request);
}

Result<std::string> build_with_rust(const Context& context, const BuildRequest& request) {
  const auto rustc = find_rustc(context);
  if (!rustc) return fail(ErrorCode::not_found, "the program \"rustc\" is not on the PATH");
  TRY_ASSIGN(const std::string sysroot, ask_sysroot(request, *rustc));
  const auto target = choose_target(request, sysroot);
  if (!target) return fail(ErrorCode::not_found, "rustc has no standard library for WebAssembly");
  if (request.is_project()) return build_with_cargo(context, request, *target, sysroot);
  return build_with_rustc(context, request, *rustc, *target, sysroot);
}

}  // namespace

Toolchain rust_toolchain() {
  return {.name = "rust",
          .language = "Rust",
          .endings = {".rs"},
          .markers = {"Cargo.toml"},
          .targets = {BuildTarget::wasi_preview1, BuildTarget::wasi_preview2, BuildTarget::core},
          .install =
              "rustup target add wasm32-wasip1 wasm32-wasip2 wasm32-unknown-unknown, or apt-get install rustc cargo libstd-rust-dev-wasm32",
          .version = {"--version"},
          .program = [](const Context& context, const std::string&) { return find_rustc(context); },
          .missing = missing_for_rust,
          .build = build_with_rust};
}

}  // namespace davit::cli
