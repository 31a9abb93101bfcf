// SARIF 2.1.0 (OASIS), as code-scanning services read it: a run with the rules that were broken and a result for each.
#include <array>

#include "cli/verify/show.hpp"
#include "cli/version.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

struct RuleText {
  std::string_view id;
  std::string_view text;
};

// Ids are kept by dashboards: never rename.
constexpr std::array<RuleText, 5> k_rules{{{"unsigned", "The artifact holds no signature."},
                                           {"not-trusted", "The artifact's signatures do not fulfil what was asked for."},
                                           {"capability", "The artifact can touch more than it is granted."},
                                           {"not-verifiable", "The artifact could not be verified."},
                                           {"refused-signature", "A signature of the artifact is not accepted."}}};

std::string rule_of(const Error& error) {
  if (error.code == ErrorCode::unsigned_content) return "unsigned";
  if (error.code == ErrorCode::untrusted) return "not-trusted";
  if (error.code == ErrorCode::capability_refused) return "capability";
  return "not-verifiable";
}

// Services want a location in a file; an artifact is named as a URI, and so is its line, the first.
Json result(const std::string& rule, std::string_view level, const std::string& message, const std::string& target,
            const std::string& fingerprint) {
  return JsonObject{
      {"ruleId", rule},
      {"level", level},
      {"message", JsonObject{{"text", printable(message, 2000)}}},
      {"locations", JsonArray{JsonObject{{"physicalLocation", JsonObject{{"artifactLocation", JsonObject{{"uri", printable(target, 2000)}}},
                                                                         {"region", JsonObject{{"startLine", 1}}}}}}}},
      {"partialFingerprints", JsonObject{{"davit/v1", digest_of(rule + "\n" + target + "\n" + fingerprint).hex()}}}};
}

}  // namespace

Json sarif_of(const std::vector<NamedVerification>& verifications) {
  JsonArray rules;
  for (const RuleText& rule : k_rules) {
    rules.emplace_back(JsonObject{{"id", rule.id}, {"shortDescription", JsonObject{{"text", rule.text}}}});
  }
  JsonArray results;
  for (const NamedVerification& named : verifications) {
    if (named.error) results.push_back(result(rule_of(*named.error), "error", named.error->message, named.target, ""));
    if (!named.verification) continue;
    const bool accepted = named.verification->proof.has_value();
    if (!accepted && !named.error) {
      const Error error = oci::refusal(*named.verification);
      results.push_back(result(rule_of(error), "error", error.message, named.target, ""));
    }
    for (const oci::Finding& finding : named.verification->findings) {
      if (finding.verified) continue;
      const std::string message = std::string(to_text(finding.refusal)) + ": " + finding.reason;
      results.push_back(result("refused-signature", accepted ? "note" : "warning", message, named.target, finding.candidate));
    }
  }
  const JsonObject driver{{"name", "davit"}, {"version", k_version}, {"rules", std::move(rules)}};
  return JsonObject{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                    {"version", "2.1.0"},
                    {"runs", JsonArray{JsonObject{{"tool", JsonObject{{"driver", driver}}}, {"results", std::move(results)}}}}};
}

}  // namespace davit::cli
