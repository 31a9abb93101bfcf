#include "cli/inspect/budget.hpp"

#include <algorithm>

#include "manifests/capability_manifest.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_schema_version = 1;
constexpr std::size_t k_measured_functions = 2000;  // the largest; the others are not worth a line in the file
constexpr std::size_t k_max_entries = 100'000;

// A number of bytes, or a text such as 500KiB.
Result<std::uint64_t> parse_size(const JsonView& view) {
  const std::string* text = view.json().string();
  if (text == nullptr) return view.as_unsigned();
  const auto size = parse_memory_limit(*text);
  if (!size) return view.complaint("\"" + *text + "\" is not a size; write it as 500KiB or as a number of bytes");
  return *size;
}

Result<SizeTable> parse_table(const JsonView& parent, std::string_view name) {
  SizeTable out;
  const auto view = parent.find(name);
  if (!view) return out;
  TRY_ASSIGN(const auto members, view->as_members());
  if (members.size() > k_max_entries) return fail(ErrorCode::limit, "more than " + std::to_string(k_max_entries) + " sizes in the budget");
  for (const auto& [key, value] : members) {
    TRY_ASSIGN(const std::uint64_t size, parse_size(value));
    out.emplace(key, SizeSum{.size = size, .count = 0});
  }
  return out;
}

Json table_json(const SizeTable& table) {
  JsonObject out;
  for (const auto& [name, sum] : table) out.set(name, sum.size);
  return out;
}

SizeTable largest_only(const SizeTable& table) {
  std::vector<std::pair<std::string, SizeSum>> entries(table.begin(), table.end());
  std::ranges::stable_sort(entries, [](const auto& a, const auto& b) { return a.second.size > b.second.size; });
  if (entries.size() > k_measured_functions) entries.resize(k_measured_functions);
  return {entries.begin(), entries.end()};
}

void compare(const SizeTable& limits, const SizeTable& sizes, const std::string& kind, std::vector<Excess>& out) {
  for (const auto& [name, limit] : limits) {
    const auto size = sizes.find(name);
    if (size != sizes.end() && size->second.size > limit.size)
      out.push_back({.what = kind + " " + name, .size = size->second.size, .limit = limit.size});
  }
}

}  // namespace

Result<Budget> parse_budget(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, {}));
  const JsonView view(json);
  TRY(view.refuse_unknown({"schemaVersion", "total", "sections", "packages", "measured"}));
  TRY_ASSIGN(const JsonView version, view.field("schemaVersion"));
  TRY_ASSIGN(const std::uint64_t number, version.as_unsigned());
  if (number != k_schema_version) {
    return fail(ErrorCode::unsupported, "size budget of schemaVersion " + std::to_string(number))
        .hinting("this davit reads schemaVersion " + std::to_string(k_schema_version));
  }
  Budget out;
  if (const auto total = view.find("total")) {
    TRY_ASSIGN(out.total, parse_size(*total));
  }
  TRY_ASSIGN(out.sections, parse_table(view, "sections"));
  TRY_ASSIGN(out.packages, parse_table(view, "packages"));
  if (!out.total && out.sections.empty() && out.packages.empty())
    return view.complaint("the budget limits nothing; it needs total, sections or packages");
  const auto measured = view.find("measured");
  if (!measured) return out;
  TRY(measured->refuse_unknown({"total", "sections", "packages", "functions"}));
  TRY_ASSIGN(const JsonView total, measured->field("total"));
  TRY_ASSIGN(out.measured.total, parse_size(total));
  TRY_ASSIGN(out.measured.sections, parse_table(*measured, "sections"));
  TRY_ASSIGN(out.measured.packages, parse_table(*measured, "packages"));
  TRY_ASSIGN(out.measured.functions, parse_table(*measured, "functions"));
  return out;
}

std::string write_budget(const SizeTotals& totals) {
  return write_json_pretty(JsonObject{{"schemaVersion", k_schema_version},
                                      {"total", totals.total},
                                      {"measured", JsonObject{{"total", totals.total},
                                                              {"sections", table_json(totals.sections)},
                                                              {"packages", table_json(totals.packages)},
                                                              {"functions", table_json(largest_only(totals.functions))}}}});
}

std::vector<Excess> find_excess(const Budget& budget, const SizeTotals& totals) {
  std::vector<Excess> out;
  if (budget.total && totals.total > *budget.total) out.push_back({.what = "the file", .size = totals.total, .limit = *budget.total});
  compare(budget.sections, totals.sections, "section", out);
  compare(budget.packages, totals.packages, "package", out);
  return out;
}

}  // namespace davit::cli
