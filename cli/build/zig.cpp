// Zig: single files, and projects with build.zig. Small release code holds no paths; the local cache stays out of the
// project's folder.
#include "cli/build/steps.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_build_file_bytes = 4 << 20;

// The wheel of the package calls it python-zig.
std::optional<std::string> find_zig(const Context& context) { return find_first_program(context, "ZIG", {"zig", "python-zig"}); }

std::string zig_target(BuildTarget target) { return target == BuildTarget::core ? "wasm32-freestanding" : "wasm32-wasi"; }

Result<std::string> build_project(const Context& context, const BuildRequest& request, const std::string& program) {
  TRY_ASSIGN(const Bytes script, oci::read_file(request.folder + "/build.zig", k_max_build_file_bytes));
  const std::string prefix = request.scratch + "/prefix";
  std::vector<std::string> words{"build", "--release=small", "--prefix", prefix, "--cache-dir", request.scratch + "/zig-cache"};
  // A script that fixes its target itself does not know the option.
  if (as_text(script).find("standardTargetOptions") != std::string_view::npos) words.push_back("-Dtarget=" + zig_target(request.target));
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  TRY(run_step(context, request, "zig", make_step(request, program, std::move(words))));
  if (!is_folder(prefix)) return fail(ErrorCode::not_found, "build.zig of " + source_name(request) + " installs nothing");
  return find_only_wasm(request, prefix);
}

Result<std::string> build_with_zig(const Context& context, const BuildRequest& request) {
  const auto program = find_zig(context);
  if (!program) return fail(ErrorCode::not_found, "the program \"zig\" is not on the PATH");
  if (request.is_project()) return build_project(context, request, *program);
  std::vector<std::string> words{"build-exe",    "-target",     zig_target(request.target),    "-O",
                                 "ReleaseSmall", "--cache-dir", request.scratch + "/zig-cache"};
  if (request.target == BuildTarget::core) words.insert(words.end(), {"-fno-entry", "-rdynamic"});
  words.insert(words.end(), request.extra.begin(), request.extra.end());
  words.push_back("-femit-bin=" + scratch_output(request));
  words.insert(words.end(), request.files.begin(), request.files.end());
  TRY(run_step(context, request, "zig", make_step(request, *program, std::move(words))));
  return scratch_output(request);
}

std::optional<std::string> missing_for_zig(const Context& context, const BuildRequest&) {
  if (!find_zig(context)) return "the program \"zig\" is not on the PATH";
  return std::nullopt;
}

}  // namespace

Toolchain zig_toolchain() {
  return {.name = "zig",
          .language = "Zig",
          .endings = {".zig"},
          .markers = {"build.zig"},
          .targets = {BuildTarget::wasi_preview1, BuildTarget::wasi_preview2, BuildTarget::core},
          .install = "pip install ziglang",
          .version = {"version"},
          .program = [](const Context& context, const std::string&) { return find_zig(context); },
          .missing = missing_for_zig,
          .build = build_with_zig};
}

}  // namespace davit::cli
