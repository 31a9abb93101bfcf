#include "cli/build/component.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/build/steps.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_preview1 = "wasi_snapshot_preview1";
constexpr std::string_view k_no_adapter = "no adapter from preview 1 to preview 2 was found";
constexpr std::string_view k_adapter_hint =
    "run: npm install --save-dev @bytecodealliance/jco, or set DAVIT_WASI_ADAPTER to a wasi_snapshot_preview1 adapter";

std::string adapter_file(bool command) { return "lib/" + std::string(k_preview1) + (command ? ".command.wasm" : ".reactor.wasm"); }

// The folder of the jco that a program on the PATH belongs to.
std::optional<std::string> package_of(const std::string& program) {
  std::error_code problem;
  fs::path path = fs::canonical(program, problem);
  while (!problem && path != path.parent_path()) {
    path = path.parent_path();
    if (path.filename() == "jco") return path.string();
  }
  return std::nullopt;
}

struct Componentizer {
  std::string program;
  bool is_wasm_tools;
};

std::optional<Componentizer> find_componentizer(const Context& context, const std::string& folder) {
  if (auto found = find_program(context, "wasm-tools")) return Componentizer{*std::move(found), true};
  if (auto found = find_npm_program(context, folder, "jco")) return Componentizer{*std::move(found), false};
  return std::nullopt;
}

bool has_world(const wasm::BinarySummary& summary) {
  return std::ranges::any_of(summary.sections,
                             [](const wasm::SectionItem& section) { return section.custom && section.name.starts_with("component-type"); });
}

// A module that no bindings generator touched does not know its world; `--wit` tells.
Result<std::string> embed_world(const Context& context, const BuildRequest& request, const Componentizer& tool, const std::string& module) {
  TRY_ASSIGN(const std::string wit, find_wit(request));
  const std::string output = request.scratch + "/embedded.wasm";
  std::vector<std::string> words = tool.is_wasm_tools ? std::vector<std::string>{"component", "embed", wit, module}
                                                      : std::vector<std::string>{"embed", "--wit", wit, module};
  if (!request.world.empty()) words.insert(words.end(), {tool.is_wasm_tools ? "--world" : "--world-name", request.world});
  words.insert(words.end(), {"-o", output});
  TRY(run_step(context, request, "embedding the world", make_step(request, tool.program, std::move(words))));
  return output;
}

}  // namespace

std::optional<std::string> find_wasi_adapter(const Context& context, const std::string& folder, bool command) {
  if (const auto named = context.environment("DAVIT_WASI_ADAPTER")) return is_file(*named) ? named : std::nullopt;
  std::vector<std::string> packages;
  if (auto package = find_npm_package(folder, "@bytecodealliance/jco")) packages.push_back(*std::move(package));
  if (const auto program = find_npm_program(context, folder, "jco")) {
    if (auto package = package_of(*program)) packages.push_back(*std::move(package));
  }
  for (const std::string& package : packages) {
    std::string candidate = package + "/" + adapter_file(command);
    if (is_file(candidate)) return candidate;
  }
  return std::nullopt;
}

std::optional<std::string> missing_for_components(const Context& context, const std::string& folder) {
  if (!find_componentizer(context, folder)) return "neither \"wasm-tools\" nor \"jco\" is installed";
  if (!find_wasi_adapter(context, folder, true)) return std::string(k_no_adapter);
  return std::nullopt;
}

Result<std::string> make_component(const Context& context, const BuildRequest& request, const std::string& module,
                                   const wasm::BinarySummary& summary) {
  const auto tool = find_componentizer(context, request.folder);
  if (!tool) {
    return fail(ErrorCode::not_found, "a component is made of a module by \"wasm-tools\" or \"jco\", and neither is installed")
        .hinting("run: cargo install wasm-tools, or npm install --save-dev @bytecodealliance/jco; or use --target p1");
  }
  std::string input = module;
  if (!request.wit.empty() && !has_world(summary)) {
    TRY_ASSIGN(input, embed_world(context, request, *tool, module));
  }
  const std::string output = request.scratch + "/component.wasm";
  std::vector<std::string> words = tool->is_wasm_tools ? std::vector<std::string>{"component", "new"} : std::vector<std::string>{"new"};
  words.push_back(input);
  const bool needs_adapter = std::ranges::any_of(summary.imports, [](const wasm::ImportItem& item) { return item.module == k_preview1; });
  if (needs_adapter) {
    const bool command = std::ranges::any_of(summary.exports, [](const wasm::ExportItem& item) { return item.name == "_start"; });
    const auto adapter = find_wasi_adapter(context, request.folder, command);
    if (!adapter) return fail(ErrorCode::not_found, std::string(k_no_adapter)).hinting(std::string(k_adapter_hint));
    words.insert(words.end(), {"--adapt", std::string(k_preview1) + "=" + *adapter});
  }
  words.insert(words.end(), {"-o", output});
  TRY(run_step(context, request, "making a component", make_step(request, tool->program, std::move(words))));
  return output;
}

}  // namespace davit::cli
