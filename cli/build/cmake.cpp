// CMake projects: configured in a temporary folder with a toolchain file of ours, so that the project's folder stays
// as it was. CMake knows no system called WASI before 3.31; the platform file beside the toolchain file names it.
#include "cli/build/clang.hpp"
#include "cli/build/steps.hpp"
#include "manifests/lower_case.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : std::string(between)) + word;
  return out;
}

// A bracket argument takes every character as it is.
std::string quoted(const std::string& text) { return "[==[" + text + "]==]"; }

Result<std::string> write_toolchain_file(const Context& context, const BuildRequest& request) {
  const auto c = find_clang(context, "clang");
  const auto cpp = find_clang(context, "clang++");
  if (!c) return fail(ErrorCode::not_found, "the program \"clang\" is not on the PATH");
  auto flags = clang_target_flags(context, request.target);
  const auto maps = prefix_map_flags(request);
  flags.insert(flags.end(), maps.begin(), maps.end());
  std::string text = "list(APPEND CMAKE_MODULE_PATH " + quoted(request.scratch + "/cmake") + ")\n" +
                     "set(CMAKE_SYSTEM_NAME WASI)\nset(CMAKE_SYSTEM_VERSION 1)\nset(CMAKE_SYSTEM_PROCESSOR wasm32)\n" +
                     "set(CMAKE_C_COMPILER " + quoted(*c) + ")\n";
  if (cpp) text += "set(CMAKE_CXX_COMPILER " + quoted(*cpp) + ")\n";
  for (const std::string name : {"AR", "RANLIB", "NM"}) {
    const std::string program = "llvm-" + lower_case(name);
    if (auto found = find_clang(context, program)) {
      text += "set(CMAKE_" + name + " " + quoted(*found) + ")\n";
    } else if (auto versioned = find_clang(context, program + "-14")) {
      text += "set(CMAKE_" + name + " " + quoted(*versioned) + ")\n";
    }
  }
  const std::string line = joined(flags, " ");
  text += "set(CMAKE_C_FLAGS_INIT " + quoted(line) + ")\nset(CMAKE_CXX_FLAGS_INIT " + quoted(line + " -fno-exceptions") +
          ")\nset(CMAKE_ASM_FLAGS_INIT " + quoted(line) + ")\n";
  if (request.target == BuildTarget::core) {
    text += "set(CMAKE_EXE_LINKER_FLAGS_INIT " + quoted("-nostdlib -Wl,--no-entry -Wl,--export-dynamic") +
            ")\nset(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)\n";
  }
  text +=
      "set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)\nset(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)\n"
      "set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)\nset(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)\n";
  const std::string folder = request.scratch + "/cmake";
  TRY(oci::make_folders(folder + "/Platform"));
  TRY(oci::write_file(folder + "/Platform/WASI.cmake", as_bytes("set(WASI 1)\nset(CMAKE_EXECUTABLE_SUFFIX .wasm)\n")));
  TRY(oci::write_file(folder + "/wasi.cmake", as_bytes(text)));
  return folder + "/wasi.cmake";
}

Result<std::string> build_with_cmake(const Context& context, const BuildRequest& request) {
  const auto cmake = find_program(context, "cmake");
  if (!cmake) return fail(ErrorCode::not_found, "the program \"cmake\" is not on the PATH");
  TRY_ASSIGN(const std::string toolchain_file, write_toolchain_file(context, request));
  const std::string tree = request.scratch + "/tree";
  std::vector<std::string> words{
      "-S", request.folder, "-B", tree, "-DCMAKE_TOOLCHAIN_FILE=" + toolchain_file, "-DCMAKE_BUILD_TYPE=Release"};
  if (!context.environment("CMAKE_GENERATOR") && find_program(context, "ninja")) words.insert(words.end(), {"-G", "Ninja"});
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  TRY(run_step(context, request, "cmake", make_step(request, *cmake, std::move(words))));
  TRY(run_step(context, request, "cmake", make_step(request, *cmake, {"--build", tree, "--parallel"})));
  return find_only_wasm(request, tree);
}

std::optional<std::string> missing_for_cmake(const Context& context, const BuildRequest& request) {
  if (!find_program(context, "cmake")) return "the program \"cmake\" is not on the PATH";
  if (!find_program(context, "ninja") && !find_program(context, "make")) return "neither \"ninja\" nor \"make\" is on the PATH";
  return missing_for_clang(context, request.target, "clang");
}

}  // namespace

Toolchain cmake_toolchain() {
  return {.name = "cmake",
          .language = "CMake projects",
          .endings = {},
          .markers = {"CMakeLists.txt"},
          .targets = {BuildTarget::wasi_preview1, BuildTarget::wasi_preview2, BuildTarget::core},
          .install =
              "apt-get install cmake ninja-build clang lld llvm wasi-libc libclang-rt-14-dev-wasm32 libc++-14-dev-wasm32 "
              "libc++abi-14-dev-wasm32",
          .version = {"--version"},
          .program = [](const Context& context, const std::string&) { return find_program(context, "cmake"); },
          .missing = missing_for_cmake,
          .build = build_with_cmake};
}

}  // namespace davit::cli
