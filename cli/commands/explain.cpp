#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/explain/consumers.hpp"
#include "cli/explain/gather.hpp"
#include "cli/input.hpp"
#include "cli/process.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

struct ExplainOptions {
  std::string target{};
  std::vector<std::string> only{};
};

using Chosen = std::vector<const explain::Consumer*>;

Chosen choose_consumers(const ExplainOptions& options) {
  Chosen out;
  for (const explain::Consumer& consumer : explain::consumers()) {
    if (options.only.empty() || std::ranges::find(options.only, consumer.name) != options.only.end()) out.push_back(&consumer);
  }
  return out;
}

bool is_proxy(const explain::Consumer* consumer) { return consumer->name == "istio" || consumer->name == "envoy-gateway"; }

Result<explain::Facts> facts_of_reference(Context& context, const Reference& reference, const Chosen& chosen) {
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(auto facts, explain::gather_facts(*repository, selector_of(reference), std::ranges::any_of(chosen, is_proxy)));
  facts.origin = std::holds_alternative<RegistryReference>(reference) ? explain::Origin::registry : explain::Origin::local_store;
  facts.reference = shell_line({.path = to_text(reference), .arguments = {}});
  const bool wanted =
      std::ranges::any_of(chosen, [&](const explain::Consumer* consumer) { return explain::needs_module(*consumer, facts); });
  if (wanted) TRY(explain::gather_module(*repository, facts));
  return facts;
}

Json verdict_json(const explain::Verdict& verdict) {
  JsonObject out{{"consumer", verdict.consumer}, {"kind", verdict.kind}, {"accepts", verdict.accepts}};
  if (!verdict.aspect.empty()) out.set("aspect", verdict.aspect);
  out.set("reason", verdict.accepts ? Json(nullptr) : Json(verdict.reason));
  out.set("command", verdict.accepts ? Json(verdict.command) : Json(nullptr));
  return out;
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

std::string verdict_line(const explain::Verdict& verdict) {
  constexpr std::size_t k_name_width = 26;
  constexpr std::size_t k_answer_width = 9;
  const std::string head = padded(verdict.consumer, k_name_width) + padded(verdict.accepts ? "accepts" : "refuses", k_answer_width);
  if (verdict.accepts) return head + verdict.command + "\n";
  return head + std::string(verdict.aspect) + ": " + verdict.reason + "\n";
}

Result<int> run_explain(Context& context, const ExplainOptions& options) {
  Chosen chosen = choose_consumers(options);
  TRY_ASSIGN(const std::optional<Reference> reference, store_reference_in(options.target));
  explain::Facts facts;
  if (reference) {
    auto gathered = facts_of_reference(context, *reference, chosen);
    if (!gathered) return std::move(gathered).error().in(to_text(*reference));
    facts = *std::move(gathered);
  } else {
    std::erase_if(chosen, [](const explain::Consumer* consumer) { return !consumer->takes_files; });
    if (chosen.empty())
      return fail(ErrorCode::usage, "\"" + printable(options.only.front()) + "\" reads from a registry, and this is a file")
          .hinting("push it first: davit push FILE REF");
    TRY_ASSIGN(facts, explain::facts_of_file(options.target));
    facts.reference = shell_line({.path = options.target, .arguments = {}});
  }
  JsonArray list;
  std::string text;
  for (const explain::Consumer* consumer : chosen) {
    const explain::Verdict verdict = explain::judge(*consumer, facts);
    list.push_back(verdict_json(verdict));
    text += verdict_line(verdict);
  }
  if (reference)
    context.explain("format " + facts.detection.format + (facts.detection.evidence.empty() ? "" : ": " + facts.detection.evidence.front()));
  TRY(context.common.json ? context.print_json(std::move(list)) : context.print(text));
  return 0;
}

std::vector<std::string> consumer_names() {
  std::vector<std::string> out;
  for (const explain::Consumer& consumer : explain::consumers()) out.emplace_back(consumer.name);
  return out;
}

}  // namespace

Command make_explain_command() {
  auto options = std::make_shared<ExplainOptions>();
  return {
      .name = "explain",
      .summary = "which runtimes and tools accept an artifact, why the others do not, and the command for those that do",
      .description =
          "Holds the artifact against the rules by which container runtimes, cluster tools and wasm runtimes choose what they load: its\n"
          "layout, platform, index, annotations and sizes, and of the wasm file the WASI generation, what it exports and the features\n"
          "it uses. Each line says accepts with a command that is ready to run, or refuses with the one reason. The rules are those of\n"
          "default settings; nothing is run. The wasm file is fetched only when an answer depends on it. For a file the runtimes that\n"
          "start files are listed.",
      .arguments = {{"TARGET", "an artifact in a store, or a wasm file", &options->target, true, ValueKind::reference}},
      .options = {{"--only", "NAME", "only this runtime or tool; may be repeated", &options->only, ValueKind::word, consumer_names()}},
      .examples = {{"davit explain registry.example.com/team/app:1.0", "who takes it"},
                   {"davit explain oci:store:1.0 --only podman --only wkg --json", "two of them, for scripts"},
                   {"davit explain app.wasm", "which runtimes start this file"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10, 12},
      .uses_registry = true,
      .run = [options](Context& context) { return run_explain(context, *options); },
  };
}

}  // namespace davit::cli
