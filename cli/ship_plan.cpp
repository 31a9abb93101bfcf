#include "cli/ship_plan.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace davit::cli {
namespace {

std::string below(const std::string& folder, const std::string& path) {
  return path.empty() || path.front() == '/' || folder.empty() ? path : (std::filesystem::path(folder) / path).lexically_normal().string();
}

Result<void> read_text(const JsonView& json, std::string_view name, std::string& out) {
  if (const auto member = json.find(name)) {
    TRY_ASSIGN(out, member->as_string());
  }
  return {};
}

Result<void> read_choice(const JsonView& json, std::string_view name, std::initializer_list<std::string_view> choices, std::string& out) {
  TRY(read_text(json, name, out));
  const auto member = json.find(name);
  if (!member || std::ranges::find(choices, out) != choices.end()) return {};
  std::string list;
  for (const std::string_view choice : choices) list += (list.empty() ? "" : ", ") + std::string(choice);
  return member->complaint("\"" + out + "\" is none of " + list);
}

// One text or a list of texts.
Result<std::vector<std::string>> read_list(const JsonView& json) {
  if (json.json().string() != nullptr) return std::vector<std::string>{*json.json().string()};
  return json.as_strings();
}

}  // namespace

Result<ShipPlan> parse_ship_plan(const Json& json, const std::string& folder) {
  const JsonView view(json);
  TRY(view.refuse_unknown({"source", "target", "toolchain", "artifact", "wit", "world", "arguments", "optimize", "strip", "capabilities",
                           "reference", "format", "annotations", "sign"}));
  ShipPlan plan;
  plan.sources = {folder.empty() ? "." : folder};
  if (const auto sources = view.find("source")) {
    TRY_ASSIGN(plan.sources, read_list(*sources));
    for (std::string& source : plan.sources) source = below(folder, source);
  }
  if (const auto arguments = view.find("arguments")) {
    TRY_ASSIGN(plan.arguments, read_list(*arguments));
  }
  TRY(read_choice(view, "target", {"p1", "p2", "core"}, plan.target));
  TRY(read_text(view, "toolchain", plan.toolchain));
  TRY(read_text(view, "artifact", plan.artifact));
  TRY(read_text(view, "wit", plan.wit));
  TRY(read_text(view, "world", plan.world));
  TRY(read_choice(view, "optimize", {"none", "-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz"}, plan.optimize));
  TRY(read_choice(view, "strip", {"debug", "names", "producers", "all"}, plan.strip));
  TRY(read_text(view, "capabilities", plan.capabilities));
  TRY(read_text(view, "reference", plan.reference));
  TRY(read_choice(view, "format", {"wasm", "image"}, plan.format));
  TRY(read_text(view, "sign", plan.sign));
  if (const auto annotations = view.find("annotations")) {
    TRY_ASSIGN(const auto members, annotations->as_members());
    for (const auto& [name, value] : members) {
      TRY_ASSIGN(plan.annotations[name], value.as_string());
    }
  }
  plan.capabilities = below(folder, plan.capabilities);
  plan.wit = below(folder, plan.wit);
  plan.sign = below(folder, plan.sign);
  return plan;
}

Result<void> check_ship_plan(const ShipPlan& plan) {
  if (plan.reference.empty())
    return fail(ErrorCode::usage, "there is nowhere to ship to: no reference was named")
        .hinting("add \"reference\" to davit.json, or use --reference REF");
  return {};
}

}  // namespace davit::cli
