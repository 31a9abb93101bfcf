#include "cli/clock.hpp"
#include "cli/commands/commands.hpp"
#include "cli/input.hpp"
#include "cli/report/page.hpp"
#include "cli/stores.hpp"
#include "cli/verify/target.hpp"
#include "cli/wasm_report.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/time_text.hpp"
#include "oci/io/file.hpp"
#include "wasm/capabilities.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

struct ReportOptions {
  std::string target{};
  std::string output{};
  TrustOptions trust{};
};

// `what` in the order of the options, for people.
std::string trust_text(const TrustOptions& trust) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  for (const std::string& key : trust.keys) add("the key " + key);
  for (const std::string& identity : trust.identities) add("the identity " + identity);
  for (const std::string& expression : trust.identity_patterns) add("identities like /" + expression + "/");
  if (!trust.issuer.empty()) add("the issuer " + trust.issuer);
  if (!trust.issuer_pattern.empty()) add("issuers like /" + trust.issuer_pattern + "/");
  if (!trust.certificate_chain.empty()) add("the authority " + trust.certificate_chain);
  if (!trust.trust_policy.empty()) add("the trust policy " + trust.trust_policy);
  if (!trust.policy.empty()) add("the policy " + trust.policy);
  return out;
}

Result<void> add_wasm_facts(Context& context, const Reference& reference, ReportFacts& facts) {
  TRY_ASSIGN(const StoredWasm stored, fetch_stored_wasm(context, reference));
  facts.media_type = stored.manifest.descriptor.media_type;
  facts.format = stored.detection.format;
  const ByteView bytes = stored.input.bytes();
  facts.wasm_size = bytes.size();
  facts.wasm_digest = digest_of(bytes).text();
  TRY_ASSIGN(const Manifest manifest, parse_manifest(stored.manifest.bytes));
  facts.annotations = annotations_of(manifest);
  TRY_ASSIGN(const wasm::BinarySummary summary, wasm::summarize(bytes, wasm::Limits{}));
  facts.kind = summary.kind == wasm::Kind::component ? "component" : "module";
  for (const wasm::ImportItem& import : summary.imports) {
    facts.imports.push_back(import.module.empty() ? import.name : import.module + "." + import.name);
  }
  for (const wasm::ReachedCapability& reached : wasm::reach_of(summary)) {
    std::string line = to_text(reached.capability);
    for (const std::string& via : reached.via) line += (&via == &reached.via.front() ? " via " : ", ") + via;
    facts.reachable.push_back(std::move(line));
  }
  TRY_ASSIGN(const std::optional<ByteView> section, wasm::find_custom_section(bytes, wasm::k_capability_section));
  if (section) facts.requested = std::string(as_text(*section));
  return {};
}

Result<int> run_report(Context& context, const ReportOptions& options) {
  TRY_ASSIGN(const Reference reference, parse_store_reference(options.target));
  const auto target = verify_target(context, options.trust, {}, options.target);
  std::optional<Error> refusal;
  if (!target) refusal = target.error();
  if (target && !target->verification.proof) refusal = oci::refusal(target->verification);
  if (refusal && refusal->code == ErrorCode::usage) return *refusal;
  ReportFacts facts{
      .reference = target ? target->name : options.target, .trust = trust_text(options.trust), .made_at = write_time(seconds_by_clock())};
  const Reference exact = target ? with_digest(reference, target->verification.digest) : reference;
  if (const auto added = add_wasm_facts(context, exact, facts); !added) facts.wasm_problem = added.error().message;
  const std::string page = report_page(facts, target ? &target->verification : nullptr, refusal ? &*refusal : nullptr);
  TRY(oci::write_file(options.output, as_bytes(page)));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"reference", facts.reference}, {"report", options.output}, {"accepted", !refusal}}));
  } else {
    TRY(context.print(options.output + "\n"));
  }
  if (refusal) return *refusal;
  return 0;
}

}  // namespace

Command make_report_command() {
  const auto options = std::make_shared<ReportOptions>();  // shared by the option targets and the run function
  return {
      .name = "report",
      .summary = "write the evidence about an artifact as one page",
      .description =
          "Verifies REF as verify does and writes one HTML page that needs nothing else: whether and why it is accepted, every signature "
          "with its signer, certificate, times and log entries, what the wasm file can touch and asks for, and what it is. The page is "
          "written for refused artifacts too; the exit status is that of verify.",
      .arguments = {{"REF", "the artifact", &options->target, true, ValueKind::reference}},
      .options = with_trust_options({{"-o,--output", "FILE", "the page", &options->output, ValueKind::file, {}, true}}, options->trust),
      .examples = {{"davit report registry.example.com/team/app:v1 --policy policy.json -o app.html", "for a review"},
                   {"davit report oci:build/app:v1 --key davit.pub -o app.html", "of a local store"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 11, 12, 14, 15},
      .uses_registry = true,
      .run = [options](Context& context) { return run_report(context, *options); },
  };
}

}  // namespace davit::cli
