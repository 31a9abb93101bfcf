#include <filesystem>
#include <memory>
#include <set>

#include "cli/app.hpp"
#include "cli/build/list.hpp"
#include "cli/commands/commands.hpp"
#include "cli/ship_journal.hpp"
#include "cli/ship_plan.hpp"
#include "cli/ship_provenance.hpp"
#include "manifests/encoding.hpp"
#include "manifests/reference.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_plan_bytes = 256 * 1024;

struct ShipOptions {
  std::string file{};
  ShipPlan plan{};  ///< what the command line says; empty members leave the file's word
  std::string target{};
  std::vector<std::string> annotations{};
  std::string work_folder{};
};

struct Step {
  std::string name;
  std::vector<std::string> words;   ///< of the command that does it
  std::vector<std::string> inputs;  ///< files
  std::string output;               ///< file
  bool keeps_when_unsupported = false;
};

// Carries the file from step to step and draws one line for each.
class Voyage {
 public:
  Voyage(Context& context, std::string folder, std::size_t steps)
      : context_(context), folder_(std::move(folder)), journal_(ShipJournal::load(folder_)), steps_(steps) {}

  [[nodiscard]] const std::string& file() const { return file_; }
  void start_with(std::string file) { file_ = std::move(file); }
  ShipEvidence& evidence() { return evidence_; }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  void say(const std::string& name, const std::string& what) {
    ++done_;
    context_.say("[" + std::to_string(done_) + "/" + std::to_string(steps_) + "] " + name + ": " + what);
  }

  // Runs a step that makes a file from a file, or keeps what the last run left.
  Result<void> make(const Step& step) {
    TRY_ASSIGN(const std::string key, ShipJournal::key_of(step.words, step.inputs));
    if (journal_.holds(step.name, key, step.output)) {
      file_ = step.output;
      say(step.name, "kept from the last run, " + size());
      return {};
    }
    auto printed = run_for(context_, step.words);
    if (!printed && step.keeps_when_unsupported && printed.error().code == ErrorCode::unsupported) {
      say(step.name, "left as it is: " + printed.error().message);
      return {};
    }
    if (!printed) return std::move(printed).error().during("shipping, step \"" + step.name + "\"");
    file_ = step.output;
    TRY(journal_.note(step.name, key, step.output));
    say(step.name, size());
    return {};
  }

 private:
  std::string size() const {
    std::error_code code;
    const auto bytes = std::filesystem::file_size(file_, code);
    return code ? "?" : std::to_string(bytes) + " bytes";
  }

  Context& context_;
  std::string folder_;
  ShipJournal journal_;
  std::size_t steps_;
  std::size_t done_ = 0;
  std::string file_;
  ShipEvidence evidence_{};
};

// The file's plan with the command line's words on top.
Result<ShipPlan> load_plan(const ShipOptions& options) {
  ShipPlan plan;
  const std::string path = options.file.empty() ? "davit.json" : options.file;
  std::error_code code;
  if (!options.file.empty() || std::filesystem::exists(path, code)) {
    TRY_ASSIGN(const auto content, oci::read_file(path, k_max_plan_bytes));
    auto json = parse_json(as_text(content), JsonLimits{});
    if (!json) return std::move(json).error().in(path);
    auto parsed = parse_ship_plan(*json, std::filesystem::path(path).parent_path().string());
    if (!parsed) return std::move(parsed).error().during("reading " + path);
    plan = *std::move(parsed);
  }
  const ShipPlan& words = options.plan;
  if (!words.sources.empty()) plan.sources = words.sources;
  if (!words.arguments.empty()) plan.arguments = words.arguments;
  for (const auto member :
       {&ShipPlan::toolchain, &ShipPlan::optimize, &ShipPlan::strip, &ShipPlan::capabilities, &ShipPlan::reference, &ShipPlan::sign}) {
    if (!(words.*member).empty()) plan.*member = words.*member;
  }
  if (!options.target.empty()) plan.target = options.target;
  if (!options.plan.format.empty()) plan.format = options.plan.format;
  for (const std::string& annotation : options.annotations) {
    const std::size_t equals = annotation.find('=');
    if (equals == std::string::npos || equals == 0) return fail(ErrorCode::usage, "\"" + printable(annotation) + "\" is not KEY=VALUE");
    plan.annotations[annotation.substr(0, equals)] = annotation.substr(equals + 1);
  }
  TRY(check_ship_plan(plan));
  return plan;
}

