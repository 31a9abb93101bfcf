#include "cli/runtime.hpp"

#include <algorithm>
#include <filesystem>

#include "cli/confine.hpp"
#include "manifests/encoding.hpp"
#include "manifests/json.hpp"

namespace davit::cli {
namespace {

using Words = std::vector<std::string>;

void add(Words& words, std::initializer_list<std::string> more) { words.insert(words.end(), more); }

ProgramCall finish(const std::string& program, Words words, const RunTarget& target, const Grants& grants) {
  words.push_back(target.path);
  words.insert(words.end(), grants.arguments.begin(), grants.arguments.end());
  return {.path = program, .arguments = std::move(words), .output = OutputTo::standard_output};
}

ProgramCall wasmtime_command(const std::string& program, const RunTarget& target, const Grants& grants) {
  Words words{"run", "--argv0", target.name};
  for (const GrantedFolder& folder : grants.folders) add(words, {"--dir", folder.host + "::" + folder.guest});
  for (const auto& [name, value] : grants.environment) add(words, {"--env", name + "=" + value});
  // A folder for reading only is held by a rule over all writing, that of wasmtime's own cache included.
  if (std::ranges::any_of(grants.folders, &GrantedFolder::read_only)) add(words, {"-C", "cache=n"});
  if (grants.network) add(words, {"-S", "inherit-network=y,allow-ip-name-lookup=y"});
  if (grants.http) add(words, {"-S", "http=y"});
  if (grants.threads) add(words, {"-W", "threads=y,shared-memory=y", "-S", "threads=y"});
  return finish(program, std::move(words), target, grants);
}

ProgramCall wasmedge_command(const std::string& program, const RunTarget& target, const Grants& grants) {
  Words words;
  for (const GrantedFolder& folder : grants.folders)
    add(words, {"--dir", folder.guest + ":" + folder.host + (folder.read_only ? ":readonly" : "")});
  for (const auto& [name, value] : grants.environment) add(words, {"--env", name + "=" + value});
  if (grants.threads) words.emplace_back("--enable-threads");
  return finish(program, std::move(words), target, grants);
}

ProgramCall wasmer_command(const std::string& program, const RunTarget& target, const Grants& grants) {
  Words words{"run"};
  for (const GrantedFolder& folder : grants.folders) add(words, {"--volume", folder.host + ":" + folder.guest});
  for (const auto& [name, value] : grants.environment) add(words, {"--env", name + "=" + value});
  if (grants.network) words.emplace_back("--net");
  words.push_back(target.path);
  if (!grants.arguments.empty()) words.emplace_back("--");
  words.insert(words.end(), grants.arguments.begin(), grants.arguments.end());
  return {.path = program, .arguments = std::move(words), .output = OutputTo::standard_output};
}

// Node has WASI as a library only: this program lends it a command line. Its one argument holds the grants.
constexpr std::string_view k_node_program = R"JS(
const { WASI } = require('node:wasi');
const fs = require('node:fs');
const grants = JSON.parse(process.argv[1]);
const wasi = new WASI({ version: 'preview1', args: grants.arguments, env: grants.environment, preopens: grants.folders, returnOnExit: true });
WebAssembly.compile(fs.readFileSync(grants.file)).then(async (module) => {
  const wanted = WebAssembly.Module.imports(module).map((entry) => entry.module);
  const imports = { wasi_snapshot_preview1: wasi.wasiImport };
  if (wanted.includes('wasi_unstable')) throw new Error('the module wants the old interface wasi_unstable');
  const instance = await WebAssembly.instantiate(module, imports);
  if (!instance.exports._start) throw new Error('the module has no start function; it is a library');
  process.exitCode = wasi.start(instance);
}).catch((error) => { console.error(String(error && error.message || error)); process.exitCode = 134; });
)JS";

ProgramCall node_command(const std::string& program, const RunTarget& target, const Grants& grants) {
  Words arguments{target.name};
  arguments.insert(arguments.end(), grants.arguments.begin(), grants.arguments.end());
  JsonObject environment;
  for (const auto& [name, value] : grants.environment) environment.set(name, value);
  JsonObject folders;
  for (const GrantedFolder& folder : grants.folders) folders.set(folder.guest, folder.host);
  const Json json = JsonObject{{"file", target.path},
                               {"arguments", Json::strings(arguments)},
                               {"environment", std::move(environment)},
                               {"folders", std::move(folders)}};
  return {.path = program,
          .arguments = {"--no-warnings", "-e", std::string(k_node_program), write_json(json)},
          .output = OutputTo::standard_output};
}

// Why a runtime cannot do this, or nothing.
std::string reason_against(const Runtime& runtime, const RunTarget& target, const Grants& grants) {
  if (target.is_component && !runtime.runs_components) return "it does not run components";
  const bool read_only = std::ranges::any_of(grants.folders, &GrantedFolder::read_only);
  if (read_only && !runtime.has_read_only_folders && !kernel_confines_writes())
    return "neither it nor this kernel can hold a folder read-only";
  if (grants.network && !runtime.has_network) return "it cannot give the network";
  if ((grants.http || grants.threads) && runtime.name != "wasmtime") {
    if (grants.http) return "it cannot give outgoing HTTP";
    if (runtime.name != "wasmedge") return "it cannot give threads";
  }
  return "";
}

}  // namespace

