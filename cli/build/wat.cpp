// WebAssembly text: modules by wabt, or by wasm-tools where wabt is missing; components by wasm-tools.
#include <algorithm>

#include "cli/build/steps.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_sniff_bytes = 64 * 1024;

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

bool holds_component(const BuildRequest& request) {
  if (request.files.empty()) return false;
  const std::string& file = request.files.front();
  return is_component_text(file.starts_with('/') ? file : request.folder + "/" + file);
}

std::optional<std::string> find_assembler(const Context& context, bool component) {
  return component ? find_program(context, "wasm-tools") : find_first_program(context, "", {"wat2wasm", "wasm-tools"});
}

std::optional<std::string> missing_for_wat(const Context& context, const BuildRequest& request) {
  const bool component = holds_component(request);
  if (find_assembler(context, component)) return std::nullopt;
  if (component) return "the text holds a component, and \"wasm-tools\" is not on the PATH (cargo install wasm-tools)";
  return "the program \"wat2wasm\" is not on the PATH";
}

Result<std::string> build_with_wat(const Context& context, const BuildRequest& request) {
  if (request.files.size() != 1)
    return fail(ErrorCode::usage, "one text file makes one module, and " + std::to_string(request.files.size()) + " were given");
  const auto program = find_assembler(context, holds_component(request));
  if (!program) return fail(ErrorCode::not_found, "the program \"wasm-tools\" is not on the PATH");
  std::vector<std::string> words;
  if (program->ends_with("wasm-tools")) words.emplace_back("parse");
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.insert(words.end(), {"-o", scratch_output(request), request.files.front()});
  TRY(run_step(context, request, "wat", make_step(request, *program, std::move(words))));
  return scratch_output(request);
}

}  // namespace

Toolchain wat_toolchain() {
  return {.name = "wat",
          .language = "WebAssembly text",
          .endings = {".wat", ".wast"},
          .markers = {},
          .targets = {BuildTarget::core, BuildTarget::wasi_preview1, BuildTarget::wasi_preview2},
          .install = "apt-get install wabt",
          .version = {"--version"},
          .program = [](const Context& context, const std::string&) { return find_assembler(context, false); },
          .missing = missing_for_wat,
          .build = build_with_wat};
}

}  // namespace davit::cli
