#include "cli/report/page.hpp"

#include "cli/version.hpp"
#include "manifests/encoding.hpp"
#include "manifests/time_text.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_head = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evidence</title>
<style>
  :root { color-scheme: light dark; --line: #8885; --yes: #17803d; --no: #c02626; }
  body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; border-bottom: 1px solid var(--line); }
  code, pre { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; } pre { white-space: pre-wrap; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
  th { font-weight: 600; white-space: nowrap; width: 1%; } ul { margin: .2rem 0; padding-left: 1.4rem; }
  .yes { color: var(--yes); } .no { color: var(--no); } .yes, .no { font-weight: 600; }
  article { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem 1rem; margin: .8rem 0; }
</style>
</head>
<body>
)html";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text, 100'000)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string row(std::string_view name, std::string_view value) {
  if (value.empty()) return "";
  return "<tr><th>" + escaped(name) + "</th><td><code>" + escaped(value) + "</code></td></tr>\n";
}

std::string mark(bool passed, std::string_view yes, std::string_view no) {
  return "<span class=\"" + std::string(passed ? "yes" : "no") + "\">" + std::string(passed ? yes : no) + "</span>";
}

std::string items(const std::vector<std::string>& texts, std::string_view none) {
  if (texts.empty()) return "<p>" + escaped(none) + "</p>\n";
  std::string out = "<ul>\n";
  for (const std::string& text : texts) out += "<li><code>" + escaped(text) + "</code></li>\n";
  return out + "</ul>\n";
}

std::string artifact_section(const ReportFacts& facts, const oci::Verification* verification) {
  std::string out = "<h2>The artifact</h2>\n<table>\n" + row("reference", facts.reference);
  if (verification != nullptr) out += row("digest", verification->digest.text());
  out += row("media type", facts.media_type) + row("format", facts.format) + row("wasm file", facts.wasm_digest);
  if (facts.wasm_size > 0) out += row("size", std::to_string(facts.wasm_size) + " bytes, a " + facts.kind);
  for (const auto& [name, value] : facts.annotations) out += row(name, value);
  return out + "</table>\n";
}

std::string tree(const oci::Decision& decision) {
  std::string out = "<li>" + mark(decision.passed, "yes", "no") + " " + escaped(decision.text);
  if (!decision.parts.empty()) {
    out += "<ul>\n";
    for (const oci::Decision& part : decision.parts) out += tree(part);
    out += "</ul>";
  }
  return out + "</li>\n";
}

std::string finding_article(const oci::Finding& finding) {
  std::string out = "<article><p>" + mark(finding.verified, "accepted", "refused") + " " + escaped(to_text(finding.format)) + ": " +
                    escaped(finding.reason) + "</p>\n<table>\n" + row("stored as", finding.candidate) + row("signer", finding.signer);
  if (!finding.verified) out += row("refusal", to_text(finding.refusal));
  out += row("claims to be", finding.identity) + row("predicate", finding.predicate_type);
  if (finding.certificate) {
    const oci::CertificateIdentity& certificate = *finding.certificate;
    out += row("identity", certificate.name) + row("issuer", certificate.issuer) + row("certificate", certificate.fingerprint) +
           row("valid", write_time(certificate.not_before) + " to " + write_time(certificate.not_after));
    for (const auto& [name, value] : certificate.extensions) out += row(name, value);
  }
  for (const oci::TrustedTime& time : finding.times) out += row("time", write_time(time.seconds) + ", by " + time.source);
  for (const oci::LogRecord& log : finding.logs) {
    out += row("log", log.log + " entry " + std::to_string(log.index) + (log.included ? ", inclusion proved" : "") +
                          (log.promised ? ", inclusion promised" : ""));
  }
  for (const std::string& warning : finding.warnings) out += row("warning", warning);
  return out + "</table></article>\n";
}

std::string place_item(const oci::PlaceAsked& place) {
  std::string out = place.name + ": " + std::to_string(place.candidates) + " signatures, " + std::to_string(place.others) + " others";
  if (place.failure) out += "; could not be asked: " + place.failure->message;
  return out;
}

std::string trust_section(const ReportFacts& facts, const oci::Verification* verification, const Error* error) {
  std::string out = "<h2>Is it accepted?</h2>\n<p>Held against: " + escaped(facts.trust) + "</p>\n";
  if (error != nullptr) out += "<p>" + mark(false, "", "no") + " " + escaped(error->message) + "</p>\n";
  if (verification == nullptr) return out;
  out += "<ul>\n" + tree(verification->decision) + "</ul>\n<h2>Signatures and attestations</h2>\n";
  for (const oci::Finding& finding : verification->findings) out += finding_article(finding);
  std::vector<std::string> places;
  for (const oci::PlaceAsked& place : verification->places) places.push_back(place_item(place));
  return out + "<p>Places that were asked:</p>\n" + items(places, "none");
}

std::string capability_section(const ReportFacts& facts) {
  if (!facts.wasm_problem.empty()) return "<h2>What it may touch</h2>\n<p>Not known: " + escaped(facts.wasm_problem) + "</p>\n";
  std::string out = "<h2>What it may touch</h2>\n<p>It can reach:</p>\n" + items(facts.reachable, "nothing outside its sandbox");
  out += facts.requested ? "<p>It asks for:</p>\n<pre>" + escaped(*facts.requested) + "</pre>\n"
                         : "<p>It carries no capability manifest.</p>\n";
  return out + "<details><summary>" + std::to_string(facts.imports.size()) + " imports</summary>\n" + items(facts.imports, "none") +
         "</details>\n";
}

}  // namespace

std::string report_page(const ReportFacts& facts, const oci::Verification* verification, const Error* error) {
  const bool accepted = verification != nullptr && verification->proof.has_value();
  return std::string(k_head) + "<h1>" + mark(accepted, "Accepted", "Not accepted") + ": <code>" + escaped(facts.reference) +
         "</code></h1>\n" + trust_section(facts, verification, error) + capability_section(facts) + artifact_section(facts, verification) +
         "<p>Made by davit " + std::string(k_version) + " at " + escaped(facts.made_at) + ".</p>\n</body>\n</html>\n";
}

}  // namespace davit::cli