std::span<const Runtime> all_runtimes() {
  static const std::vector<Runtime> k_runtimes{
      {"wasmtime", "cargo install wasmtime-cli", true, false, true, wasmtime_command},
      {"wasmedge", "see wasmedge.org", false, true, false, wasmedge_command},
      {"wasmer", "cargo install wasmer-cli", false, false, true, wasmer_command},
      {"node", "apt-get install nodejs", false, false, false, node_command},
  };
  return k_runtimes;
}

Result<ChosenRuntime> choose_runtime(const Context& context, const std::string& name, const RunTarget& target, const Grants& grants) {
  std::string names;
  std::string reasons;
  bool known = false;
  for (const Runtime& runtime : all_runtimes()) {
    names += (names.empty() ? "" : ", ") + std::string(runtime.name);
    if (!name.empty() && runtime.name != name) continue;
    known = true;
    const auto program = find_program(context, std::string(runtime.name));
    if (!program) continue;
    const std::string reason = reason_against(runtime, target, grants);
    if (reason.empty()) return ChosenRuntime{.runtime = &runtime, .program = *program};
    reasons += (reasons.empty() ? "" : "; ") + std::string(runtime.name) + ": " + reason;
  }
  if (!known) return fail(ErrorCode::usage, "\"" + printable(name) + "\" is not a runtime davit knows; it knows " + names);
  if (!reasons.empty())
    return fail(ErrorCode::unsupported, "no installed runtime can run this with these grants (" + reasons + ")")
        .hinting("install wasmtime, or grant otherwise");
  const std::string wanted =
      name.empty() ? "no runtime is installed (looked for " + names + ")" : "the runtime \"" + name + "\" is not installed";
  return fail(ErrorCode::not_found, wanted).hinting("run: apt-get install nodejs, or: cargo install wasmtime-cli");
}

ProgramCall make_call(const ChosenRuntime& chosen, const RunTarget& target, const Grants& grants) {
  ProgramCall call = chosen.runtime->command(chosen.program, target, grants);
  const bool read_only = std::ranges::any_of(grants.folders, &GrantedFolder::read_only);
  if (!read_only || chosen.runtime->has_read_only_folders) return call;
  std::vector<std::string> writable{"/dev"};
  for (const GrantedFolder& folder : grants.folders) {
    if (!folder.read_only) writable.push_back(folder.host);
  }
  call.writable_folders = std::move(writable);
  return call;
}

Result<GrantedFolder> parse_granted_folder(const std::string& text) {
  GrantedFolder folder;
  std::string rest = text;
  if (rest.ends_with(":ro")) {
    folder.read_only = true;
    rest.resize(rest.size() - 3);
  }
  const std::size_t separator = rest.find("::");
  folder.host = rest.substr(0, separator);
  folder.guest = separator == std::string::npos ? folder.host : rest.substr(separator + 2);
  if (folder.host.empty() || folder.guest.empty()) return fail(ErrorCode::usage, "\"" + printable(text) + "\" is not HOST[::GUEST][:ro]");
  std::error_code code;
  if (!std::filesystem::is_directory(folder.host, code))
    return fail(ErrorCode::not_found, "there is no folder \"" + printable(folder.host) + "\" to grant");
  return folder;
}

}  // namespace davit::cli
