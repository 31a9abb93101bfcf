#include "cli/wasm_report.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"
#include "wasm/custom_section.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_names_shown = 12;
constexpr std::size_t k_column = 14;

std::string label(std::string text) {
  text.resize(std::max(k_column, text.size() + 1), ' ');
  return text;
}

struct ReachedClass {
  std::set<std::string> parts{};
  std::set<std::string> via{};
};

std::map<std::string, ReachedClass> by_class(const std::vector<wasm::ReachedCapability>& reach) {
  std::map<std::string, ReachedClass> out;
  for (const wasm::ReachedCapability& reached : reach) {
    ReachedClass& entry = out[reached.capability.class_name];
    if (!reached.capability.part.empty()) entry.parts.insert(reached.capability.part);
    entry.via.insert(reached.via.begin(), reached.via.end());
  }
  return out;
}

template <typename Texts>
std::string joined(const Texts& texts, std::size_t shown) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& text : texts) {
    if (count == shown) return out + " and " + std::to_string(texts.size() - shown) + " more";
    out += (count++ == 0 ? "" : ", ") + printable(text);
  }
  return out;
}

Json imports_json(const wasm::BinarySummary& summary) {
  JsonArray out;
  for (const wasm::ImportItem& item : summary.imports) {
    JsonObject entry{{"module", item.module}, {"name", item.name}, {"kind", item.kind}};
    if (item.is_typed) entry.set("members", Json::strings(item.members));
    out.emplace_back(std::move(entry));
  }
  return out;
}

Json nested_json(const wasm::BinarySummary& summary) {
  JsonArray out;
  for (const wasm::NestedItem& item : summary.nested) {
    out.emplace_back(JsonObject{{"kind", wasm::to_text(item.kind)},
                                {"name", item.name},
                                {"offset", item.offset},
                                {"size", item.size},
                                {"depth", std::uint64_t{item.depth}}});
  }
  return out;
}

Json producers_json(const wasm::BinarySummary& summary) {
  JsonObject out;
  for (const wasm::ProducerField& field : summary.producers) {
    JsonArray values;
    for (const auto& [name, version] : field.values) values.emplace_back(JsonObject{{"name", name}, {"version", version}});
    out.set(field.name, std::move(values));
  }
  return out;
}

std::string imports_text(const wasm::BinarySummary& summary, std::size_t shown) {
  std::map<std::string, std::vector<std::string>> modules;
  for (const wasm::ImportItem& item : summary.imports) {
    const bool component = summary.kind == wasm::Kind::component;
    std::vector<std::string>& names = modules[component ? item.name : item.module];
    if (!component) names.push_back(item.name);
    else names.insert(names.end(), item.members.begin(), item.members.end());
  }
  std::string out = label("imports") + std::to_string(summary.imports.size()) + "\n";
  for (const auto& [module, names] : modules) out += "  " + printable(module) + (names.empty() ? "" : ": ") + joined(names, shown) + "\n";
  return out;
}

std::string sections_text(const wasm::BinarySummary& summary, bool verbose) {
  std::string out = label("sections") + std::to_string(summary.sections.size()) + "\n";
  for (const wasm::SectionItem& section : summary.sections) {
    // Small ones tell nothing about where the bytes go.
    if (!verbose && section.size * 100 < summary.size) continue;
    char share[64];
    std::snprintf(share, sizeof share, "%5.1f%%  at 0x%-8llx ",
                  100.0 * static_cast<double>(section.size) / static_cast<double>(summary.size),
                  static_cast<unsigned long long>(section.offset));
    out += "  " + std::string(share) + label(human_size(section.size)) + (section.custom ? "custom " : "") + printable(section.name) + "\n";
  }
  return out;
}

}  // namespace

Result<WasmFacts> examine_wasm(ByteView file, wasm::ReadDepth depth) {
  const wasm::Limits limits;
  TRY_ASSIGN(wasm::BinarySummary summary, wasm::summarize(file, limits, depth));
  WasmFacts facts{.summary = std::move(summary), .digest = digest_of(file), .reach = {}};
  facts.reach = wasm::reach_of(facts.summary);
  TRY_ASSIGN(const std::optional<ByteView> section, wasm::find_custom_section(file, wasm::k_capability_section, limits));
  if (!section) return facts;
  auto manifest = parse_capability_manifest(as_text(*section));
  if (manifest) facts.manifest = *std::move(manifest);
  else facts.manifest_problem = manifest.error().message;
  return facts;
}

Json reach_json(const std::vector<wasm::ReachedCapability>& reach) {
  JsonArray out;
  for (const auto& [name, entry] : by_class(reach)) {
    JsonObject object{{"class", name}};
    if (!entry.parts.empty()) object.set("parts", Json::strings({entry.parts.begin(), entry.parts.end()}));
    object.set("via", Json::strings({entry.via.begin(), entry.via.end()}));
    out.emplace_back(std::move(object));
  }
  return out;
}

