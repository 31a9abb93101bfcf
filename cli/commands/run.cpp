#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/data_files.hpp"
#include "cli/input.hpp"
#include "cli/runtime.hpp"
#include "cli/stores.hpp"
#include "cli/trust.hpp"
#include "manifests/capability_manifest.hpp"
#include "manifests/encoding.hpp"
#include "manifests/reference.hpp"
#include "oci/io/file.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

struct RunOptions {
  std::string target{};
  TrustOptions trust{};
  std::vector<std::string> folders{};
  std::vector<std::string> environment{};
  bool network = false;
  bool http = false;
  bool threads = false;
  bool no_files = false;
  std::string runtime{};
  std::vector<std::string> arguments{};
};

Result<Grants> parse_grants(const Context& context, const RunOptions& options) {
  Grants grants{.arguments = options.arguments, .network = options.network, .http = options.http, .threads = options.threads};
  for (const std::string& text : options.folders) {
    TRY_ASSIGN(auto folder, parse_granted_folder(text));
    grants.folders.push_back(std::move(folder));
  }
  for (const std::string& text : options.environment) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (name.empty()) return fail(ErrorCode::usage, "\"" + printable(text) + "\" is not NAME or NAME=VALUE");
    if (equals != std::string::npos) {
      grants.environment.emplace_back(name, text.substr(equals + 1));
    } else if (const auto value = context.environment(name)) {
      grants.environment.emplace_back(name, *value);
    } else {
      return fail(ErrorCode::usage, "the variable \"" + printable(name) + "\" is not set here")
          .hinting("give it a value: --env " + name + "=VALUE");
    }
  }
  return grants;
}

bool covers(const std::string& folder, const std::string& path) {
  return folder == "/" || path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

bool matches(const std::string& pattern, const std::string& name) {
  return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
}

// What the file asks for and this run does not give, each with the option that would give it.
std::vector<std::string> missing_grants(const CapabilityRequests& requests, const Grants& grants) {
  std::vector<std::string> out;
  for (const FilesystemRequest& request : requests.filesystem) {
    const bool write = request.access == FileAccess::write;
    const bool given = std::ranges::any_of(
        grants.folders, [&](const GrantedFolder& folder) { return covers(folder.guest, request.guest) && !(write && folder.read_only); });
    if (given) continue;
    const std::string why = request.reason.empty() ? "" : " (" + printable(request.reason) + ")";
    out.push_back(std::string(write ? "write" : "read") + " in folder \"" + printable(request.guest) + "\"" + why +
                  ": --dir HOST::" + printable(request.guest) + (write ? "" : ":ro"));
  }
  for (const std::string& pattern : requests.environment) {
    const bool given = std::ranges::any_of(grants.environment, [&](const auto& variable) { return matches(pattern, variable.first); });
    if (!given) out.push_back("variable " + printable(pattern) + ": --env " + printable(pattern) + "=VALUE");
  }
  const bool network = !requests.network_outbound.empty() || !requests.network_inbound.empty() || requests.network_resolve;
  if (network && !grants.network) out.emplace_back("network: --network");
  if (!requests.http_outbound.empty() && !grants.http) out.emplace_back("outgoing HTTP: --http");
  if (std::ranges::find(requests.flags, "threads") != requests.flags.end() && !grants.threads) out.emplace_back("threads: --threads");
  for (const std::string& name : requests.host) out.push_back("host functions of \"" + printable(name) + "\": no runtime here gives them");
  return out;
}

// A file that declares nothing requests nothing.
Result<CapabilityManifest> requested_capabilities(ByteView file) {
  TRY_ASSIGN(const auto section, wasm::find_custom_section(file, wasm::k_capability_section));
  if (!section) return CapabilityManifest{};
  auto manifest = parse_capability_manifest(as_text(*section));
  if (!manifest) return std::move(manifest).error().during("reading the file's own capability manifest");
  return manifest;
}

// A folder that was granted by hand stays as it was granted.
void grant_data_files(Context& context, std::vector<GrantedFolder> folders, Grants& grants) {
  for (GrantedFolder& folder : folders) {
    const bool taken = std::ranges::find(grants.folders, folder.guest, &GrantedFolder::guest) != grants.folders.end();
    context.explain("data files " + std::string(taken ? "of the artifact are hidden by --dir: " : "for reading: ") +
                    printable(folder.guest));
    if (!taken) grants.folders.push_back(std::move(folder));
  }
}

// The file, and in `grants` the data files that the artifact brings along.
Result<WasmInput> load_target(Context& context, const RunOptions& options, const std::string& target, const std::string& folder,
                              Grants& grants) {
  TRY_ASSIGN(const std::optional<Reference> reference, store_reference_in(target));
  if (!reference) return load_wasm_file(context, target);
  const StoredFiles inside = options.no_files ? StoredFiles::none : StoredFiles::inside;
  TRY_ASSIGN(StoredWasm stored, fetch_stored_wasm(context, *reference, inside));
  if (options.no_files) return std::move(stored.input);
  TRY_ASSIGN(const bool named, has_data_files(stored.manifest));
  auto folders = named ? mount_data_files(*stored.repository, stored.manifest, folder) : mount_packaged_files(stored.package, folder);
  if (!folders) return std::move(folders).error().in(target).hinting("--no-files runs it without its data files");
  grant_data_files(context, *std::move(folders), grants);
  return std::move(stored.input);
}

Result<int> run_run(Context& context, const RunOptions& options) {
  TRY_ASSIGN(Grants grants, parse_grants(context, options));
  TRY_ASSIGN(const std::string target_text, verified_target(context, options.target, options.trust));
  TRY_ASSIGN(const auto folder, oci::TempDir::create(""));
  TRY_ASSIGN(const WasmInput input, load_target(context, options, target_text, folder.path() + "/files", grants));
  auto summary = wasm::summarize(input.bytes(), wasm::Limits{});
  if (!summary) return std::move(summary).error().in(input.name());
  TRY_ASSIGN(const CapabilityManifest manifest, requested_capabilities(input.bytes()));
  for (const std::string& line : missing_grants(manifest.requests, grants)) context.say("davit: requested but not granted: " + line);

  // The runtime gets its own copy: what was checked is what runs.
  const std::string name = std::filesystem::path(input.name()).stem().string();
  const RunTarget target{.path = folder.path() + "/program.wasm",
                         .name = name.empty() ? "program" : name,
                         .is_component = summary->kind == wasm::Kind::component};
  TRY(oci::write_file(target.path, input.bytes()));
  TRY_ASSIGN(const ChosenRuntime chosen, choose_runtime(context, options.runtime, target, grants));
  const ProgramCall call = make_call(chosen, target, grants);
  context.explain("running " + shell_line(call));
  return run_program(call);
}

}  // namespace

