// Go and TinyGo. Both are told to leave out the folders of this machine; Go's build id is derived from them and goes too.
#include "cli/build/steps.hpp"

namespace davit::cli {
namespace {

std::optional<std::string> find_go(const Context& context) { return find_first_program(context, "", {"go"}); }
std::optional<std::string> find_tinygo(const Context& context) { return find_first_program(context, "TINYGO", {"tinygo"}); }

std::optional<std::string> missing_for_go(const Context& context, const BuildRequest&) {
  if (!find_go(context)) return "the program \"go\" is not on the PATH";
  return std::nullopt;
}

std::optional<std::string> missing_for_tinygo(const Context& context, const BuildRequest&) {
  if (!find_tinygo(context)) return "the program \"tinygo\" is not on the PATH";
  return std::nullopt;
}

// `-ldflags` may be given once only: the user's words join ours.
std::vector<std::string> take_link_flags(std::vector<std::string> extra, std::string& flags) {
  std::vector<std::string> rest;
  for (std::size_t at = 0; at < extra.size(); ++at) {
    const std::string& word = extra[at];
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name != "-ldflags" && name != "--ldflags") {
      rest.push_back(word);
    } else if (equals != std::string::npos) {
      flags += " " + word.substr(equals + 1);
    } else if (at + 1 < extra.size()) {
      flags += " " + extra[++at];
    }
  }
  return rest;
}

void add_sources(const BuildRequest& request, std::vector<std::string>& words) {
  if (request.is_project()) {
    words.push_back(request.artifact.empty() ? "." : "./" + request.artifact);
  } else {
    words.insert(words.end(), request.files.begin(), request.files.end());
  }
}

Result<std::string> build_with_go(const Context& context, const BuildRequest& request) {
  const auto program = find_go(context);
  if (!program) return fail(ErrorCode::not_found, "the program \"go\" is not on the PATH");
  std::string link_flags = "-buildid=";
  const auto extra = take_link_flags(request.extra, link_flags);
  std::vector<std::string> words{"build", "-trimpath", "-buildvcs=false", "-ldflags=" + link_flags};
  words.insert(words.end(), extra.begin(), extra.end());
  words.insert(words.end(), {"-o", scratch_output(request)});
  add_sources(request, words);
  ProgramCall call = make_step(request, *program, std::move(words));
  call.environment.insert(call.environment.end(), {"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"});
  TRY(run_step(context, request, "go", call));
  return scratch_output(request);
}

Result<std::string> build_with_tinygo(const Context& context, const BuildRequest& request) {
  const auto program = find_tinygo(context);
  if (!program) return fail(ErrorCode::not_found, "the program \"tinygo\" is not on the PATH");
  const auto target = [&] {
    switch (request.target) {
      case BuildTarget::wasi_preview1: return "wasip1";
      case BuildTarget::wasi_preview2: return "wasip2";
      case BuildTarget::core: return "wasm-unknown";
    }
    return "";
  }();
  // Its debug data holds absolute paths, and it has no flag that maps them.
  std::vector<std::string> words{"build", "-target", target, "-no-debug"};
  if (!request.wit.empty()) words.insert(words.end(), {"-wit-package", request.wit});
  if (!request.world.empty()) words.insert(words.end(), {"-wit-world", request.world});
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.insert(words.end(), {"-o", scratch_output(request)});
  add_sources(request, words);
  TRY(run_step(context, request, "tinygo", make_step(request, *program, std::move(words))));
  return scratch_output(request);
}

}  // namespace

Toolchain go_toolchain() {
  return {.name = "go",
          .language = "Go",
          .endings = {".go"},
          .markers = {"go.mod"},
          .targets = {BuildTarget::wasi_preview1, BuildTarget::wasi_preview2},
          .install = "apt-get install -t bookworm-backports golang-go (1.21 or newer)",
          .version = {"version"},
          .program = [](const Context& context, const std::string&) { return find_go(context); },
          .missing = missing_for_go,
          .build = build_with_go};
}

Toolchain tinygo_toolchain() {
  return {.name = "tinygo",
          .language = "Go, small",
          .endings = {".go"},
          .markers = {"go.mod"},
          .targets = {BuildTarget::wasi_preview1, BuildTarget::wasi_preview2, BuildTarget::core},
          .install = "brew install tinygo-org/tools/tinygo",
          .version = {"version"},
          .program = [](const Context& context, const std::string&) { return find_tinygo(context); },
          .missing = missing_for_tinygo,
          .build = build_with_tinygo};
}

}  // namespace davit::cli
