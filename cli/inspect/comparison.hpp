// What changed from one build of a file to the next: surface and sizes.
#pragma once

#include <string>
#include <vector>

#include "cli/inspect/size_report.hpp"

namespace davit::cli {

/// A name whose size differs; 0 where it is absent.
struct SizeChange {
  std::string name;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  [[nodiscard]] std::int64_t growth() const { return static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before); }
};

/// The names whose sizes differ, the largest growth first, the largest loss last.
std::vector<SizeChange> size_changes(const SizeTable& before, const SizeTable& after);

/// `+12.0 KiB`, `-310 B`
std::string growth_text(std::int64_t bytes);
Json changes_json(const std::vector<SizeChange>& changes, std::size_t top);

struct NameChanges {
  std::vector<std::string> added{};
  std::vector<std::string> removed{};
};

struct Comparison {
  std::uint64_t before = 0;  ///< bytes
  std::uint64_t after = 0;
  std::string digest_before{};
  std::string digest_after{};
  NameChanges imports{};
  NameChanges exports{};
  NameChanges features{};
  NameChanges capabilities{};
  std::vector<SizeChange> sections{};
  std::vector<SizeChange> packages{};
  std::vector<SizeChange> functions{};
};

/// Reads both files, function bodies included.
/// Errors: those of reading them; the place says which
Result<Comparison> compare_files(ByteView before, const std::string& before_name, ByteView after, const std::string& after_name);

std::string comparison_text(const Comparison& comparison, const std::string& before, const std::string& after, std::size_t top);
Json comparison_json(const Comparison& comparison, std::size_t top);

}  // namespace davit::cli
