#include "cli/optimize/external.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>

#include "cli/optimize/binaryen.hpp"
#include "cli/process.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "wasm/section_walker.hpp"

namespace davit::cli {
namespace {

// 120 is the first release without the miscompilations that davit guards against in older ones.
constexpr int k_oldest_version = 120;
constexpr std::uint64_t k_max_output_bytes = std::uint64_t{1} << 30;

struct FeatureFlag {
  std::string_view feature;
  std::string_view flag;
};
// Features by the names of LLVM, and what wasm-opt calls them where that differs.
constexpr auto k_flags = std::to_array<FeatureFlag>({
    {"atomics", "threads"},
    {"nontrapping-fptoint", "nontrapping-float-to-int"},
    {"simd128", "simd"},
    {"typed-function-references", "gc"},
});
// Declared by compilers, but nothing that an optimizer has to be told.
constexpr std::array<std::string_view, 2> k_silent = {"call-indirect-overlong", "shared-mem"};

std::vector<std::string> feature_flags(const std::vector<std::string>& features) {
  std::vector<std::string> out{"--mvp-features"};
  for (const std::string& feature : features) {
    if (std::ranges::find(k_silent, feature) != k_silent.end()) continue;
    std::string_view name = feature;
    for (const FeatureFlag& flag : k_flags) {
      if (flag.feature == name) name = flag.flag;
    }
    out.push_back("--enable-" + std::string(name));
  }
  // What newer versions made of one feature.
  const auto has = [&](std::string_view name) { return std::ranges::find(features, name) != features.end(); };
  if (has("typed-function-references") || has("gc")) out.emplace_back("--enable-reference-types");
  if (has("bulk-memory")) out.emplace_back("--enable-bulk-memory-opt");
  return out;
}

/// `wasm-opt version 132 (version_132)` → 132; 0 when it says anything else.
int parse_version(std::string_view text) {
  constexpr std::string_view k_mark = "version ";
  const std::size_t at = text.find(k_mark);
  if (at == std::string_view::npos) return 0;
  int out = 0;
  (void)std::from_chars(text.data() + at + k_mark.size(), text.data() + text.size(), out);
  return out;
}

}  // namespace

Result<ExternalOptimizer> find_external_optimizer(const Context& context) {
  const auto named = context.environment("DAVIT_WASM_OPT");
  const auto path = find_program(context, named.value_or("wasm-opt"));
  if (!path) {
    return fail(ErrorCode::not_found,
                named ? "\"" + printable(*named) + "\", which DAVIT_WASM_OPT names, is not a program" : "there is no wasm-opt on PATH");
  }
  ExternalOptimizer out{.path = *path};
  // A wasm-opt that is a script needs its interpreter.
  if (const auto search = context.environment("PATH")) out.environment.push_back("PATH=" + *search);
  out.temporary_folder = context.environment("TMPDIR").value_or("");
  const WorkerLimits limits{.time = std::chrono::seconds(30), .output_bytes = 4096};
  const ConfinedCall call{.program = *path, .arguments = {"--version"}, .environment = out.environment, .may_reserve = true};
  TRY_ASSIGN(const WorkerAnswer answer, run_confined(call, {}, limits));
  const int version = answer.status == 0 && answer.signal == 0 ? parse_version(as_text(answer.output)) : 0;
  if (version < k_oldest_version) {
    return fail(ErrorCode::unsupported, *path + (version == 0 ? " does not say its version" : " is version " + std::to_string(version)) +
                                            "; at least " + std::to_string(k_oldest_version) + " is needed");
  }
  out.name = "wasm-opt " + std::to_string(version);
  return out;
}

Result<Bytes> run_external_optimizer(const ExternalOptimizer& optimizer, ByteView module, const OptimizeRequest& request,
                                     const wasm::BinarySummary& summary) {
  TRY_ASSIGN(const ModuleParts parts, take_apart(module, request.strip, true));
  TRY_ASSIGN(const oci::TempDir folder, oci::TempDir::create(optimizer.temporary_folder));
  const std::string input = folder.path() + "/in.wasm";
  const std::string output = folder.path() + "/out.wasm";
  Bytes code;
  for (const ByteView part : parts.code) code.insert(code.end(), part.begin(), part.end());
  TRY(oci::write_file(input, code));
  ConfinedCall call{.program = optimizer.path, .environment = optimizer.environment, .may_reserve = true};
  call.arguments = {input, "-o", output};
  if (request.level != "0") call.arguments.push_back("-O" + request.level);
  if (parts.has_names) call.arguments.emplace_back("-g");
  for (std::string& flag : feature_flags(summary.features)) call.arguments.push_back(std::move(flag));
  TRY_ASSIGN(const WorkerAnswer answer, run_confined(call, {}, request.limits));
  if (answer.timed_out) {
    return fail(ErrorCode::limit, optimizer.name + " took longer than " + std::to_string(request.limits.time.count() / 1000) + " s")
        .hinting("use a lower level, or raise --time-limit");
  }
  if (answer.status != 0 || answer.signal != 0) {
    const std::string words = printable(answer.messages.substr(0, answer.messages.find('\n')));
    return fail(ErrorCode::unsupported,
                optimizer.name + " failed" + (answer.signal != 0 ? " with signal " + std::to_string(answer.signal) : "") + ": " + words);
  }
  const auto result = oci::read_file(output, k_max_output_bytes);
  if (!result || result->size() < wasm::k_preamble_bytes) return fail(ErrorCode::unsupported, optimizer.name + " wrote no module");
  return put_together(parts, *result);
}

}  // namespace davit::cli
