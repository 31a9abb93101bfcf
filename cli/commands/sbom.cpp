#include <filesystem>
#include <memory>

#include "cli/artifact.hpp"
#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/sbom/documents.hpp"

namespace davit::cli {
namespace {

struct SbomOptions {
  std::string target{};
  std::string format = "cyclonedx";
  std::string output = "-";
};

// What the file is called when it does not say so itself: its name here, or the last part of a reference's repository.
std::string name_of(const std::string& target) {
  if (target == "-") return "wasm";
  std::string name = std::filesystem::path(target).filename().string();
  name = name.substr(0, name.find('@'));
  if (const std::size_t colon = name.find(':'); colon != std::string::npos && colon > 0) name = name.substr(0, colon);
  return name.empty() ? "wasm" : name;
}

Result<int> run_sbom(Context& context, const SbomOptions& options) {
  TRY_ASSIGN(const WasmInput input, load_wasm_input(context, options.target));
  auto inventory = take_inventory(input.bytes(), name_of(options.target));
  if (!inventory) return std::move(inventory).error().in(input.name());
  for (const std::string& remark : inventory->remarks) context.warn("warning: " + remark);
  const bool dated = options.format == "spdx" || context.environment("SOURCE_DATE_EPOCH");
  std::string time;
  if (dated) {
    TRY_ASSIGN(time, created_time(context));
  }
  const Json document = options.format == "spdx" ? make_spdx(*inventory, time) : make_cyclonedx(*inventory, time);
  TRY_ASSIGN(const std::unique_ptr<oci::Sink> sink, open_output(context, options.output));
  TRY(sink->write(as_bytes(context.common.json && options.output == "-" ? write_json(document) + "\n" : write_json_pretty(document))));
  TRY(sink->finish());
  if (options.output == "-") return 0;
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"output", options.output},
                                      {"format", options.format},
                                      {"digest", inventory->digest.text()},
                                      {"parts", std::uint64_t{inventory->parts.size()}},
                                      {"remarks", Json::strings(inventory->remarks)}}));
  }
  context.say(options.output + ": " + std::to_string(inventory->parts.size()) + (inventory->parts.size() == 1 ? " part" : " parts"));
  return 0;
}

}  // namespace

Command make_sbom_command() {
  auto options = std::make_shared<SbomOptions>();
  return {
      .name = "sbom",
      .summary = "write the bill of materials of a wasm file",
      .description =
          "Lists what a module or component is made of, from what stands in the file: crates (cargo auditable's .dep-v0), Go modules\n"
          "(build information in the data), interfaces and components it imports with their versions, compilers and tools (producers),\n"
          "its own metadata, and the digest of everything nested in it. The same file gives the same document; SOURCE_DATE_EPOCH sets\n"
          "its date. A list in the file that is broken is warned of and left out.",
      .arguments = {{"TARGET", "a wasm file, - for standard input, or a reference", &options->target, true, ValueKind::reference}},
      .options = {{"--sbom-format",
                   "FORMAT",
                   "cyclonedx (1.6) or spdx (2.3), both as JSON",
                   &options->format,
                   ValueKind::word,
                   {"cyclonedx", "spdx"}},
                  {"-o,--output", "FILE", "where the document goes (default: - for standard output)", &options->output, ValueKind::file}},
      .examples = {{"davit sbom app.wasm", "CycloneDX, to standard output"},
                   {"davit sbom app.wasm --sbom-format spdx -o app.spdx.json", "SPDX, to a file"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [options](Context& context) { return run_sbom(context, *options); },
  };
}

}  // namespace davit::cli
