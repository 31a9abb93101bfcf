#include "cli/inspect/comparison.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <set>

#include "cli/output/progress.hpp"
#include "cli/wasm_report.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

using Names = std::set<std::string>;

NameChanges name_changes(const Names& before, const Names& after) {
  NameChanges out;
  std::ranges::set_difference(after, before, std::back_inserter(out.added));
  std::ranges::set_difference(before, after, std::back_inserter(out.removed));
  return out;
}

Names import_names(const wasm::BinarySummary& summary) {
  Names out;
  for (const wasm::ImportItem& item : summary.imports) {
    out.insert(item.kind + " " + (item.module.empty() ? "" : item.module + " ") + item.name);
    for (const std::string& member : item.members) out.insert("func " + item.name + "#" + member);
  }
  return out;
}

Names export_names(const wasm::BinarySummary& summary) {
  Names out;
  for (const wasm::ExportItem& item : summary.exports) out.insert(item.kind + " " + item.name);
  return out;
}

Names capability_names(const std::vector<wasm::ReachedCapability>& reach) {
  Names out;
  for (const wasm::ReachedCapability& reached : reach)
    out.insert(reached.capability.class_name + (reached.capability.part.empty() ? "" : "." + reached.capability.part));
  return out;
}

Json names_json(const NameChanges& changes) {
  return JsonObject{{"added", Json::strings(changes.added)}, {"removed", Json::strings(changes.removed)}};
}

std::string names_text(const std::string& title, const NameChanges& changes) {
  if (changes.added.empty() && changes.removed.empty()) return "";
  std::string out = title + "\n";
  for (const std::string& name : changes.added) out += "  + " + printable(name) + "\n";
  for (const std::string& name : changes.removed) out += "  - " + printable(name) + "\n";
  return out;
}

std::string change_line(const SizeChange& change) {
  char text[96];
  std::snprintf(text, sizeof text, "  %12s  %10s to %-10s ", growth_text(change.growth()).c_str(), human_size(change.before).c_str(),
                human_size(change.after).c_str());
  const char* const word = change.before == 0 ? " (new)" : change.after == 0 ? " (gone)" : "";
  return text + printable(change.name) + word + "\n";
}

// What grew first; of what shrank as many again.
std::string changes_text(const std::string& title, const std::vector<SizeChange>& changes, std::size_t top) {
  if (changes.empty()) return "";
  std::string out = title + "\n";
  std::size_t grown = 0;
  for (const SizeChange& change : changes) {
    if (change.growth() < 0 || grown == top) break;
    out += change_line(change);
    ++grown;
  }
  const auto all_grown = static_cast<std::size_t>(std::ranges::count_if(changes, [](const SizeChange& c) { return c.growth() > 0; }));
  if (all_grown > grown) out += "  and " + std::to_string(all_grown - grown) + " more that grew\n";
  const std::size_t shrunk = changes.size() - all_grown;
  for (std::size_t i = 0; i < std::min(top, shrunk); ++i) out += change_line(changes[changes.size() - 1 - i]);
  if (shrunk > top) out += "  and " + std::to_string(shrunk - top) + " more that shrank\n";
  return out;
}

struct Side {
  WasmFacts facts;
  SizeTotals totals;
};

Result<Side> read_side(ByteView file, const std::string& name) {
  auto facts = examine_wasm(file, wasm::ReadDepth::code);
  if (!facts) return std::move(facts).error().in(name);
  auto profile = wasm::profile_sizes(file, wasm::Limits{});
  if (!profile) return std::move(profile).error().in(name);
  return Side{.facts = *std::move(facts), .totals = size_totals(*profile)};
}

}  // namespace

std::vector<SizeChange> size_changes(const SizeTable& before, const SizeTable& after) {
  std::vector<SizeChange> out;
  for (const auto& [name, sum] : after) {
    const auto old = before.find(name);
    out.push_back({.name = name, .before = old == before.end() ? 0 : old->second.size, .after = sum.size});
  }
  for (const auto& [name, sum] : before) {
    if (!after.contains(name)) out.push_back({.name = name, .before = sum.size, .after = 0});
  }
  std::erase_if(out, [](const SizeChange& change) { return change.growth() == 0; });
  std::ranges::stable_sort(out, [](const SizeChange& a, const SizeChange& b) { return a.growth() > b.growth(); });
  return out;
}

std::string growth_text(std::int64_t bytes) {
  return (bytes < 0 ? "-" : "+") + human_size(static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes));
}

Json changes_json(const std::vector<SizeChange>& changes, std::size_t top) {
  JsonArray out;
  for (const SizeChange& change : changes) {
    if (out.size() == top) break;
    out.emplace_back(JsonObject{{"name", change.name}, {"before", change.before}, {"after", change.after}, {"growth", change.growth()}});
  }
  return out;
}

Result<Comparison> compare_files(ByteView before, const std::string& before_name, ByteView after, const std::string& after_name) {
  TRY_ASSIGN(const Side old, read_side(before, before_name));
  TRY_ASSIGN(const Side now, read_side(after, after_name));
  const auto features = [](const Side& side) { return Names(side.facts.summary.features.begin(), side.facts.summary.features.end()); };
  return Comparison{
      .before = before.size(),
      .after = after.size(),
      .digest_before = old.facts.digest.text(),
      .digest_after = now.facts.digest.text(),
      .imports = name_changes(import_names(old.facts.summary), import_names(now.facts.summary)),
      .exports = name_changes(export_names(old.facts.summary), export_names(now.facts.summary)),
      .features = name_changes(features(old), features(now)),
      .capabilities = name_changes(capability_names(old.facts.reach), capability_names(now.facts.reach)),
      .sections = size_changes(old.totals.sections, now.totals.sections),
      .packages = size_changes(old.totals.packages, now.totals.packages),
      .functions = size_changes(old.totals.functions, now.totals.functions),
  };
}

std::string comparison_text(const Comparison& comparison, const std::string& before, const std::string& after, std::size_t top) {
  std::string out = printable(before) + " to " + printable(after) + ": " + human_size(comparison.before) + " to " +
                    human_size(comparison.after) + " (" +
                    growth_text(static_cast<std::int64_t>(comparison.after) - static_cast<std::int64_t>(comparison.before)) + ")\n";
  if (comparison.digest_before == comparison.digest_after) return out + "the files are the same\n";
  out += names_text("imports", comparison.imports) + names_text("exports", comparison.exports);
  out += names_text("capabilities", comparison.capabilities) + names_text("features", comparison.features);
  out += changes_text("sections", comparison.sections, top) + changes_text("crates, packages and namespaces", comparison.packages, top);
  out += changes_text("functions", comparison.functions, top);
  return out;
}

Json comparison_json(const Comparison& comparison, std::size_t top) {
  return JsonObject{{"before", JsonObject{{"digest", comparison.digest_before}, {"size", comparison.before}}},
                    {"after", JsonObject{{"digest", comparison.digest_after}, {"size", comparison.after}}},
                    {"imports", names_json(comparison.imports)},
                    {"exports", names_json(comparison.exports)},
                    {"capabilities", names_json(comparison.capabilities)},
                    {"features", names_json(comparison.features)},
                    {"sections", changes_json(comparison.sections, top)},
                    {"packages", changes_json(comparison.packages, top)},
                    {"functions", changes_json(comparison.functions, top)}};
}

}  // namespace davit::cli