Command make_run_command() {
  auto options = std::make_shared<RunOptions>();
  return {
      .name = "run",
      .summary = "verify, grant, then run with an installed runtime",
      .description =
          "Starts wasmtime, wasmedge, wasmer or Node with what was granted here and nothing else: no folder, no variable, no network "
          "unless an\n"
          "option names it. Arguments, the standard streams, clocks and random numbers are always there. What the file requests and this\n"
          "run does not grant is said, with the option that would grant it. A folder for reading only is held by the runtime where it can, "
          "else\n"
          "by the kernel. Data files that belong to an artifact are given for reading. With --verify, a key, an "
          "identity or a policy nothing runs that verify would not accept.\n\n"
          "The exit status is the program's own; davit's statuses stand for themselves only when the program was not started.",
      .arguments = {{"TARGET", "an artifact in a store, or a file", &options->target, true, ValueKind::reference}},
      .options = with_verification(
          {{"--dir", "HOST[::GUEST][:ro]", "grant a folder; :ro for reading only; may be repeated", &options->folders, ValueKind::folder},
           {"--env", "NAME[=VALUE]", "grant a variable; without a value, ours; may be repeated", &options->environment},
           {"--network", "", "grant the network", &options->network},
           {"--http", "", "grant outgoing HTTP", &options->http},
           {"--threads", "", "grant threads", &options->threads},
           {"--no-files", "", "do not give the data files that belong to the artifact", &options->no_files},
           {"--runtime", "NAME", "use this runtime", &options->runtime, ValueKind::word, {}}},
          options->trust),
      .examples = {{"davit run hello.wasm -- one two", "a file, with two arguments"},
                   {"davit run registry.example.com/team/app:1 --key team.pub --dir ./data::/data:ro",
                    "an artifact that must be signed, with one folder to read"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15},
      .uses_registry = true,
      .rest = &options->arguments,
      .rest_help = "arguments of the program",
      .run = [options](Context& context) { return run_run(context, *options); },
  };
}

}  // namespace davit::cli