std::string reach_text(const std::vector<wasm::ReachedCapability>& reach, bool verbose) {
  std::string out;
  for (const auto& [name, entry] : by_class(reach)) {
    out += "  " + label(printable(name)) + (entry.parts.empty() ? "" : joined(entry.parts, entry.parts.size()) + "  ");
    out += "via " + joined(entry.via, verbose ? entry.via.size() : 3) + "\n";
  }
  return out;
}

Json wasm_facts_json(const WasmFacts& facts) {
  const wasm::BinarySummary& summary = facts.summary;
  JsonObject out{
      {"kind", wasm::to_text(summary.kind)}, {"digest", facts.digest.text()}, {"size", summary.size}, {"target", summary.target}};
  if (!summary.name.empty()) out.set("name", summary.name);
  if (summary.kind == wasm::Kind::component) out.set("witPackage", summary.is_wit_package);
  out.set("imports", imports_json(summary));
  JsonArray exports;
  for (const wasm::ExportItem& item : summary.exports) exports.emplace_back(JsonObject{{"name", item.name}, {"kind", item.kind}});
  out.set("exports", std::move(exports));
  out.set("capabilities", reach_json(facts.reach));
  if (facts.manifest) out.set("capabilityManifest", to_json(*facts.manifest));
  out.set("features", Json::strings(summary.features));
  // Without the code, a feature that only instructions use is missing unless the file declares it.
  out.set("featureSources", JsonObject{{"declared", Json::strings(summary.declared_features)},
                                       {"used", Json::strings(wasm::features_of(summary.constructs))},
                                       {"codeRead", summary.code_was_read}});
  out.set("producers", producers_json(summary));
  JsonArray sections;
  for (const wasm::SectionItem& section : summary.sections) {
    sections.emplace_back(
        JsonObject{{"name", section.name}, {"offset", section.offset}, {"size", section.size}, {"custom", section.custom}});
  }
  out.set("sections", std::move(sections));
  if (summary.kind == wasm::Kind::component) out.set("nested", nested_json(summary));
  JsonObject metadata;
  for (const auto& [name, text] : summary.metadata) metadata.set(name, text);
  if (!metadata.empty()) out.set("metadata", std::move(metadata));
  out.set("functions", summary.function_count);
  out.set("sizes", JsonObject{{"code", summary.code_bytes}, {"data", summary.data_bytes}, {"custom", summary.custom_bytes}});
  return out;
}

std::string wasm_facts_text(const WasmFacts& facts, const std::string& name, bool verbose) {
  const wasm::BinarySummary& summary = facts.summary;
  const std::size_t shown = verbose ? SIZE_MAX : k_names_shown;
  std::string out =
      printable(name) + ": " + std::string(wasm::to_text(summary.kind)) + ", " + summary.target + ", " + human_size(summary.size) + "\n";
  out += label("digest") + facts.digest.text() + "\n";
  if (!summary.name.empty()) out += label("name") + printable(summary.name) + "\n";
  out += label("functions") + std::to_string(summary.function_count) + "\n";
  out += label("size") + "code " + human_size(summary.code_bytes) + ", data " + human_size(summary.data_bytes) + ", custom " +
         human_size(summary.custom_bytes) + "\n";
  out += imports_text(summary, shown);
  std::vector<std::string> exports;
  for (const wasm::ExportItem& item : summary.exports) exports.push_back(item.name);
  out += label("exports") + std::to_string(exports.size()) + (exports.empty() ? "" : ": ") + joined(exports, shown) + "\n";
  out += label("capabilities") + (facts.reach.empty() ? "none" : "") + "\n" + reach_text(facts.reach, verbose);
  if (facts.manifest) out += label("requests") + capability_annotation(capabilities_of(facts.manifest->requests)) + "\n";
  if (!summary.features.empty())
    out += label("features") + joined(summary.features, SIZE_MAX) + (summary.code_was_read ? "" : " (code not read; -v reads it)") + "\n";
  for (const wasm::ProducerField& field : summary.producers) {
    std::vector<std::string> values;
    for (const auto& [tool, version] : field.values) values.push_back(version.empty() ? tool : tool + " " + version);
    out += label(printable(field.name)) + joined(values, shown) + "\n";
  }
  for (const auto& [key, text] : summary.metadata) out += label(key) + printable(text) + "\n";
  out += sections_text(summary, verbose);
  if (!summary.nested.empty()) out += label("nested") + std::to_string(summary.nested.size()) + "\n";
  for (const wasm::NestedItem& item : summary.nested) {
    out += "  " + std::string(item.depth - 1, ' ') + label(human_size(item.size)) + std::string(wasm::to_text(item.kind)) + " " +
           printable(item.name) + "\n";
  }
  return out;
}

}  // namespace davit::cli
