// Package URLs: `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace davit::cli {

/// @param name  with its namespace, parts between slashes
std::string make_purl(std::string_view type, std::string_view name, std::string_view version,
                      const std::vector<std::pair<std::string, std::string>>& qualifiers = {});

/// Type and name of a tool that a producers section mentions.
struct KnownTool {
  std::string_view type;
  std::string_view name;
};
KnownTool tool_named(std::string_view producer);

}  // namespace davit::cli