bool is_built(const ShipPlan& plan) { return plan.sources.size() == 1 && plan.sources.front().ends_with(".wasm"); }

// Compiling is never skipped: only the compiler knows which headers it reads.
Result<void> build(Context& context, const ShipPlan& plan, Voyage& voyage) {
  if (is_built(plan)) {
    voyage.start_with(plan.sources.front());
    voyage.say("build", "not needed, " + plan.sources.front() + " is WebAssembly already");
    return {};
  }
  const std::string output = voyage.path("built.wasm");
  std::vector<std::string> words{"build"};
  words.insert(words.end(), plan.sources.begin(), plan.sources.end());
  words.insert(words.end(), {"-o", output});
  if (!plan.target.empty()) words.insert(words.end(), {"--target", plan.target});
  if (!plan.artifact.empty()) words.insert(words.end(), {"--artifact", plan.artifact});
  if (!plan.wit.empty()) words.insert(words.end(), {"--wit", plan.wit});
  if (!plan.world.empty()) words.insert(words.end(), {"--world", plan.world});
  if (!plan.toolchain.empty()) words.insert(words.end(), {"--toolchain", plan.toolchain});
  words.emplace_back("--");
  words.insert(words.end(), plan.arguments.begin(), plan.arguments.end());
  auto printed = run_for(context, words);
  if (!printed) return std::move(printed).error().during("shipping, step \"build\"");
  TRY_ASSIGN(const Json report, parse_json(*printed, JsonLimits{}));
  if (const auto name = JsonView(report).find("toolchain"); name && name->json().string() != nullptr) {
    voyage.evidence().toolchain = *name->json().string();
    voyage.evidence().toolchain_version = toolchain_version(context, voyage.evidence().toolchain);
  }
  voyage.start_with(output);
  voyage.say("build", output);
  return {};
}

Result<void> make_small(const ShipPlan& plan, Voyage& voyage) {
  if (plan.optimize != "none") {
    const std::string output = voyage.path("optimized.wasm");
    std::vector<std::string> words{"optimize", voyage.file(), "-o", output, "--provenance", voyage.path("optimized.provenance.json")};
    if (!plan.optimize.empty()) words.push_back(plan.optimize);
    TRY(voyage.make({.name = "optimize", .words = words, .inputs = {voyage.file()}, .output = output, .keeps_when_unsupported = true}));
  }
  if (!plan.strip.empty()) {
    const std::string output = voyage.path("stripped.wasm");
    TRY(voyage.make({.name = "strip",
                     .words = {"strip", voyage.file(), "-o", output, "--" + plan.strip},
                     .inputs = {voyage.file()},
                     .output = output}));
  }
  return {};
}

Result<void> declare(Context& context, const ShipPlan& plan, Voyage& voyage) {
  std::string manifest = plan.capabilities;
  if (manifest.empty()) {
    manifest = voyage.path("capabilities.json");
    TRY(run_for(context, {"caps", "derive", voyage.file(), "-o", manifest}));
  } else {
    auto checked = run_for(context, {"caps", "check", voyage.file(), "--caps", manifest});
    if (!checked) return std::move(checked).error().during("shipping, step \"capabilities\"");
  }
  const std::string output = voyage.path("declared.wasm");
  return voyage.make({.name = "capabilities",
                      .words = {"caps", "attach", voyage.file(), "--caps", manifest, "-o", output},
                      .inputs = {voyage.file(), manifest},
                      .output = output});
}

