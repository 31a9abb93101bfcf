// AssemblyScript. The compiler imports its abort from a host of its own; for WASI the package @assemblyscript/wasi-shim
// takes its place, by options that its asconfig.json holds. The compiler finds files by paths relative to the project.
#include <filesystem>

#include "cli/build/steps.hpp"
#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_config_bytes = 1 << 20;
constexpr std::string_view k_shim = "@assemblyscript/wasi-shim";

std::optional<std::string> find_asc(const Context& context, const std::string& folder) { return find_npm_program(context, folder, "asc"); }

Result<Json> read_config(const std::string& path) {
  TRY_ASSIGN(const Bytes content, oci::read_file(path, k_max_config_bytes));
  auto json = parse_json(as_text(content), {.size_bytes = k_max_config_bytes, .depth = 32});
  if (!json) return std::move(json).error().in(path);
  return json;
}

std::string relative_to(const std::string& path, const std::string& folder) {
  return std::filesystem::path(path).lexically_relative(folder).string();
}

Result<std::vector<std::string>> shim_words(const BuildRequest& request) {
  const auto shim = find_npm_package(request.folder, std::string(k_shim));
  if (!shim)
    return fail(ErrorCode::not_found,
                "the package " + std::string(k_shim) + ", which lends AssemblyScript the WASI interface, is not in node_modules")
        .hinting("run: npm install --save-dev " + std::string(k_shim) + ", or use --target core");
  TRY_ASSIGN(const Json json, read_config(*shim + "/asconfig.json"));
  const JsonView view(json);
  TRY_ASSIGN(const auto options, view.field("options"));
  std::vector<std::string> words{"--lib", relative_to(*shim + "/assembly", request.folder)};
  if (const auto uses = options.find("use")) {
    TRY_ASSIGN(const auto items, uses->as_strings());
    for (const std::string& item : items) words.insert(words.end(), {"--use", item});
  }
  if (const auto start = options.find("exportStart")) {
    TRY_ASSIGN(const std::string name, start->as_string());
    words.insert(words.end(), {"--exportStart", name});
  }
  return words;
}

struct ProjectConfig {
  bool has_entries = false;
  bool has_release = false;
  bool extends_shim = false;
  bool exists = false;
};

Result<ProjectConfig> read_project(const std::string& folder) {
  ProjectConfig config;
  const std::string path = folder + "/asconfig.json";
  if (!is_file(path)) return config;
  config.exists = true;
  TRY_ASSIGN(const Json json, read_config(path));
  const JsonView view(json);
  if (const auto entries = view.find("entries")) {
    TRY_ASSIGN(const auto items, entries->as_strings());
    config.has_entries = !items.empty();
  }
  if (const auto targets = view.find("targets")) config.has_release = targets->find("release").has_value();
  if (const auto base = view.find("extends")) {
    TRY_ASSIGN(const std::string name, base->as_string());
    config.extends_shim = name.find(k_shim) != std::string::npos;
  }
  return config;
}

Result<std::string> build_with_asc(const Context& context, const BuildRequest& request) {
  const auto program = find_asc(context, request.folder);
  if (!program) return fail(ErrorCode::not_found, "the program \"asc\" is neither in node_modules nor on the PATH");
  ProjectConfig config;
  if (request.is_project()) {
    TRY_ASSIGN(config, read_project(request.folder));
  }
  std::vector<std::string> words = request.files;
  if (request.is_project() && !config.has_entries) {
    const std::string entry = "assembly/index.ts";
    if (!is_file(request.folder + "/" + entry))
      return fail(ErrorCode::not_found, "the project names no entry, and has no " + entry).hinting("add \"entries\" to asconfig.json");
    words.push_back(entry);
  }
  if (config.has_release) words.insert(words.end(), {"--target", "release"});
  if (!config.exists) words.emplace_back("--optimize");
  if (request.target != BuildTarget::core && !config.extends_shim) {
    TRY_ASSIGN(const auto more, shim_words(request));
    words.insert(words.end(), more.begin(), more.end());
  }
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.insert(words.end(), {"--outFile", scratch_output(request)});
  TRY(run_step(context, request, "assemblyscript", make_step(request, *program, std::move(words))));
  return scratch_output(request);
}

std::optional<std::string> missing_for_asc(const Context& context, const BuildRequest& request) {
  if (!find_asc(context, request.folder)) return "the program \"asc\" is neither in node_modules nor on the PATH";
  return std::nullopt;
}

}  // namespace

Toolchain assemblyscript_toolchain() {
  return {.name = "assemblyscript",
          .language = "AssemblyScript",
          .endings = {".ts"},
          .markers = {"asconfig.json"},
          .targets = {BuildTarget::wasi_preview1, BuildTarget::wasi_preview2, BuildTarget::core},
          .install = "npm install --save-dev assemblyscript @assemblyscript/wasi-shim",
          .version = {"--version"},
          .program = find_asc,
          .missing = missing_for_asc,
          .build = build_with_asc};
}

}  // namespace davit::cli
