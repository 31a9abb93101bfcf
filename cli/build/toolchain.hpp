// The table of toolchains: what each compiles, what it needs, and how it is driven.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

enum class BuildTarget { wasi_preview1, wasi_preview2, core };

/// `p1`, `p2`, `core`: the words of `--target`.
std::string_view to_text(BuildTarget target);

/// What is to be built: either files, or the project in a folder.
struct BuildRequest {
  std::vector<std::string> files{};  ///< as the user wrote them; empty for a project
  std::string folder{};              ///< absolute: the project's, or for files the one we run in
  BuildTarget target = BuildTarget::wasi_preview1;
  std::string wit{};                 ///< WIT file or folder; empty for what the toolchain finds by itself
  std::string world{};               ///< empty for the only one
  std::string artifact{};            ///< which program of a project that makes several
  std::vector<std::string> extra{};  ///< words for the compiler, as they are
  std::string scratch{};             ///< absolute: a temporary folder for everything that is no source

  [[nodiscard]] bool is_project() const { return files.empty(); }
};

struct Toolchain {
  std::string_view name;  ///< for people and scripts: never rename
  std::string_view language;
  std::vector<std::string_view> endings;  ///< of the files it compiles
  std::vector<std::string_view> markers;  ///< files that make a folder a project of this toolchain
  std::vector<BuildTarget> targets;       ///< the first is what it makes when no target is named
  std::string_view install;               ///< the command that installs it
  std::vector<std::string_view> version;  ///< words that make its program say its version
  /// Its program, looked up as the toolchain does from the folder.
  std::function<std::optional<std::string>(const Context&, const std::string& folder)> program;
  bool has_engine = false;  ///< the file holds an engine that others compiled, with folders of their machines
  /// Whether the same source gives the same bytes twice; empty for always. Asked before a build, with an empty scratch folder,
  /// it tells what can be expected; after it, what was done.
  std::function<bool(const Context&, const BuildRequest&)> reproducible{};
  /// What is missing on this machine, or nothing.
  std::function<std::optional<std::string>(const Context&, const BuildRequest&)> missing;
  /// Compiles, and returns the path of a wasm file that nobody else owns or changes. A module is fine for preview 2: the caller
  /// makes a component of it.
  /// Errors: malformed (the compiler refused; names its exit status), unsupported, usage, not_found, io
  std::function<Result<std::string>(const Context&, const BuildRequest&)> build;
};

std::span<const Toolchain> all_toolchains();

bool is_reproducible(const Context& context, const Toolchain& toolchain, const BuildRequest& request);

/// `rust, go, …`
std::string toolchain_names();

// --- the entries, one function per file of this folder ---
std::vector<Toolchain> clang_toolchains();
Toolchain cmake_toolchain();
Toolchain rust_toolchain();
Toolchain go_toolchain();
Toolchain tinygo_toolchain();
Toolchain assemblyscript_toolchain();
Toolchain zig_toolchain();
Toolchain javascript_toolchain();
Toolchain python_toolchain();
Toolchain wat_toolchain();

}  // namespace davit::cli