struct Shipped {
  std::string reference;  ///< with digest
  Json record;
};

Result<Shipped> push(Context& context, const ShipPlan& plan, Voyage& voyage) {
  // The title is what a pull names the file: the name of the source, not of our work file.
  const std::string title = std::filesystem::path(plan.sources.front()).stem().string() + ".wasm";
  std::vector<std::string> words{"push", voyage.file(), plan.reference, "--format", plan.format, "--title", title};
  for (const auto& [name, value] : plan.annotations) words.insert(words.end(), {"--annotation", name + "=" + value});
  auto printed = run_for(context, words);
  if (!printed) return std::move(printed).error().during("shipping, step \"push\"");
  TRY_ASSIGN(Json record, parse_json(*printed, JsonLimits{}));
  TRY_ASSIGN(const auto field, JsonView(record).field("digest"));
  TRY_ASSIGN(const auto text, field.as_string());
  TRY_ASSIGN(auto digest, Digest::parse(text));
  TRY_ASSIGN(const auto reference, parse_store_reference(plan.reference));
  Shipped shipped{.reference = to_text(with_digest(reference, std::move(digest))), .record = std::move(record)};
  voyage.say("push", shipped.reference);
  return shipped;
}

// Signs unless this very key's signature is there and good already.
Result<void> sign(Context& context, const ShipPlan& plan, const Shipped& shipped, Voyage& voyage) {
  const std::string public_key = voyage.path("signer.pub");
  auto made = run_for(context, {"key", "public", "--key", plan.sign});
  if (!made) return std::move(made).error().during("shipping, step \"sign\"");
  TRY_ASSIGN(const Json record, parse_json(*made, JsonLimits{}));
  TRY_ASSIGN(const auto field, JsonView(record).field("publicKey"));
  TRY_ASSIGN(const auto pem, field.as_string());
  TRY(oci::write_file(public_key, as_bytes(pem)));
  if (run_for(context, {"verify", shipped.reference, "--key", public_key})) {
    voyage.say("sign", "kept from the last run, the signature is there and good");
    return {};
  }
  auto printed = run_for(context, {"sign", shipped.reference, "--key", plan.sign});
  if (!printed) return std::move(printed).error().during("shipping, step \"sign\"");
  voyage.say("sign", "signed with " + plan.sign);
  return {};
}

// States how the artifact was made. The statement depends on inputs and options only, so that a second run finds its own.
Result<void> attest(Context& context, const ShipPlan& plan, const Shipped& shipped, Voyage& voyage) {
  ShipEvidence& evidence = voyage.evidence();
  evidence.wasm_file = voyage.file();
  if (plan.optimize != "none") evidence.optimization_provenance = voyage.path("optimized.provenance.json");
  TRY_ASSIGN(const Json provenance, make_provenance(plan, evidence));
  const std::string path = voyage.path("provenance.json");
  TRY(oci::write_file(path, as_bytes(write_json_pretty(provenance))));
  if (plan.sign.empty()) return {};
  auto printed = run_for(context, {"attest", shipped.reference, "--type", "slsaprovenance1", "--predicate", path, "--key", plan.sign});
  if (!printed) return std::move(printed).error().during("shipping, step \"attest\"");
  voyage.say("attest", "provenance, signed with " + plan.sign);
  return {};
}

