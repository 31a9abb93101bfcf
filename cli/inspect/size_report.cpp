#include "cli/inspect/size_report.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"
#include "wasm/size/demangle.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_nameless = "functions without a name";

// One line of a table: an item and the module it stands in.
struct Row {
  const wasm::SizeItem* item;
  const wasm::SizePart* part;
};

std::vector<Row> rows_of(const wasm::SizeProfile& profile, wasm::SizeKind kind) {
  std::vector<Row> out;
  for (const wasm::SizePart& part : profile.parts) {
    for (const wasm::SizeItem& item : part.items) {
      if (item.kind == kind && !item.is_imported) out.push_back({.item = &item, .part = &part});
    }
  }
  return out;
}

std::vector<Row> largest(std::vector<Row> rows, std::size_t top) {
  const auto before = [](const Row& a, const Row& b) {
    return a.item->size != b.item->size ? a.item->size > b.item->size : a.item->offset < b.item->offset;
  };
  const auto shown = static_cast<std::ptrdiff_t>(std::min(top, rows.size()));
  std::partial_sort(rows.begin(), rows.begin() + shown, rows.end(), before);
  rows.resize(static_cast<std::size_t>(shown));
  return rows;
}

using NamedSum = std::pair<std::string, SizeSum>;

std::vector<NamedSum> largest(const SizeTable& table, std::size_t top) {
  std::vector<NamedSum> out(table.begin(), table.end());
  std::ranges::stable_sort(out, [](const NamedSum& a, const NamedSum& b) { return a.second.size > b.second.size; });
  if (out.size() > top) out.resize(top);
  return out;
}

std::string columns(std::uint64_t size, std::uint64_t total, const std::string& more) {
  char text[64];
  const double share = total == 0 ? 0.0 : 100.0 * static_cast<double>(size) / static_cast<double>(total);
  std::snprintf(text, sizeof text, "  %10s %5.1f%%  %10s  ", human_size(size).c_str(), share, more.c_str());
  return text;
}

std::string heading(const std::string& name, std::size_t shown, std::size_t all) {
  if (shown == all) return name + "\n";
  return name + " (" + std::to_string(shown) + " largest of " + std::to_string(all) + ")\n";
}

std::string entries_text(std::uint64_t count) { return count == 0 ? "" : std::to_string(count); }

std::string sections_text(const wasm::SizeProfile& profile, const SizeTotals& totals, std::size_t top) {
  std::string out = "sections\n";
  for (const auto& [name, sum] : largest(totals.sections, std::max<std::size_t>(top, 16)))
    out += columns(sum.size, profile.size, entries_text(sum.count)) + printable(name) + "\n";
  return out;
}

std::string items_text(const wasm::SizeProfile& profile, wasm::SizeKind kind, const std::string& title, std::size_t top) {
  const std::vector<Row> all = rows_of(profile, kind);
  if (all.empty()) return "";
  const std::vector<Row> rows = largest(all, top);
  std::string out = heading(title, rows.size(), all.size());
  for (const Row& row : rows) {
    const std::string retained = row.item->retained == 0 ? "unreached" : human_size(row.item->retained);
    out += columns(row.item->size, profile.size, retained) + printable(item_name(*row.item));
    out += (row.part->path.empty() ? "" : " (" + row.part->path + ")") + "\n";
  }
  return out;
}

std::string nested_text(const wasm::SizeProfile& profile) {
  if (profile.parts.size() < 2) return "";
  std::string out = "nested\n";
  for (const wasm::SizePart& part : profile.parts) {
    if (part.path.empty()) continue;
    out += columns(part.size, profile.size, "") + part.path + (part.name.empty() ? "" : " " + printable(part.name)) + "\n";
  }
  return out;
}

std::uint64_t unreachable_bytes(const wasm::SizeProfile& profile) {
  std::uint64_t out = 0;
  for (const wasm::SizePart& part : profile.parts) out += part.unreachable;
  return out;
}

Json items_json(const wasm::SizeProfile& profile, wasm::SizeKind kind, std::size_t top) {
  JsonArray out;
  for (const Row& row : largest(rows_of(profile, kind), top)) {
    JsonObject entry{{"name", item_name(*row.item)}};
    if (!row.item->name.empty() && row.item->name != item_name(*row.item)) entry.set("symbol", row.item->name);
    if (!row.part->path.empty()) entry.set("in", row.part->path);
    entry.set("index", std::uint64_t{row.item->index});
    entry.set("offset", row.item->offset);
    entry.set("size", row.item->size);
    entry.set("retained", row.item->retained);
    out.emplace_back(std::move(entry));
  }
  return out;
}

