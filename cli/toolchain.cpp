#include "cli/toolchain.hpp"

#include <unistd.h>

#include <algorithm>

#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_debian_sysroot = "/usr/include/wasm32-wasi";
constexpr std::size_t k_sniff_bytes = 64 * 1024;

bool exists(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }

std::string folder_of_program() {
  // Deterministic output: the compiler must not write the folder it was started in into the file.
  const std::unique_ptr<char, decltype(&std::free)> folder(::getcwd(nullptr, 0), &std::free);
  return folder ? folder.get() : ".";
}

// The compiler of the wasi-sdk that WASI_SDK_PATH names, or the system's clang.
std::optional<std::string> find_clang(const Context& context, const std::string& name) {
  if (const auto sdk = context.environment("WASI_SDK_PATH")) return find_program(context, *sdk + "/bin/" + name);
  return find_program(context, name);
}

std::optional<std::string> missing_for_clang(const Context& context, const BuildRequest& request, const std::string& program) {
  if (const auto sdk = context.environment("WASI_SDK_PATH")) {
    if (find_clang(context, program)) return std::nullopt;
    return "no bin/" + program + " in WASI_SDK_PATH (" + *sdk + ")";
  }
  if (!find_clang(context, program)) return "the program \"" + program + "\" is not on the PATH";
  if (!find_program(context, "wasm-ld") && !find_program(context, "wasm-ld-14")) return "the linker \"wasm-ld\" is not on the PATH";
  if (request.target != BuildTarget::core && !exists(std::string(k_debian_sysroot)))
    return "the C library for WebAssembly is not installed";
  if (request.target != BuildTarget::core && program == "clang++" && !exists("/usr/lib/wasm32-wasi/libc++.a") &&
      !exists("/usr/lib/llvm-14/lib/wasm32-wasi/libc++.a")) {
    return "the C++ library for WebAssembly is not installed";
  }
  return std::nullopt;
}

Result<ProgramCall> clang_command(const Context& context, const BuildRequest& request, const std::string& program) {
  const auto path = find_clang(context, program);
  if (!path) return fail(ErrorCode::not_found, "the program \"" + program + "\" is not on the PATH");
  const auto sdk = context.environment("WASI_SDK_PATH");
  ProgramCall call{.path = *path, .arguments = {}};
  auto& words = call.arguments;
  switch (request.target) {
    case BuildTarget::wasi_preview1: words = {"--target=wasm32-wasi"}; break;
    case BuildTarget::wasi_preview2:
      if (!sdk) {
        return fail(ErrorCode::unsupported, "Debian's clang cannot make WASI 0.2 components")
            .hinting("set WASI_SDK_PATH to a wasi-sdk of version 23 or newer, or use --target p1");
      }
      words = {"--target=wasm32-wasip2"};
      break;
    case BuildTarget::core: words = {"--target=wasm32-unknown-unknown", "-nostdlib", "-Wl,--no-entry", "-Wl,--export-dynamic"}; break;
  }
  if (sdk && request.target != BuildTarget::core) words.push_back("--sysroot=" + *sdk + "/share/wasi-sysroot");
  words.insert(words.end(), {"-O2", "-ffile-prefix-map=" + folder_of_program() + "=."});
  if (program == "clang++") words.push_back("-fno-exceptions");
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.insert(words.end(), {"-o", request.output});
  words.insert(words.end(), request.sources.begin(), request.sources.end());
  return call;
}

// Whether the text's first form, after blanks and comments, is `(component`.
bool is_component_text(const std::string& path) {
  const auto content = oci::read_file(path, k_sniff_bytes);
  std::string_view text = content ? as_text(*content) : std::string_view();
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.starts_with(";;")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("(;")) {
      const std::size_t end = text.find(";)");
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    } else {
      return text.starts_with("(component");
    }
  }
}

std::string wat_program(const BuildRequest& request) {
  return !request.sources.empty() && is_component_text(request.sources.front()) ? "wasm-tools" : "wat2wasm";
}

std::optional<std::string> missing_for_wat(const Context& context, const BuildRequest& request) {
  const std::string program = wat_program(request);
  if (find_program(context, program)) return std::nullopt;
  if (program == "wasm-tools") return "the text holds a component, and \"wasm-tools\" is not on the PATH (cargo install wasm-tools)";
  return "the program \"" + program + "\" is not on the PATH";
}

Result<ProgramCall> wat_command(const Context& context, const BuildRequest& request) {
  if (request.sources.size() != 1)
    return fail(ErrorCode::usage, "one text file makes one module, and " + std::to_string(request.sources.size()) + " were given");
  const std::string program = wat_program(request);
  const auto path = find_program(context, program);
  if (!path) return fail(ErrorCode::not_found, "the program \"" + program + "\" is not on the PATH");
  ProgramCall call{.path = *path, .arguments = {}};
  if (program == "wasm-tools") call.arguments.push_back("parse");
  call.arguments.insert(call.arguments.end(), request.extra.begin(), request.extra.end());
  call.arguments.insert(call.arguments.end(), {"-o", request.output, request.sources.front()});
  return call;
}

bool takes(const Toolchain& toolchain, const std::string& source) {
  return std::ranges::any_of(toolchain.endings, [&](std::string_view ending) { return source.ends_with(ending); });
}

}  // namespace

std::span<const Toolchain> all_toolchains() {
  static const std::vector<Toolchain> k_toolchains{
      {.name = "clang",
       .language = "C",
       .endings = {".c", ".o", ".a"},
       .install = "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32",
       .missing = [](const Context& context, const BuildRequest& request) { return missing_for_clang(context, request, "clang"); },
       .command = [](const Context& context, const BuildRequest& request) { return clang_command(context, request, "clang"); }},
      {.name = "clang++",
       .language = "C++",
       .endings = {".cpp", ".cc", ".cxx", ".C", ".c", ".o", ".a"},
       .install = "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32 libc++-14-dev-wasm32 libc++abi-14-dev-wasm32",
       .missing = [](const Context& context, const BuildRequest& request) { return missing_for_clang(context, request, "clang++"); },
       .command = [](const Context& context, const BuildRequest& request) { return clang_command(context, request, "clang++"); }},
      {.name = "wat",
       .language = "WebAssembly text",
       .endings = {".wat"},
       .install = "apt-get install wabt",
       .missing = missing_for_wat,
       .command = wat_command},
  };
  return k_toolchains;
}

Result<const Toolchain*> choose_toolchain(const Context& context, const BuildRequest& request, const std::string& name) {
  const Toolchain* chosen = nullptr;
  std::string names;
  for (const Toolchain& toolchain : all_toolchains()) {
    names += (names.empty() ? "" : ", ") + std::string(toolchain.name);
    const bool wanted = name.empty()
                            ? std::ranges::all_of(request.sources, [&](const std::string& source) { return takes(toolchain, source); })
                            : toolchain.name == name;
    if (wanted && chosen == nullptr) chosen = &toolchain;
  }
  if (chosen == nullptr) {
    const std::string what = name.empty() ? "no toolchain takes \"" + printable(request.sources.front()) + "\""
                                          : "\"" + printable(name) + "\" is not a toolchain";
    return fail(ErrorCode::usage, what + "; davit knows " + names).hinting("run \"davit build --list\" for the table of toolchains");
  }
  if (const auto lack = chosen->missing(context, request)) {
    return fail(ErrorCode::not_found, std::string(chosen->language) + " cannot be compiled here: " + *lack)
        .hinting("run: " + std::string(chosen->install));
  }
  return chosen;
}

}  // namespace davit::cli
