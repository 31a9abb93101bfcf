#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/debug/debug_artifact.hpp"
#include "cli/debug/trace.hpp"
#include "cli/input.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"
#include "wasm/debug/symbolizer.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_trace_bytes = std::size_t{16} << 20;

struct SymbolizeOptions {
  std::string target{};
  std::string trace{"-"};
  std::string debug{};
};

Result<Bytes> read_trace(const std::string& path) {
  if (path != "-") return oci::read_file(path, k_max_trace_bytes);
  const int fd = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return oci::file_error("read", "standard input", errno);
  const auto source = oci::make_fd_source(oci::OwnedFd(fd), "standard input");
  return oci::read_all(*source, k_max_trace_bytes);
}

std::string frame_text(const wasm::SourceFrame& frame) {
  std::string out = "      " + (frame.function.empty() ? std::string("?") : printable(frame.function));
  if (!frame.file.empty()) out += " at " + printable(frame.file);
  if (frame.line != 0) out += ":" + std::to_string(frame.line);
  if (frame.line != 0 && frame.column != 0) out += ":" + std::to_string(frame.column);
  return out + (frame.is_inlined ? " (inlined)" : "") + "\n";
}

Json frame_json(const wasm::SourceFrame& frame) {
  JsonObject out{{"function", frame.function}};
  if (!frame.file.empty()) out.set("file", frame.file);
  if (frame.line != 0) out.set("line", frame.line);
  if (frame.column != 0) out.set("column", frame.column);
  out.set("inlined", frame.is_inlined);
  return out;
}

std::vector<wasm::SourceFrame> frames_of(wasm::Symbolizer& symbolizer, const TracePlace& place) {
  std::vector<wasm::SourceFrame> out;
  if (place.offset) out = symbolizer.find(*place.offset);
  if (!out.empty() || !place.function) return out;
  std::string name = symbolizer.function_name(*place.function);
  if (!name.empty()) out.push_back({.function = std::move(name)});
  return out;
}

// Every line of the trace stays as it was; what is known of it stands below.
Result<void> write_trace(Context& context, wasm::Symbolizer& symbolizer, std::string_view trace) {
  JsonArray lines;
  std::string text;
  std::size_t known = 0;
  while (!trace.empty()) {
    const std::size_t end = std::min(trace.find('\n'), trace.size());
    const std::string_view line = trace.substr(0, end);
    trace.remove_prefix(std::min(end + 1, trace.size()));
    text += printable(line) + "\n";
    const auto place = place_in(line);
    if (!place) continue;
    const auto frames = frames_of(symbolizer, *place);
    if (!frames.empty()) ++known;
    JsonArray list;
    for (const wasm::SourceFrame& frame : frames) {
      text += frame_text(frame);
      list.push_back(frame_json(frame));
    }
    JsonObject entry{{"text", line}};
    if (place->offset) entry.set("offset", *place->offset);
    entry.set("frames", std::move(list));
    lines.emplace_back(std::move(entry));
  }
  if (known == 0) {
    context.warn(lines.empty() ? "no line of the trace has an address (0x… or wasm-function[N])"
                               : "no address of the trace is in the code of this file; was it another build that ran?");
  }
  if (context.common.json) return context.print_json(JsonObject{{"lines", std::move(lines)}});
  return context.print(text);
}

Result<int> symbolize(Context& context, const WasmInput& input, const SymbolizeOptions& options, const StoredWasm* stored) {
  Bytes debug;
  if (!options.debug.empty()) {
    TRY_ASSIGN(debug, oci::read_file(options.debug, oci::k_max_debug_file_bytes));
  } else {
    TRY_ASSIGN(debug, find_debug_information(context, input.bytes(), options.target, stored));
  }
  auto symbolizer = wasm::Symbolizer::open(input.bytes(), debug, wasm::Limits{});
  if (!symbolizer) return std::move(symbolizer).error().in(options.debug.empty() ? input.name() : options.debug);
  if (!symbolizer->has_lines()) context.warn(input.name() + " has no debugging information, so there are names at most");
  TRY_ASSIGN(const Bytes trace, read_trace(options.trace));
  TRY(write_trace(context, *symbolizer, as_text(trace)));
  return 0;
}

Result<int> run_symbolize(Context& context, const SymbolizeOptions& options) {
  if (options.target == "-" && options.trace == "-")
    return fail(ErrorCode::usage, "standard input cannot be both the wasm file and the trace").hinting("give one of them by its path");
  TRY_ASSIGN(const auto reference, store_reference_in(options.target));
  if (reference) {
    TRY_ASSIGN(const StoredWasm stored, fetch_stored_wasm(context, *reference));
    return symbolize(context, stored.input, options, &stored);
  }
  TRY_ASSIGN(const WasmInput input, load_wasm_file(context, options.target));
  return symbolize(context, input, options, nullptr);
}

}  // namespace

Command make_symbolize_command() {
  auto options = std::make_shared<SymbolizeOptions>();
  return {
      .name = "symbolize",
      .summary = "turn the addresses of a trace into functions and lines",
      .description =
          "Reads what a runtime printed when the program failed, and writes below each line the functions and source lines that its\n"
          "address stands for, inlined ones first. Of a store reference the debugging information is the referrer that \"davit push\n"
          "--debug-file\" left; of a file its own, or the file beside it that its external_debug_info names. Without any there are names.",
      .arguments = {{"TARGET", "the wasm file that ran, or its store reference", &options->target, true, ValueKind::reference},
                    {"TRACE", "a file with the trace (default: standard input)", &options->trace, false, ValueKind::file}},
      .options = {{"--debug", "FILE", "debugging information that was split off the file", &options->debug, ValueKind::file}},
      .examples = {{"davit symbolize app.wasm trace.txt", "by the file's own debugging information, or what is beside it"},
                   {"davit symbolize registry.example.com/team/app:1.0 trace.txt", "by what was pushed beside the artifact"},
                   {"wasmtime app.wasm 2>&1 | davit symbolize app.wasm", "in a pipe"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [options](Context& context) { return run_symbolize(context, *options); },
  };
}

}  // namespace davit::cli
