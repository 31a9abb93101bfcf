// The advice as JSON, as text and as a page.
#include <array>

#include "cli/advise/findings.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli::advise {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text, 2000)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string_view mark_of(Weight weight) {
  switch (weight) {
    case Weight::favours: return "+";
    case Weight::neutral: return " ";
    case Weight::work: return "!";
    case Weight::against: return "x";
  }
  return "";
}

constexpr std::string_view k_style =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.4rem;overflow-wrap:anywhere}.verdict{padding:.8rem 1rem;border-left:.4rem solid;margin:1rem 0}"
    ".good-candidate{border-color:#1a7f37;background:#e9f6ec}.needs-work{border-color:#9a6700;background:#fbf3dc}"
    ".keep-as-container{border-color:#b3261e;background:#fbeaea}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ddd}"
    "code{font-size:.9em;overflow-wrap:anywhere}li{margin:.2rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}.verdict{background:#222}td,th{border-color:#444}}";

std::string class_of(Verdict verdict) {
  std::string out(to_text(verdict));
  for (char& c : out) c = c == ' ' ? '-' : c;
  return out;
}

}  // namespace

Json advice_json(const ImageFacts& facts, const Advice& advice) {
  JsonArray findings;
  for (const Finding& finding : advice.findings) {
    JsonArray evidence;
    for (const Evidence& each : finding.evidence) evidence.push_back(JsonObject{{"where", each.where}, {"value", each.value}});
    findings.push_back(JsonObject{{"topic", finding.topic},
                                  {"weight", to_text(finding.weight)},
                                  {"statement", finding.statement},
                                  {"evidence", std::move(evidence)}});
  }
  JsonObject out{{"subject", facts.subject}, {"verdict", to_text(advice.verdict)}, {"summary", advice.summary}};
  if (!facts.program.empty()) out.set("program", JsonObject{{"path", "/" + facts.program}, {"size", facts.program_bytes}});
  if (!facts.is_dockerfile) {
    out.set("layers", std::uint64_t{facts.layers});
    out.set("unpackedSize", facts.unpacked_bytes);
    if (facts.stored_bytes > 0) out.set("storedSize", facts.stored_bytes);
  }
  out.set("findings", std::move(findings));
  out.set("cannotSee", Json::strings(blind_spots(facts)));
  return out;
}

std::string advice_text(const ImageFacts& facts, const Advice& advice) {
  std::string out = printable(facts.subject, 500) + "\n" + printable(advice.summary, 2000) + "\n\n";
  for (const Finding& finding : advice.findings) {
    out += std::string(mark_of(finding.weight)) + " " + std::string(finding.topic) + ": " + printable(finding.statement, 1000) + "\n";
    for (const Evidence& each : finding.evidence) out += "    " + printable(each.where, 300) + ": " + printable(each.value, 300) + "\n";
  }
  out += "\nwhat this cannot see\n";
  for (const std::string& line : blind_spots(facts)) out += "  - " + line + "\n";
  return out;
}

std::string advice_page(const ImageFacts& facts, const Advice& advice) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>" +
      escaped(facts.subject) + "</title><style>" + std::string(k_style) + "</style></head><body>\n<h1>" + escaped(facts.subject) +
      "</h1>\n<p class=\"verdict " + class_of(advice.verdict) + "\">" + escaped(advice.summary) + "</p>\n" +
      "<table><thead><tr><th>weight</th><th>topic</th><th>finding</th></tr></thead><tbody>\n";
  for (const Finding& finding : advice.findings) {
    out += "<tr><td>" + escaped(to_text(finding.weight)) + "</td><td>" + escaped(finding.topic) + "</td><td>" + escaped(finding.statement);
    if (!finding.evidence.empty()) out += "<ul>";
    for (const Evidence& each : finding.evidence)
      out += "<li><code>" + escaped(each.where) + "</code>: <code>" + escaped(each.value) + "</code></li>";
    if (!finding.evidence.empty()) out += "</ul>";
    out += "</td></tr>\n";
  }
  out += "</tbody></table>\n<h2>What this cannot see</h2>\n<ul>\n";
  for (const std::string& line : blind_spots(facts)) out += "<li>" + escaped(line) + "</li>\n";
  return out + "</ul>\n</body></html>\n";
}

}  // namespace davit::cli::advise