Json table_json(const SizeTable& table, std::size_t top) {
  JsonArray out;
  for (const auto& [name, sum] : largest(table, top))
    out.emplace_back(JsonObject{{"name", name}, {"size", sum.size}, {"count", sum.count}});
  return out;
}

// Frames of nested modules and components belong to the section that holds them.
void add_sections(const wasm::SizePart& part, SizeTable& out) {
  const bool nested = !part.path.empty();
  for (const wasm::SizeSection& section : part.sections) {
    SizeSum& sum = out[section.is_custom ? "custom " + std::string(section.name) : std::string(section.name)];
    sum.size += section.size;
    sum.count += section.entries;
  }
  out[nested ? "preambles" : "preamble"].size += wasm::k_preamble_bytes;
}

}  // namespace

std::string item_name(const wasm::SizeItem& item) {
  if (!item.name.empty()) return wasm::demangle(item.name);
  const std::string kind = item.kind == wasm::SizeKind::data || item.kind == wasm::SizeKind::element
                               ? std::string(wasm::to_text(item.kind)) + " segment"
                               : std::string(wasm::to_text(item.kind));
  return kind + " " + std::to_string(item.index);
}

SizeTotals size_totals(const wasm::SizeProfile& profile) {
  SizeTotals out{.total = profile.size};
  for (const wasm::SizePart& part : profile.parts) {
    add_sections(part, out.sections);
    for (const wasm::SizeItem& item : part.items) {
      if (item.kind != wasm::SizeKind::function || item.is_imported) continue;
      SizeSum& package = out.packages[wasm::package_of(item.name, part.language)];
      package.size += item.size;
      ++package.count;
      SizeSum& function = out.functions[item.name.empty() ? std::string(k_nameless) : item_name(item)];
      function.size += item.size;
      ++function.count;
    }
  }
  return out;
}

std::string size_text(const wasm::SizeProfile& profile, const std::string& name, std::size_t top) {
  const SizeTotals totals = size_totals(profile);
  std::string out = printable(name) + ": " + std::string(wasm::to_text(profile.kind)) + ", " + human_size(profile.size) + "\n";
  out += "        size  share     entries\n" + sections_text(profile, totals, top) + nested_text(profile);
  // One line that says "all of it" would say nothing.
  if (totals.packages.size() > 1) {
    const auto packages = largest(totals.packages, top);
    out += heading("crates, packages and namespaces", packages.size(), totals.packages.size());
    for (const auto& [package, sum] : packages) out += columns(sum.size, profile.size, entries_text(sum.count)) + printable(package) + "\n";
  }
  out += "        size  share    retained\n";
  out += items_text(profile, wasm::SizeKind::function, "functions", top);
  out += items_text(profile, wasm::SizeKind::data, "data segments", top);
  if (totals.functions.size() == 1 && totals.functions.contains(k_nameless))
    out += "the file names no function; build it with names to see crates and packages\n";
  if (const std::uint64_t dead = unreachable_bytes(profile); dead > 0)
    out += "not reached from any export: " + human_size(dead) + "; \"davit optimize\" removes it\n";
  return out;
}

Json size_json(const wasm::SizeProfile& profile, std::size_t top) {
  const SizeTotals totals = size_totals(profile);
  JsonObject out{{"kind", wasm::to_text(profile.kind)}, {"size", profile.size}};
  out.set("sections", table_json(totals.sections, SIZE_MAX));
  JsonArray nested;
  for (const wasm::SizePart& part : profile.parts) {
    if (part.path.empty()) continue;
    nested.emplace_back(JsonObject{{"path", part.path},
                                   {"kind", wasm::to_text(part.kind)},
                                   {"name", part.name},
                                   {"offset", part.offset},
                                   {"size", part.size},
                                   {"unreachable", part.unreachable}});
  }
  if (!nested.empty()) out.set("nested", std::move(nested));
  out.set("packages", table_json(totals.packages, top));
  out.set("functions", items_json(profile, wasm::SizeKind::function, top));
  out.set("data", items_json(profile, wasm::SizeKind::data, top));
  out.set("unreachable", unreachable_bytes(profile));
  return out;
}

}  // namespace davit::cli
