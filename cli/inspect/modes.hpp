// What `inspect` answers instead of its report when it is asked for one thing: its world, sizes, a comparison, a budget.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/input.hpp"

namespace davit::cli {

struct InspectModes {
  bool wit = false;
  bool size = false;
  std::string size_format{"text"};
  std::string output{};  ///< of the size profile; empty is standard output
  std::optional<std::string> top{};
  std::string diff{};          ///< the older file
  std::string budget{};        ///< a budget document
  std::string write_budget{};  ///< where to write one
  [[nodiscard]] bool any() const { return wit || size || !diff.empty() || !budget.empty() || !write_budget.empty(); }
};

std::vector<Option> inspect_mode_options(InspectModes& modes);

/// Errors: usage (options that exclude each other), limit (over its budget), and those of reading
Result<int> run_inspect_mode(Context& context, const WasmInput& input, const InspectModes& modes);

}  // namespace davit::cli
