#include "cli/optimize/binaryen.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>

#include "cli/libexec.hpp"
#include "manifests/encoding.hpp"
#include "wasm/section_walker.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_worker_name = "davit-optimize";

struct FeatureName {
  std::string_view name;
  worker::Feature bit;
};
// Names of LLVM and Binaryen. Newer ones that Binaryen 108 does not know stand for what it calls bulk-memory and so on.
constexpr auto k_features = std::to_array<FeatureName>({
    {"atomics", worker::k_atomics},
    {"bulk-memory", worker::k_bulk_memory},
    {"bulk-memory-opt", worker::k_bulk_memory},
    {"mutable-globals", worker::k_mutable_globals},
    {"nontrapping-fptoint", worker::k_nontrapping},
    {"sign-ext", worker::k_sign_extension},
    {"simd128", worker::k_simd},
    {"exception-handling", worker::k_exceptions},
    {"tail-call", worker::k_tail_call},
    {"reference-types", worker::k_reference_types},
    {"multivalue", worker::k_multivalue},
    {"memory64", worker::k_memory64},
    {"extended-const", worker::k_extended_const},
});

std::uint32_t feature_bits(const std::vector<std::string>& names) {
  std::uint32_t out = 0;
  for (const FeatureName& feature : k_features) {
    if (std::ranges::find(names, feature.name) != names.end()) out |= feature.bit;
  }
  return out;
}

// Sections whose contents point into code, which is about to change.
constexpr std::array<std::string_view, 6> k_stale = {".debug_*", "metadata.code.*", "sourceMappingURL", "external_debug_info",
                                                     "build_id", "binaryen.*"};

bool is_stale(std::string_view name) {
  return std::ranges::any_of(k_stale, [&](std::string_view pattern) { return wasm::matches_name(pattern, name); });
}

Result<std::string> find_worker(const Context& context) {
  const std::vector<std::string> places = libexec_places(context, k_worker_name);
  for (const std::string& place : places) {
    if (::access(place.c_str(), X_OK) == 0) return place;
  }
  std::string looked;
  for (const std::string& place : places) looked += (looked.empty() ? "" : ", ") + place;
  return fail(ErrorCode::not_found, "the optimizer " + std::string(k_worker_name) + " is not installed; looked at " + looked)
      .hinting("install davit whole, or name its folder in DAVIT_LIBEXEC");
}

std::string first_line(const std::string& messages) { return printable(messages.substr(0, messages.find('\n'))); }

// What Binaryen 108 takes for invalid though it is valid wasm: segments that trap at the start, and operations on segments
// without a memory or with several tables.
constexpr std::array<std::string_view, 5> k_wrongly_invalid = {"Memory operations require a memory", "segment size should fit in memory",
                                                               "table segment offset should be reasonable",
                                                               "should refer to a single table", "segment size should fit in table"};

bool is_wrongly_invalid(std::string_view messages) {
  return std::ranges::any_of(k_wrongly_invalid, [&](std::string_view known) { return messages.find(known) != std::string_view::npos; });
}

Error worker_error(const WorkerAnswer& answer, const OptimizeRequest& request) {
  if (answer.timed_out) {
    return fail(ErrorCode::limit,
                "the optimizer took longer than " + std::to_string(request.limits.time.count() / 1000) + " s and was ended")
        .hinting("use a lower level, or raise --time-limit");
  }
  if (answer.signal == SIGXFSZ)
    return fail(ErrorCode::limit, "the optimizer wrote more than " + std::to_string(request.limits.output_bytes) + " bytes");
  if (answer.status == worker::k_out_of_memory) {
    return fail(ErrorCode::limit, "the optimizer needs more than " + std::to_string(request.limits.memory_bytes >> 20U) + " MiB of memory")
        .hinting("use a lower level, or raise --memory-limit");
  }
  if (answer.signal != 0) {
    return fail(ErrorCode::unsupported, "Binaryen crashed on this module (signal " + std::to_string(answer.signal) + ")")
        .hinting("use the module as it is; davit strip works on it");
  }
  switch (answer.status) {
    case worker::k_invalid:
      if (is_wrongly_invalid(answer.messages))
        return fail(ErrorCode::unsupported, "Binaryen takes this module for invalid: " + first_line(answer.messages));
      return fail(ErrorCode::malformed, "the module is not valid: " + first_line(answer.messages));
    case worker::k_cannot_parse:
      return fail(ErrorCode::unsupported, "Binaryen cannot read this module: " + first_line(answer.messages))
          .hinting("use the module as it is; davit strip works on it");
    case worker::k_cannot_start: return fail(ErrorCode::io, "the optimizer could not be started");
    default: return fail(ErrorCode::internal, "the optimizer ended with status " + std::to_string(answer.status));
  }
}

