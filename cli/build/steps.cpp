#include "cli/build/steps.hpp"

#include <algorithm>
#include <filesystem>

#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_max_parent_folders = 64;
constexpr std::size_t k_max_build_files = 200'000;
constexpr std::size_t k_max_captured_bytes = std::size_t{64} << 20;  // cargo writes one line of JSON per crate

Error step_failed(const BuildRequest& request, std::string_view toolchain, int status) {
  return fail(ErrorCode::malformed,
              std::string(toolchain) + " refused " + source_name(request) + " (it ended with status " + std::to_string(status) + ")")
      .hinting("its messages stand above; run with -v to see its command line");
}

std::string with_environment(const ProgramCall& call) {
  std::string line;
  for (const std::string& variable : call.environment) line += variable + " ";
  return (call.working_folder.empty() ? "" : "in " + call.working_folder + ": ") + line + shell_line(call);
}

template <typename Visit>
void for_each_parent(const std::string& folder, Visit visit) {
  fs::path path = folder;
  for (std::size_t level = 0; level < k_max_parent_folders; ++level) {
    if (visit(path) || path == path.parent_path()) return;
    path = path.parent_path();
  }
}

}  // namespace

bool is_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::optional<std::string> find_npm_program(const Context& context, const std::string& folder, const std::string& name) {
  std::optional<std::string> found;
  for_each_parent(folder, [&](const fs::path& path) {
    found = find_program(context, (path / "node_modules" / ".bin" / name).string());
    return found.has_value();
  });
  return found ? found : find_program(context, name);
}

std::optional<std::string> find_npm_package(const std::string& folder, const std::string& name) {
  std::optional<std::string> found;
  for_each_parent(folder, [&](const fs::path& path) {
    const std::string candidate = (path / "node_modules" / name).string();
    if (is_folder(candidate)) found = candidate;
    return found.has_value();
  });
  return found;
}

std::optional<std::string> find_first_program(const Context& context, const std::string& variable, const std::vector<std::string>& names) {
  if (const auto named = variable.empty() ? std::nullopt : context.environment(variable)) return find_program(context, *named);
  for (const std::string& name : names) {
    if (auto found = find_program(context, name)) return found;
  }
  return std::nullopt;
}

ProgramCall make_step(const BuildRequest& request, const std::string& program, std::vector<std::string> words) {
  ProgramCall call{.path = program, .arguments = std::move(words)};
  // A program found by a relative name must be found from the project's folder too.
  if (program.find('/') != std::string::npos) call.path = fs::absolute(program).lexically_normal().string();
  call.working_folder = request.folder;
  // Compilers believe PWD before they ask the system, and it may name another way to the same folder.
  call.environment.push_back("PWD=" + request.folder);
  return call;
}

Result<void> run_step(const Context& context, const BuildRequest& request, std::string_view toolchain, const ProgramCall& call) {
  context.explain("running " + with_environment(call));
  TRY_ASSIGN(const int status, run_program(call));
  if (status != 0) return step_failed(request, toolchain, status);
  return {};
}

Result<std::string> capture_step(const Context& context, const BuildRequest& request, std::string_view toolchain, const ProgramCall& call) {
  context.explain("running " + with_environment(call));
  TRY_ASSIGN(auto run, capture_program(call, k_max_captured_bytes));
  if (run.status != 0) return step_failed(request, toolchain, run.status);
  return std::move(run.output);
}

std::string source_name(const BuildRequest& request) { return printable(request.is_project() ? request.folder : request.files.front()); }

std::string scratch_output(const BuildRequest& request) { return request.scratch + "/out.wasm"; }

Result<std::string> choose_artifact(const BuildRequest& request, std::vector<std::string> paths) {
  std::ranges::sort(paths);
  std::string names;
  for (const std::string& path : paths) {
    const fs::path name = fs::path(path).filename();
    names += (names.empty() ? "" : ", ") + printable(name.stem().string());
    if (!request.artifact.empty() && (name.string() == request.artifact || name.stem().string() == request.artifact)) return path;
  }
  if (paths.empty()) return fail(ErrorCode::not_found, "the build of " + source_name(request) + " made no WebAssembly file");
  if (!request.artifact.empty())
    return fail(ErrorCode::not_found, "the build made " + names + ", and no \"" + printable(request.artifact) + "\"");
  if (paths.size() > 1) return fail(ErrorCode::usage, "the build made several files: " + names).hinting("choose one with --artifact NAME");
  return paths.front();
}

Result<std::string> find_only_wasm(const BuildRequest& request, const std::string& below) {
  std::vector<std::string> found;
  std::size_t seen = 0;
  std::error_code problem;
  for (fs::recursive_directory_iterator entry(below, problem), end; !problem && entry != end; entry.increment(problem)) {
    if (++seen > k_max_build_files)
      return fail(ErrorCode::limit, "the build made more than " + std::to_string(k_max_build_files) + " files");
    const fs::path& path = entry->path();
    // CMake tries its compiler there.
    if (path.filename() == "CMakeFiles") entry.disable_recursion_pending();
    if (path.extension() == ".wasm" && is_file(path.string())) found.push_back(path.string());
  }
  if (problem) return fail(ErrorCode::io, "cannot list \"" + below + "\": " + problem.message());
  return choose_artifact(request, std::move(found));
}

Result<std::string> find_wit(const BuildRequest& request) {
  const fs::path folder = request.folder;
  if (!request.wit.empty()) {
    if (!is_file(request.wit) && !is_folder(request.wit))
      return fail(ErrorCode::not_found, "there is no file or folder \"" + printable(request.wit) + "\"");
    return fs::absolute(request.wit).lexically_normal().string();
  }
  if (is_folder((folder / "wit").string())) return (folder / "wit").string();
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".wit") found.push_back(entry.path().string());
  }
  if (found.size() == 1) return found.front();
  return fail(ErrorCode::not_found, "there is no folder \"wit\" that says what " + source_name(request) + " imports and exports")
      .hinting("name it with --wit PATH");
}

std::vector<std::string> prefix_map_flags(const BuildRequest& request) {
  std::vector<std::string> flags{"-ffile-prefix-map=" + request.folder + "=."};
  if (!request.scratch.empty()) flags.push_back("-ffile-prefix-map=" + request.scratch + "=.");
  for (const std::string& file : request.files) {
    const std::string folder = fs::path(file).parent_path().string();
    const bool outside = file.starts_with('/') && !(folder + "/").starts_with(request.folder + "/");
    const std::string flag = "-ffile-prefix-map=" + folder + "=.";
    if (outside && folder != "/" && std::ranges::find(flags, flag) == flags.end()) flags.push_back(flag);
  }
  return flags;
}

}  // namespace davit::cli