Result<int> run_ship(Context& context, const ShipOptions& options) {
  TRY_ASSIGN(const ShipPlan plan, load_plan(options));
  const std::string folder = options.work_folder.empty() ? ".davit" : options.work_folder;
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) return fail(ErrorCode::io, "cannot make the work folder \"" + folder + "\": " + code.message());
  const std::size_t steps = 3U + (plan.optimize == "none" ? 0U : 1U) + (plan.strip.empty() ? 0U : 1U) + (plan.sign.empty() ? 0U : 2U);
  Voyage voyage(context, folder, steps);
  TRY(build(context, plan, voyage));
  TRY(make_small(plan, voyage));
  TRY(declare(context, plan, voyage));
  TRY_ASSIGN(Shipped shipped, push(context, plan, voyage));
  if (!plan.sign.empty()) TRY(sign(context, plan, shipped, voyage));
  TRY(attest(context, plan, shipped, voyage));
  if (context.common.json) {
    JsonObject record = *shipped.record.object();
    record.set("signed", !plan.sign.empty());
    TRY(context.print_json(std::move(record)));
  } else {
    TRY(context.print(shipped.reference + "\n"));
  }
  return 0;
}

}  // namespace

Command make_ship_command() {
  auto options = std::make_shared<ShipOptions>();
  options->plan.target.clear();
  options->plan.format.clear();
  ShipPlan& plan = options->plan;
  return {
      .name = "ship",
      .summary = "build, optimize, declare capabilities, push, sign and attest in one resumable step",
      .description =
          "Reads what to do from davit.json (or FILE); words on the command line win over it. Steps whose inputs, words and output are as\n"
          "the last run left them are kept; the first failure stops the chain, and the next run starts again there. What is made on the\n"
          "way stays in the work folder, with SLSA provenance v1 of the run (provenance.json), which is attested to when there is a key "
          "to\n"
          "sign with. Without a source the project in the folder is built, as \"davit build\" does. Members of\n"
          "davit.json: source, target, toolchain, artifact, wit, world, arguments, optimize (-O0 to -Oz or none), strip (debug, names, "
          "producers, all), capabilities, reference, format, annotations, sign.",
      .arguments = {{"FILE", "the plan (default: davit.json, if there is one)", &options->file, false, ValueKind::file}},
      .options = {{"--source", "FILE", "a source file, or the WebAssembly file to ship; may be repeated", &plan.sources, ValueKind::file},
                  {"--reference", "REF", "where to push to", &plan.reference, ValueKind::reference},
                  {"--target", "TARGET", "what to compile for", &options->target, ValueKind::word, {"p1", "p2", "core"}},
                  {"--toolchain", "NAME", "compile with this toolchain", &plan.toolchain},
                  {"--optimize",
                   "LEVEL",
                   "optimization level",
                   &plan.optimize,
                   ValueKind::word,
                   {"none", "O0", "O1", "O2", "O3", "O4", "Os", "Oz"}},
                  {"--strip", "WHAT", "also strip this", &plan.strip, ValueKind::word, {"debug", "names", "producers", "all"}},
                  {"--caps", "FILE", "the capability manifest (default: derived from the file)", &plan.capabilities, ValueKind::file},
                  {"--format", "FORMAT", "packaging of the artifact", &plan.format, ValueKind::word, {"wasm", "image"}},
                  {"--annotation", "KEY=VALUE", "manifest annotation; may be repeated", &options->annotations},
                  {"--sign", "KEY", "sign, and attest to the provenance, with this private key", &plan.sign, ValueKind::file},
                  {"--work-folder", "FOLDER", "where the files in between are kept (default: .davit)", &options->work_folder,
                   ValueKind::folder}},
      .examples = {{"davit ship", "what davit.json says"},
                   {"davit ship --source greet.c --reference oci:out:1.0 --sign release.key", "without a file"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12, 13, 14},
      .uses_registry = true,
      .rest = &plan.arguments,
      .rest_help = "words for the compiler, passed on as they are",
      .run =
          [options](Context& context) {
            // On the command line a level is written without its dash, so that it cannot be taken for an option.
            if (!options->plan.optimize.empty() && options->plan.optimize != "none" && options->plan.optimize.front() != '-')
              options->plan.optimize.insert(0, "-");
            return run_ship(context, *options);
          },
  };
}

}  // namespace davit::cli
