#include "cli/build/list.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "cli/build/component.hpp"
#include "cli/build/toolchain.hpp"
#include "cli/process.hpp"

namespace davit::cli {
namespace {

constexpr std::chrono::milliseconds k_version_time{5'000};
constexpr std::size_t k_max_version_bytes = 64 * 1024;

struct ToolchainState {
  std::optional<std::string> lack{};
  std::optional<std::string> program{};
  std::string version{};
  std::vector<std::string> targets{};
};

// `1.2` or longer, the first in the text; a letter before it is allowed (go1.26, v18).
std::string version_in(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!digit(text[at])) continue;
    std::size_t end = at;
    while (end < text.size() && (digit(text[end]) || (text[end] == '.' && end + 1 < text.size() && digit(text[end + 1])))) ++end;
    if (text.substr(at, end - at).find('.') != std::string_view::npos) return std::string(text.substr(at, end - at));
    at = end;
  }
  return "";
}

std::string ask_version(const Toolchain& toolchain, const std::string& program) {
  ProgramCall call{.path = program, .arguments = {}};
  for (const std::string_view word : toolchain.version) call.arguments.emplace_back(word);
  const auto answer = probe_program(call, k_max_version_bytes, k_version_time);
  return answer ? version_in(answer->output) : "";
}

ToolchainState examine(const Context& context, const Toolchain& toolchain, const std::string& folder) {
  ToolchainState state;
  BuildRequest request;
  request.folder = folder;
  request.target = toolchain.targets.front();
  state.lack = toolchain.missing(context, request);
  state.program = toolchain.program(context, folder);
  if (state.program) state.version = ask_version(toolchain, *state.program);
  const bool components = !missing_for_components(context, folder);
  for (const BuildTarget target : toolchain.targets) {
    request.target = target;
    const bool itself = toolchain.targets.size() == 1 || target != BuildTarget::wasi_preview2;
    const bool sdk = toolchain.name.starts_with("clang") && context.environment("WASI_SDK_PATH");
    if (!toolchain.missing(context, request) && (itself || components || sdk || toolchain.name == "tinygo"))
      state.targets.emplace_back(to_text(target));
  }
  return state;
}

Result<void> print_state(const Context& context, const Toolchain& toolchain, const ToolchainState& state) {
  if (context.common.json) {
    JsonObject line{{"name", toolchain.name},
                    {"language", toolchain.language},
                    {"found", !state.lack.has_value()},
                    {"version", state.version.empty() ? Json() : Json(state.version)},
                    {"program", state.program ? Json(*state.program) : Json()},
                    {"targets", Json::strings(state.targets)},
                    {"reproducible", is_reproducible(context, toolchain, BuildRequest{})},
                    {"install", toolchain.install}};
    if (state.lack) line.set("missing", *state.lack);
    return context.print_json(std::move(line));
  }
  std::string text = std::string(toolchain.name) + " (" + std::string(toolchain.language) + "): ";
  if (state.lack) {
    text += "missing: " + *state.lack + "; run: " + std::string(toolchain.install);
  } else {
    text += "found" + (state.version.empty() ? std::string() : " " + state.version);
    std::string targets;
    for (const std::string& target : state.targets) targets += (targets.empty() ? "" : ", ") + target;
    text += ", makes " + targets + (state.program ? ", " + *state.program : "");
  }
  return context.print(text + "\n");
}

}  // namespace

Result<int> list_toolchains(Context& context) {
  std::error_code problem;
  const std::string folder = std::filesystem::current_path(problem).string();
  if (problem) return fail(ErrorCode::io, "cannot tell the folder this runs in: " + problem.message());
  const auto toolchains = all_toolchains();
  std::vector<ToolchainState> states(toolchains.size());
  {
    std::vector<std::jthread> askers;
    for (std::size_t at = 0; at < toolchains.size(); ++at)
      askers.emplace_back([&, at] { states[at] = examine(context, toolchains[at], folder); });
  }
  for (std::size_t at = 0; at < toolchains.size(); ++at) TRY(print_state(context, toolchains[at], states[at]));
  return 0;
}

std::string toolchain_version(const Context& context, std::string_view name) {
  std::error_code problem;
  const std::string folder = std::filesystem::current_path(problem).string();
  for (const Toolchain& toolchain : all_toolchains()) {
    if (toolchain.name != name) continue;
    const auto program = toolchain.program(context, folder);
    return program ? ask_version(toolchain, *program) : "";
  }
  return "";
}

}  // namespace davit::cli
