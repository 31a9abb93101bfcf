#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/policy/compile.hpp"
#include "cli/policy/explain.hpp"
#include "cli/policy/export/export.hpp"
#include "cli/policy/import.hpp"
#include "cli/stores.hpp"
#include "cli/verify/notation.hpp"
#include "cli/verify/show.hpp"
#include "cli/verify/target.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

struct PolicyOptions {
  std::string file{};
  std::string target{};
  std::string format{};
  std::string output{};
  TrustOptions trust{};
};

Result<int> run_check(Context& context, const PolicyOptions& options) {
  TRY_ASSIGN(const Policy policy, load_policy(options.file));
  TRY(compile_all(policy, options.file));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"policy", options.file},
                                      {"valid", true},
                                      {"signers", std::uint64_t{policy.signers.size()}},
                                      {"rules", std::uint64_t{policy.rules.size()}}}));
    return 0;
  }
  const auto counted = [](std::size_t count, const std::string& one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
  };
  context.say(options.file + ": " + counted(policy.rules.size(), "rule") + ", " + counted(policy.signers.size(), "signer") +
              ", nothing to complain about");
  return 0;
}

Result<int> run_explain(Context& context, const PolicyOptions& options) {
  TRY_ASSIGN(const Policy policy, load_policy(options.file));
  if (context.common.json) {
    TRY(context.print_json(to_json(policy)));
    return 0;
  }
  if (options.target.empty()) {
    TRY(context.print(explain_policy(policy)));
    return 0;
  }
  TRY_ASSIGN(const Reference reference, parse_store_reference(options.target));
  const std::string name = policy_name_of(reference);
  const Policy::Choice choice = policy.choose(name);
  if (choice.rule == nullptr) {
    TRY(context.print("no rule is about " + printable(name) + ", so it is refused\n"));
    return 0;
  }
  TRY(context.print("chosen by \"" + printable(choice.pattern) + "\"\n" + explain_rule(policy, *choice.rule)));
  return 0;
}

Result<int> run_test(Context& context, const PolicyOptions& options) {
  TrustOptions trust = options.trust;
  trust.policy = options.file;
  TRY_ASSIGN(const VerifiedTarget target, verify_target(context, trust, {}, options.target));
  say_verification(context, target.verification);
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", target.name},
                                      {"accepted", target.verification.proof.has_value()},
                                      {"decision", decision_json(target.verification.decision)},
                                      {"signatures", findings_json(target.verification)}}));
  } else {
    TRY(context.print(target.name + "\n" + decision_text(target.verification.decision)));
  }
  if (!target.verification.proof) return oci::refusal(target.verification);
  return 0;
}

Result<int> write_out(const Context& context, const PolicyOptions& options, const std::string& text) {
  if (options.output.empty() || options.output == "-") {
    TRY(context.print(text));
    return 0;
  }
  TRY(oci::write_file(options.output, as_bytes(text)));
  context.say("wrote " + options.output);
  return 0;
}

Result<int> run_export(Context& context, const PolicyOptions& options) {
  TRY_ASSIGN(Policy policy, load_policy(options.file));
  TRY(compile_all(policy, options.file));
  TRY(inline_keys(policy, options.file));
  TRY_ASSIGN(const ExportedPolicy exported, export_policy(policy, options.format));
  for (const std::string& sentence : exported.not_expressed) context.warn(sentence);
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"documents", exported.documents}, {"notExpressed", Json::strings(exported.not_expressed)}}));
    return 0;
  }
  const bool single = exported.documents.size() == 1;
  const Json document =
      single ? exported.documents.front() : Json(JsonObject{{"apiVersion", "v1"}, {"kind", "List"}, {"items", exported.documents}});
  return write_out(context, options, write_json_pretty(document));
}

Result<int> run_import(Context& context, const PolicyOptions& options) {
  Policy policy;
  if (options.format == "notation") {
    TRY_ASSIGN(policy, import_notation_policy(options.file, notation_folder(context)));
  } else {
    TRY_ASSIGN(const Bytes content, oci::read_file(options.file, k_max_policy_bytes));
    auto imported = import_cluster_image_policies(as_text(content));
    if (!imported) return std::move(imported).error().in(options.file);
    policy = *std::move(imported);
  }
  return write_out(context, options, write_json_pretty(to_json(policy)));
}

