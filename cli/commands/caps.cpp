#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/wasm_report.hpp"
#include "wasm/custom_section.hpp"

namespace davit::cli {
namespace {

struct CapsOptions {
  std::string target{};
  std::string output{};
  std::string manifest{};
};

Result<CapabilityManifest> load_manifest(const std::string& path) {
  TRY_ASSIGN(const Bytes bytes, oci::read_file(path, k_max_capability_manifest_bytes));
  auto manifest = parse_capability_manifest(as_text(bytes));
  if (manifest) return manifest;
  Error error = std::move(manifest).error();
  return std::move(error).during("reading the capability manifest " + path);
}

Result<std::vector<wasm::ReachedCapability>> reach_of_input(const WasmInput& input) {
  auto summary = wasm::summarize(input.bytes(), wasm::Limits{});
  if (!summary) return std::move(summary).error().in(input.name());
  return wasm::reach_of(*summary);
}

Result<std::optional<CapabilityManifest>> manifest_inside(const WasmInput& input) {
  TRY_ASSIGN(const std::optional<ByteView> section, wasm::find_custom_section(input.bytes(), wasm::k_capability_section));
  if (!section) return std::optional<CapabilityManifest>{};
  auto manifest = parse_capability_manifest(as_text(*section));
  if (!manifest) return std::move(manifest).error().during("reading the davit.capabilities section of " + input.name());
  return std::optional<CapabilityManifest>{*std::move(manifest)};
}

Result<int> run_derive(Context& context, const CapsOptions& options) {
  TRY_ASSIGN(const WasmInput input, load_wasm_input(context, options.target));
  TRY_ASSIGN(const auto reach, reach_of_input(input));
  const CapabilityManifest manifest = wasm::derive_manifest(reach);
  for (const std::string& name : manifest.requests.host) context.warn("what the host functions of \"" + name + "\" can touch is not known");
  if (!options.output.empty() && options.output != "-") {
    TRY(oci::write_file(options.output, as_bytes(write_capability_manifest(manifest))));
    if (context.common.json) TRY(context.print_json(to_json(manifest)));
    context.say(options.output + ": " +
                (reach.empty() ? "asks for nothing" : "asks for " + capability_annotation(capabilities_of(manifest.requests))));
    return 0;
  }
  TRY(context.common.json ? context.print_json(to_json(manifest)) : context.print(write_capability_manifest(manifest)));
  return 0;
}

Result<int> run_show(Context& context, const CapsOptions& options) {
  TRY_ASSIGN(const WasmInput input, load_wasm_input(context, options.target));
  TRY_ASSIGN(const auto reach, reach_of_input(input));
  TRY_ASSIGN(const std::optional<CapabilityManifest> manifest, manifest_inside(input));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reachable", reach_json(reach)}, {"manifest", manifest ? to_json(*manifest) : Json()}}));
    return 0;
  }
  std::string text = reach.empty() ? "can reach nothing outside\n" : "can reach\n" + reach_text(reach, context.common.verbose);
  text += manifest ? "asks for\n" + write_capability_manifest(*manifest) : "carries no capability manifest\n";
  TRY(context.print(text));
  return 0;
}

Result<CapabilityManifest> manifest_to_check(const CapsOptions& options, const WasmInput& input) {
  if (!options.manifest.empty()) return load_manifest(options.manifest);
  TRY_ASSIGN(std::optional<CapabilityManifest> inside, manifest_inside(input));
  if (inside) return *std::move(inside);
  return fail(ErrorCode::not_found, "the file carries no capability manifest")
      .in(input.name())
      .hinting("name one with --caps, or attach one with davit caps attach");
}

std::vector<std::string> texts_of(const std::vector<Capability>& capabilities) {
  std::vector<std::string> out;
  for (const Capability& capability : capabilities) out.push_back(to_text(capability));
  return out;
}

Result<int> run_check(Context& context, const CapsOptions& options) {
  TRY_ASSIGN(const WasmInput input, load_wasm_input(context, options.target));
  TRY_ASSIGN(const auto reach, reach_of_input(input));
  TRY_ASSIGN(const CapabilityManifest manifest, manifest_to_check(options, input));
  const wasm::ReachComparison comparison = wasm::compare_reach(reach, manifest.requests);
  for (const Capability& capability : comparison.unreachable)
    context.warn(to_text(capability) + " is requested, but nothing in the file can reach it");
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"covered", comparison.not_requested.empty()},
                                      {"notRequested", reach_json(comparison.not_requested)},
                                      {"unreachable", Json::strings(texts_of(comparison.unreachable))}}));
  }
  if (!comparison.not_requested.empty()) {
    std::vector<std::string> names;
    std::string list;
    for (const wasm::ReachedCapability& reached : comparison.not_requested)
      list += (list.empty() ? "" : ", ") + to_text(reached.capability);
    return fail(ErrorCode::capability_refused, "the file can reach more than its manifest requests: " + list)
        .in(input.name())
        .hinting("see which imports do it with davit caps show, then request them or build without them");
  }
  if (!context.common.json) context.say(input.name() + ": everything it can reach is requested");
  return 0;
}

