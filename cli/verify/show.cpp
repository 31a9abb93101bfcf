#include "cli/verify/show.hpp"

#include "manifests/encoding.hpp"
#include "manifests/statement.hpp"
#include "manifests/time_text.hpp"

namespace davit::cli {
namespace {

std::string place_text(const oci::PlaceAsked& place) {
  if (place.failure) return "could not be asked: " + place.failure->message;
  std::string text = place.candidates == 0 ? "no signature" : std::to_string(place.candidates) + " found";
  if (place.others > 0) text += ", " + std::to_string(place.others) + " of other kinds";
  return text;
}

std::string finding_text(const oci::Finding& finding) {
  std::string line = std::string(finding.verified ? "accepted" : "refused") + ": " + std::string(to_text(finding.format)) + " " +
                     finding.candidate + ": " + printable(finding.reason, 1000);
  if (finding.certificate && !finding.certificate->name.empty()) {
    line += ", " + printable(finding.certificate->name) + " by " + printable(finding.certificate->issuer);
  } else if (!finding.signer.empty()) {
    line += (finding.verified ? " " : ", signed with ") + printable(finding.signer);
  }
  if (!finding.identity.empty()) line += ", as " + printable(finding.identity);
  // That a signature is one goes without saying.
  const bool says_more = !finding.predicate_type.empty() && finding.predicate_type != k_signature_predicate;
  if (says_more) line += ", predicate " + printable(finding.predicate_type);
  for (const oci::TrustedTime& time : finding.times) line += ", at " + write_time(time.seconds) + " (" + printable(time.source) + ")";
  for (const oci::LogRecord& log : finding.logs) line += ", logged in " + printable(log.log) + " as " + std::to_string(log.index);
  return line;
}

void add_tree(const oci::Decision& decision, std::size_t depth, std::string& out) {
  out += std::string(depth * 2, ' ') + (decision.passed ? "yes  " : "NO   ") + printable(decision.text, 1000) + "\n";
  for (const oci::Decision& part : decision.parts) add_tree(part, depth + 1, out);
}

Json certificate_json(const oci::CertificateIdentity& certificate) {
  JsonObject extensions;
  for (const auto& [name, value] : certificate.extensions) extensions.set(name, value);
  return JsonObject{{"identity", certificate.name},
                    {"issuer", certificate.issuer},
                    {"fingerprint", certificate.fingerprint},
                    {"notBefore", write_time(certificate.not_before)},
                    {"notAfter", write_time(certificate.not_after)},
                    {"extensions", std::move(extensions)}};
}

}  // namespace

void say_verification(const Context& context, const oci::Verification& verification) {
  for (const oci::PlaceAsked& place : verification.places) context.say("asked: " + place.name + ": " + place_text(place));
  for (const oci::Finding& finding : verification.findings) {
    context.say(finding_text(finding));
    for (const std::string& warning : finding.warnings) context.warn(printable(warning));
  }
  const std::string tree = decision_text(verification.decision);
  for (std::size_t at = 0; at < tree.size();) {
    const std::size_t end = tree.find('\n', at);
    context.explain(tree.substr(at, end - at));
    at = end + 1;
  }
}

Json finding_json(const oci::Finding& finding) {
  JsonObject item{{"format", to_text(finding.format)},
                  {"candidate", finding.candidate},
                  {"verified", finding.verified},
                  {"signer", finding.signer.empty() ? Json(nullptr) : Json(finding.signer)},
                  {"reason", finding.reason}};
  if (!finding.verified) item.set("refusal", to_text(finding.refusal));
  if (!finding.identity.empty()) item.set("identity", finding.identity);
  if (!finding.predicate_type.empty()) item.set("predicateType", finding.predicate_type);
  if (finding.certificate) item.set("certificate", certificate_json(*finding.certificate));
  JsonArray times;
  for (const oci::TrustedTime& time : finding.times) {
    times.emplace_back(JsonObject{{"time", write_time(time.seconds)}, {"source", time.source}});
  }
  if (!times.empty()) item.set("times", std::move(times));
  JsonArray logs;
  for (const oci::LogRecord& log : finding.logs) {
    logs.emplace_back(JsonObject{{"log", log.log}, {"index", log.index}, {"included", log.included}, {"promised", log.promised}});
  }
  if (!logs.empty()) item.set("logs", std::move(logs));
  if (!finding.warnings.empty()) item.set("warnings", Json::strings(finding.warnings));
  return item;
}

Json findings_json(const oci::Verification& verification) {
  JsonArray out;
  for (const oci::Finding& finding : verification.findings) out.push_back(finding_json(finding));
  return out;
}

Json places_json(const oci::Verification& verification) {
  JsonArray out;
  for (const oci::PlaceAsked& place : verification.places) {
    JsonObject item{{"place", place.name}, {"candidates", std::uint64_t{place.candidates}}, {"others", std::uint64_t{place.others}}};
    if (place.failure) item.set("error", place.failure->message);
    out.emplace_back(std::move(item));
  }
  return out;
}

Json decision_json(const oci::Decision& decision) {
  JsonObject out{{"passed", decision.passed}, {"text", decision.text}};
  JsonArray parts;
  for (const oci::Decision& part : decision.parts) parts.push_back(decision_json(part));
  if (!parts.empty()) out.set("parts", std::move(parts));
  return out;
}

std::string decision_text(const oci::Decision& decision) {
  std::string out;
  add_tree(decision, 0, out);
  return out;
}

}  // namespace davit::cli
