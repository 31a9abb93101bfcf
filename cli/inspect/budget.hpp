// A size budget: a JSON document that a build keeps beside its sources. It says how large the file and its parts may
// be, and how large they were when it was written, so that a build that fails can say what grew since.
//
//   { "schemaVersion": 1, "total": "500KiB", "sections": { "code": "400KiB" }, "packages": { "serde_json": "40KiB" },
//     "measured": { "total": 498012, "sections": {…}, "packages": {…}, "functions": {…} } }
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/inspect/comparison.hpp"
#include "cli/inspect/size_report.hpp"

namespace davit::cli {

struct Budget {
  std::optional<std::uint64_t> total{};  ///< bytes
  SizeTable sections{};                  ///< limits by name
  SizeTable packages{};
  SizeTotals measured{};  ///< at the time of writing; total 0 when it says nothing
};

/// Errors: malformed (syntax, unknown field, a size that is none, no limit at all), unsupported (schemaVersion)
Result<Budget> parse_budget(std::string_view text);

/// The budget that this file just meets, with what was measured.
std::string write_budget(const SizeTotals& totals);

struct Excess {
  std::string what;  ///< `the file`, `section code`, `package serde_json`
  std::uint64_t size = 0;
  std::uint64_t limit = 0;
};

/// Everything that is over; empty when the file is within its budget.
std::vector<Excess> find_excess(const Budget& budget, const SizeTotals& totals);

}  // namespace davit::cli