Command make_child(const std::shared_ptr<PolicyOptions>& options, const char* name, const char* summary,
                   Result<int> (*run)(Context&, const PolicyOptions&)) {
  return {.name = std::string("policy ") + name,
          .summary = summary,
          .description = std::string(summary) + ".",
          .arguments = {{"FILE", "the policy", &options->file, true, ValueKind::file}},
          .exit_statuses = {4, 8, 9, 12},
          .run = [options, run](Context& context) { return run(context, *options); }};
}

Command make_test(const std::shared_ptr<PolicyOptions>& options) {
  Command out = make_child(options, "test", "print how a policy decides about an artifact", run_test);
  out.description =
      "Verifies REF by the policy and prints the tree of its demands with the answer to each. The exit status is that of verify.";
  out.arguments.push_back({"REF", "the artifact", &options->target, true, ValueKind::reference});
  for (Option& option : trust_options(options->trust)) {
    const bool fits =
        option.names == "--as" || option.names == "--trusted-root" || option.names == "--max-signatures" || option.names == "--offline";
    if (fits) out.options.push_back(std::move(option));
  }
  out.exit_statuses = {4, 5, 6, 7, 8, 9, 11, 12, 14, 15};
  out.examples = {{"davit policy test policy.json registry.example.com/team/app:v1", "every demand and its answer"}};
  out.uses_registry = true;
  return out;
}

Command make_explain(const std::shared_ptr<PolicyOptions>& options) {
  Command out = make_child(options, "explain", "say in sentences what a policy accepts", run_explain);
  out.arguments.push_back({"REF", "explain only the rule for this artifact", &options->target, false, ValueKind::reference});
  out.examples = {{"davit policy explain policy.json", "every rule"}};
  return out;
}

Command make_export(const std::shared_ptr<PolicyOptions>& options) {
  Command out = make_child(options, "export", "write a policy for an admission controller or a container engine", run_export);
  out.description =
      "Writes documents that never accept what the policy refuses. What the target cannot express is said; a rule that it could only hold "
      "more loosely is refused with exit status 12.";
  out.options = {{"--for",
                  "TARGET",
                  "who reads it",
                  &options->format,
                  ValueKind::word,
                  {"kyverno", "policy-controller", "ratify", "containers-policy"},
                  true},
                 {"-o,--output", "FILE", "where to write it (default: standard output)", &options->output, ValueKind::file}};
  out.examples = {{"davit policy export policy.json --for kyverno -o cluster-policy.json", "for kubectl apply -f"},
                  {"davit policy export policy.json --for containers-policy", "for podman and CRI-O"}};
  return out;
}

Command make_import(const std::shared_ptr<PolicyOptions>& options) {
  Command out = make_child(options, "import", "make a policy of what another tool uses", run_import);
  out.description =
      "Reads a ClusterImagePolicy of policy-controller (JSON, as kubectl get -o json prints it) or a trust policy of the Notary Project "
      "with its trust stores, and writes a policy that accepts no more. What a policy cannot say is refused with exit status 12.";
  out.arguments.front().help = "the document to read";
  out.options = {{"--from", "KIND", "what the document is", &options->format, ValueKind::word, {"policy-controller", "notation"}, true},
                 {"-o,--output", "FILE", "where to write it (default: standard output)", &options->output, ValueKind::file}};
  out.examples = {{"davit policy import trustpolicy.json --from notation -o policy.json", "with the certificates of its stores"}};
  return out;
}

}  // namespace

Command make_policy_command() {
  const auto options = std::make_shared<PolicyOptions>();  // shared by the option targets and the run functions
  Command check = make_child(options, "check", "find mistakes in a policy", run_check);
  check.description =
      "Reads the policy and everything it names. Unknown members, rules that ask for nothing or can never be chosen, signers that nobody "
      "uses, keys that are none and expressions that are none are errors.";
  check.examples = {{"davit policy check policy.json", "before it is used"}};
  return {
      .name = "policy",
      .summary = "check, test, explain and translate policies",
      .description =
          "A policy says for each repository who must have signed, what must have been attested and the most that an artifact may touch. "
          "It "
          "is used with --policy by verify, pull, copy, convert and run.",
      .children = {std::move(check), make_test(options), make_explain(options), make_import(options), make_export(options)},
  };
}

}  // namespace davit::cli