Result<int> run_attach(Context& context, const CapsOptions& options) {
  TRY_ASSIGN(const WasmInput input, load_wasm_file(context, options.target));
  TRY_ASSIGN(const CapabilityManifest manifest, load_manifest(options.manifest));
  const std::string text = write_json(to_json(manifest));
  auto bytes = wasm::set_custom_section(input.bytes(), wasm::k_capability_section, as_bytes(text));
  if (!bytes) return std::move(bytes).error().in(input.name());
  TRY_ASSIGN(const std::unique_ptr<oci::Sink> sink, open_output(context, options.output));
  TRY(sink->write(*bytes));
  TRY(sink->finish());
  const std::string annotation = capability_annotation(capabilities_of(manifest.requests));
  if (context.common.json && options.output != "-") {
    TRY(context.print_json(JsonObject{{"output", options.output},
                                      {"size", std::uint64_t{bytes->size()}},
                                      {"digest", digest_of(*bytes).text()},
                                      {"capabilities", annotation}}));
  }
  context.say(options.output + ": carries the manifest, which asks for " + (annotation.empty() ? "nothing" : annotation));
  return 0;
}

using Runner = Result<int> (*)(Context&, const CapsOptions&);

Command make_child(const std::shared_ptr<CapsOptions>& options, const std::string& name, std::string summary, Runner run) {
  return {.name = "caps " + name, .summary = std::move(summary), .description = "", .run = [options, run](Context& context) {
            return run(context, *options);
          }};
}

Argument file_argument(CapsOptions& options, const char* name) {
  return {name, "a wasm file, - for standard input, or (derive, check) a store reference", &options.target, true, ValueKind::file};
}

Command make_derive(const std::shared_ptr<CapsOptions>& options) {
  Command out = make_child(options, "derive", "write the smallest manifest that covers a file", run_derive);
  out.description =
      "Reads the imports and asks for every capability they can reach. Imports name no paths or hosts, so patterns are as wide as they\n"
      "can be: narrow them by hand before you attach the manifest.";
  out.arguments = {file_argument(*options, "FILE")};
  out.options = {{"-o,--output", "FILE", "where the manifest goes (default: standard output)", &options->output, ValueKind::file}};
  out.examples = {{"davit caps derive app.wasm -o caps.json", "a manifest to start from"}};
  out.exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12};
  out.uses_registry = true;
  return out;
}

Command make_show(const std::shared_ptr<CapsOptions>& options) {
  Command out = make_child(options, "show", "show what a file can reach and what it asks for", run_show);
  out.arguments = {{"TARGET", "a wasm file, - for standard input, or a store reference", &options->target, true, ValueKind::file}};
  out.examples = {{"davit caps show app.wasm", "reachable capabilities with the imports that give them"}};
  out.exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12};
  out.uses_registry = true;
  return out;
}

Command make_check(const std::shared_ptr<CapsOptions>& options) {
  Command out = make_child(options, "check", "prove that a file can reach no more than its manifest requests", run_check);
  out.description = "The manifest is the one given, else the one that the file carries. Requests that nothing can reach are warned about.";
  out.arguments = {file_argument(*options, "FILE")};
  out.options = {{"--caps", "FILE", "the capability manifest", &options->manifest, ValueKind::file}};
  out.examples = {{"davit caps check app.wasm --caps caps.json", "exit status 14 when the file can reach more"}};
  out.exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12, 14};
  out.uses_registry = true;
  return out;
}

Command make_attach(const std::shared_ptr<CapsOptions>& options) {
  Command out = make_child(options, "attach", "put a capability manifest into a file", run_attach);
  out.description =
      "It becomes the custom section davit.capabilities and so follows the file through every format. One that is there already is "
      "replaced.";
  out.arguments = {file_argument(*options, "FILE")};
  out.options = {{"--caps", "FILE", "the capability manifest", &options->manifest, ValueKind::file, {}, true},
                 {"-o,--output", "FILE", "where the result goes; may be the input itself", &options->output, ValueKind::file, {}, true}};
  out.examples = {{"davit caps attach app.wasm --caps caps.json -o app.wasm", "in place"}};
  out.exit_statuses = {4, 8, 9};
  return out;
}

}  // namespace

Command make_caps_command() {
  auto options = std::make_shared<CapsOptions>();
  return {
      .name = "caps",
      .summary = "derive, show, check and attach capability manifests",
      .description =
          "A capability manifest says what a wasm file may touch outside its sandbox: files, network, clocks and so on. It is the\n"
          "publisher's request; what is granted is up to whoever runs the file.",
      .examples = {{"davit caps derive app.wasm -o caps.json", "what the file can reach, as a manifest"},
                   {"davit caps check app.wasm --caps caps.json", "is that all it can reach"}},
      .exit_statuses = {4, 8, 9, 14},
      .children = {make_derive(options), make_show(options), make_check(options), make_attach(options)},
  };
}

}  // namespace davit::cli
