// The table of runtimes that `run` can start, and how each is told what it may give.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/context.hpp"
#include "cli/process.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

struct GrantedFolder {
  std::string host;
  std::string guest;
  bool read_only = false;
};

/// All that a run may reach. What is not here is not given.
struct Grants {
  std::vector<GrantedFolder> folders{};
  std::vector<std::pair<std::string, std::string>> environment{};
  std::vector<std::string> arguments{};
  bool network = false;
  bool http = false;
  bool threads = false;
};

struct RunTarget {
  std::string path;  ///< of the wasm file
  std::string name;  ///< argument 0 of the program
  bool is_component = false;
};

struct Runtime {
  std::string_view name;
  std::string_view install;
  bool runs_components;
  bool has_read_only_folders;
  bool has_network;
  std::function<ProgramCall(const std::string& program, const RunTarget& target, const Grants& grants)> command;
};

std::span<const Runtime> all_runtimes();

struct ChosenRuntime {
  const Runtime* runtime;
  std::string program;
};

/// The named runtime, or the first installed one that can run this file and keep to these grants.
/// Errors: usage (no such runtime), not_found (none is installed), unsupported (none that is installed can; says why)
Result<ChosenRuntime> choose_runtime(const Context& context, const std::string& name, const RunTarget& target, const Grants& grants);

/// How the chosen runtime is started. Folders for reading only are held by the runtime, or else by the kernel.
ProgramCall make_call(const ChosenRuntime& chosen, const RunTarget& target, const Grants& grants);

/// `HOST[::GUEST][:ro]`. Errors: usage, not_found (no such folder)
Result<GrantedFolder> parse_granted_folder(const std::string& text);

}  // namespace davit::cli
