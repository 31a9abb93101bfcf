// C and C++: Debian's clang with wasi-libc, or the wasi-sdk that WASI_SDK_PATH names.
#include <filesystem>

#include "cli/build/clang.hpp"
#include "cli/build/steps.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_debian_headers = "/usr/include/wasm32-wasi";

bool has_cpp_library() {
  if (is_file("/usr/lib/wasm32-wasi/libc++.a")) return true;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib", ignored)) {
    const std::string path = entry.path().string();
    if (path.starts_with("/usr/lib/llvm-") && is_file(path + "/lib/wasm32-wasi/libc++.a")) return true;
  }
  return false;
}

Result<std::string> build_with_clang(const Context& context, const BuildRequest& request, const std::string& name) {
  const auto program = find_clang(context, name);
  if (!program) return fail(ErrorCode::not_found, "the program \"" + name + "\" is not on the PATH");
  std::vector<std::string> words = clang_target_flags(context, request.target);
  if (request.target == BuildTarget::core) words.insert(words.end(), {"-nostdlib", "-Wl,--no-entry", "-Wl,--export-dynamic"});
  words.emplace_back("-O2");
  const auto maps = prefix_map_flags(request);
  words.insert(words.end(), maps.begin(), maps.end());
  if (name == "clang++") words.emplace_back("-fno-exceptions");
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.insert(words.end(), {"-o", scratch_output(request)});
  words.insert(words.end(), request.files.begin(), request.files.end());
  TRY(run_step(context, request, name, make_step(request, *program, std::move(words))));
  return scratch_output(request);
}

Toolchain clang_entry(std::string_view name, std::string_view language, std::vector<std::string_view> endings, std::string_view install) {
  const std::string program(name);
  return {.name = name,
          .language = language,
          .endings = std::move(endings),
          .markers = {},
          .targets = {BuildTarget::wasi_preview1, BuildTarget::wasi_preview2, BuildTarget::core},
          .install = install,
          .version = {"--version"},
          .program = [program](const Context& context, const std::string&) { return find_clang(context, program); },
          .missing = [program](const Context& context,
                               const BuildRequest& request) { return missing_for_clang(context, request.target, program); },
          .build = [program](const Context& context, const BuildRequest& request) { return build_with_clang(context, request, program); }};
}

}  // namespace

std::optional<std::string> find_clang(const Context& context, const std::string& name) {
  if (const auto sdk = context.environment("WASI_SDK_PATH")) return find_program(context, *sdk + "/bin/" + name);
  return find_program(context, name);
}

std::vector<std::string> clang_target_flags(const Context& context, BuildTarget target) {
  if (target == BuildTarget::core) return {"--target=wasm32-unknown-unknown"};
  const auto sdk = context.environment("WASI_SDK_PATH");
  if (!sdk) return {"--target=wasm32-wasi"};
  const std::string sysroot = *sdk + "/share/wasi-sysroot";
  // Older kits know preview 1 by the name that had no number yet.
  const bool numbered = is_folder(sysroot + "/lib/wasm32-wasip1");
  const std::string_view name = target == BuildTarget::wasi_preview2 ? "wasm32-wasip2" : (numbered ? "wasm32-wasip1" : "wasm32-wasi");
  return {"--target=" + std::string(name), "--sysroot=" + sysroot};
}

std::optional<std::string> missing_for_clang(const Context& context, BuildTarget target, const std::string& name) {
  if (const auto sdk = context.environment("WASI_SDK_PATH")) {
    if (find_clang(context, name)) return std::nullopt;
    return "no bin/" + name + " in WASI_SDK_PATH (" + *sdk + ")";
  }
  if (!find_clang(context, name)) return "the program \"" + name + "\" is not on the PATH";
  if (!find_program(context, "wasm-ld") && !find_program(context, "wasm-ld-14")) return "the linker \"wasm-ld\" is not on the PATH";
  if (target == BuildTarget::core) return std::nullopt;
  if (!is_folder(std::string(k_debian_headers))) return "the C library for WebAssembly is not installed";
  if (name == "clang++" && !has_cpp_library()) return "the C++ library for WebAssembly is not installed";
  return std::nullopt;
}

std::vector<Toolchain> clang_toolchains() {
  return {clang_entry("clang", "C", {".c", ".o", ".a"}, "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32"),
          clang_entry("clang++", "C++", {".cpp", ".cc", ".cxx", ".C", ".c", ".o", ".a"},
                      "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32 libc++-14-dev-wasm32 libc++abi-14-dev-wasm32")};
}

}  // namespace davit::cli
