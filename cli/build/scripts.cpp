// JavaScript by jco and Python by componentize-py: both run the program once inside its engine and keep the memory, with
// the seeds the engine drew, the time it saw and what it was told of files. All of that is fixed (fixed.hpp) where the system
// allows it; else two builds differ in some bytes, and `build` says so.
#include <algorithm>
#include <filesystem>

#include "cli/build/fixed.hpp"
#include "cli/build/steps.hpp"
#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_package_bytes = 4 << 20;

std::optional<std::string> find_jco(const Context& context, const std::string& folder) { return find_npm_program(context, folder, "jco"); }

std::optional<std::string> find_componentize_py(const Context& context) {
  return find_first_program(context, "COMPONENTIZE_PY", {"componentize-py"});
}

bool is_fixed(const Context& context, const BuildRequest& request) {
  return request.scratch.empty() ? can_fix(context) : was_fixed(request);
}

Result<std::string> one_file(const BuildRequest& request) {
  if (request.files.size() == 1) return request.files.front();
  return fail(ErrorCode::usage, "one file is the program, and " + std::to_string(request.files.size()) + " were given");
}

Result<std::string> first_of(const BuildRequest& request, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (is_file(request.folder + "/" + name)) return name;
    list += (list.empty() ? "" : ", ") + printable(name);
  }
  return fail(ErrorCode::not_found, "the project has none of " + list);
}

Result<std::string> javascript_entry(const BuildRequest& request) {
  if (!request.is_project()) return one_file(request);
  TRY_ASSIGN(const Bytes content, oci::read_file(request.folder + "/package.json", k_max_package_bytes));
  auto json = parse_json(as_text(content), {.size_bytes = k_max_package_bytes, .depth = 64});
  if (!json) return std::move(json).error().in(request.folder + "/package.json");
  const JsonView view(*json);
  std::vector<std::string> names;
  for (const std::string_view member : {"module", "main"}) {
    const auto found = view.find(member);
    if (found && found->json().string() != nullptr) names.push_back(*found->json().string());
  }
  names.insert(names.end(), {"index.js", "index.mjs", "src/index.js"});
  return first_of(request, names);
}

Result<std::string> build_with_jco(const Context& context, const BuildRequest& request) {
  const auto program = find_jco(context, request.folder);
  if (!program) return fail(ErrorCode::not_found, "the program \"jco\" is neither in node_modules nor on the PATH");
  TRY_ASSIGN(const std::string entry, javascript_entry(request));
  TRY_ASSIGN(const std::string wit, find_wit(request));
  std::vector<std::string> words{"componentize", entry, "--wit", wit};
  if (!request.world.empty()) words.insert(words.end(), {"--world-name", request.world});
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.insert(words.end(), {"--out", scratch_output(request)});
  ProgramCall step = make_step(request, *program, std::move(words));
  TRY(fix_node(context, request, step));
  TRY(run_step(context, request, "js", step));
  return scratch_output(request);
}

Result<std::string> build_with_python(const Context& context, const BuildRequest& request) {
  const auto program = find_componentize_py(context);
  if (!program) return fail(ErrorCode::not_found, "the program \"componentize-py\" is not on the PATH");
  std::string entry;
  if (request.is_project()) {
    TRY_ASSIGN(entry, first_of(request, {"app.py", "main.py"}));
  } else {
    TRY_ASSIGN(entry, one_file(request));
  }
  TRY_ASSIGN(const std::string wit, find_wit(request));
  const std::filesystem::path path = entry;
  std::vector<std::string> words{"--wit-path", wit};
  if (!request.world.empty()) words.insert(words.end(), {"--world", request.world});
  words.emplace_back("componentize");
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  // Paths of the user's own are read, and written to, where they are.
  const bool has_paths = std::ranges::any_of(
      request.extra, [](const std::string& word) { return word.starts_with("-p") || word.starts_with("--python-path"); });
  std::string folder = (std::filesystem::path(request.folder) / path.parent_path()).lexically_normal().string();
  std::optional<FixedSources> fixed;
  if (!has_paths) {
    TRY_ASSIGN(fixed, copy_python(context, request, folder));
  }
  if (fixed) folder = fixed->folder;
  words.insert(words.end(), {"--python-path", folder, "--output", scratch_output(request), path.stem().string()});
  ProgramCall step = make_step(request, *program, std::move(words));
  if (fixed) fix_python(request, *fixed, step);
  TRY(run_step(context, request, "python", step));
  return scratch_output(request);
}

}  // namespace

Toolchain javascript_toolchain() {
  return {.name = "js",
          .language = "JavaScript",
          .endings = {".js", ".mjs"},
          .markers = {"package.json"},
          .targets = {BuildTarget::wasi_preview2},
          .install = "npm install --save-dev @bytecodealliance/jco @bytecodealliance/componentize-js",
          .version = {"--version"},
          .program = find_jco,
          .has_engine = true,
          .reproducible = is_fixed,
          .missing = [](const Context& context, const BuildRequest& request) -> std::optional<std::string> {
            if (find_jco(context, request.folder)) return std::nullopt;
            return "the program \"jco\" is neither in node_modules nor on the PATH";
          },
          .build = build_with_jco};
}

Toolchain python_toolchain() {
  return {.name = "python",
          .language = "Python",
          .endings = {".py"},
          .markers = {"pyproject.toml", "app.py"},
          .targets = {BuildTarget::wasi_preview2},
          .install = "pip install componentize-py",
          .version = {"--version"},
          .program = [](const Context& context, const std::string&) { return find_componentize_py(context); },
          .has_engine = true,
          .reproducible = is_fixed,
          .missing = [](const Context& context, const BuildRequest&) -> std::optional<std::string> {
            if (find_componentize_py(context)) return std::nullopt;
            return "the program \"componentize-py\" is not on the PATH";
          },
          .build = build_with_python};
}

}  // namespace davit::cli