worker::Request worker_request(const OptimizeRequest& request, const wasm::BinarySummary& summary, bool keep_names) {
  worker::Request out;
  out.features = feature_bits(summary.features);
  out.keep_names = keep_names ? 1 : 0;
  const OptimizeLevels levels = levels_of(request.level);
  out.optimize_level = levels.optimize;
  out.shrink_level = levels.shrink;
  return out;
}

}  // namespace

OptimizeLevels levels_of(const std::string& level) {
  const char letter = level.front();
  if (letter == 's') return {.optimize = 2, .shrink = 1};
  if (letter == 'z') return {.optimize = 2, .shrink = 2};
  return {.optimize = letter - '0', .shrink = 0};
}

Result<ModuleParts> take_apart(ByteView module, const wasm::StripSelection& strip, bool with_names) {
  ModuleParts out;
  TRY_ASSIGN(wasm::SectionWalker walker, wasm::SectionWalker::open(module, wasm::Limits{}));
  out.code.push_back(module.first(wasm::k_preamble_bytes));
  bool met_known = false;
  while (true) {
    TRY_ASSIGN(const std::optional<wasm::SectionView> section, walker.next());
    if (!section) return out;
    if (!section->is_custom()) {
      met_known = true;
      out.code.push_back(section->whole);
      continue;
    }
    if (section->name == "linking" || section->name.starts_with("reloc.")) {
      return fail_at(ErrorCode::unsupported, "this is an object file (it has a \"" + std::string(section->name) + "\" section)",
                     section->offset)
          .hinting("link it first, then optimize the result");
    }
    if (is_stale(section->name) || wasm::is_selected(strip, section->name)) continue;
    if (section->name == "name") {
      out.has_names = true;
      if (with_names) out.code.push_back(section->whole);
      continue;
    }
    (met_known ? out.after : out.before).push_back(section->whole);
  }
}

Bytes put_together(const ModuleParts& parts, ByteView optimized) {
  Bytes out;
  const auto append = [&](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  append(optimized.first(wasm::k_preamble_bytes));
  for (const ByteView section : parts.before) append(section);
  append(optimized.subspan(wasm::k_preamble_bytes));
  for (const ByteView section : parts.after) append(section);
  return out;
}

std::optional<wasm::Construct> first_beyond_linked_binaryen(const wasm::BinarySummary& summary) {
  if (const auto beyond = wasm::first_beyond_binaryen(summary.constructs)) return beyond;
  // Binaryen 108 reads these, but inlines and removes parameters across tail calls, moves code around the old exceptions,
  // and mixes up several tables (an exported one comes back with another's content), which changes what a program does.
  for (const wasm::Construct construct : {wasm::Construct::tail_call, wasm::Construct::legacy_exceptions, wasm::Construct::multi_table}) {
    if (summary.constructs.has(construct)) return construct;
  }
  return std::nullopt;
}

Result<Bytes> run_binaryen(const Context& context, ByteView module, const OptimizeRequest& request, const wasm::BinarySummary& summary) {
  TRY_ASSIGN(const std::string program, find_worker(context));
  TRY_ASSIGN(ModuleParts parts, take_apart(module, request.strip, true));
  const auto run = [&](bool names) -> Result<WorkerAnswer> {
    worker::Request header = worker_request(request, summary, names);
    for (const ByteView part : parts.code) header.module_bytes += part.size();
    return run_worker(program, header, parts.code, request.limits);
  };
  TRY_ASSIGN(WorkerAnswer answer, run(parts.has_names));
  if (answer.status == worker::k_cannot_parse && parts.has_names) {
    // Binaryen ends on a name section with mistakes in it, which harms nobody else.
    context.explain("Binaryen refused the module, trying again without its name section");
    TRY_ASSIGN(parts, take_apart(module, request.strip, false));
    TRY_ASSIGN(answer, run(false));
  }
  const bool done = answer.status == worker::k_done && answer.signal == 0 && !answer.timed_out;
  if (!done) return worker_error(answer, request);
  if (answer.output.size() < wasm::k_preamble_bytes) return fail(ErrorCode::internal, "the optimizer wrote no module");
  return put_together(parts, answer.output);
}

}  // namespace davit::cli
