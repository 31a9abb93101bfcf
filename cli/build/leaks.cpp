#include "cli/build/leaks.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

bool belongs_to_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

// `/app` is in `./app` and `/apple` only by chance.
std::optional<std::uint64_t> find_path(std::string_view text, std::string_view path) {
  std::size_t at = text.find(path);
  while (at != std::string_view::npos) {
    const bool starts = at == 0 || (!belongs_to_name(text[at - 1]) && text[at - 1] != '/');
    const std::size_t end = at + path.size();
    if (starts && end < text.size() && text[end] == '/') return at;
    at = text.find(path, at + 1);
  }
  return std::nullopt;
}

}  // namespace

std::vector<LeakedPath> find_leaked_paths(const Context& context, const BuildRequest& request, ByteView file, bool has_engine) {
  const std::string home = context.environment("HOME").value_or("");
  std::vector<std::pair<std::string, std::string>> places{{"the project's folder", request.folder},
                                                          {"the temporary folder", request.scratch}};
  // An engine was compiled elsewhere, perhaps by a user with the same home folder.
  const std::vector<std::pair<std::string, std::string>> of_compilers{
      {"the folder of cargo", context.environment("CARGO_HOME").value_or(home.empty() ? "" : home + "/.cargo")},
      {"the folder of Go's modules", context.environment("GOPATH").value_or(home.empty() ? "" : home + "/go")},
      {"the home folder", home}};
  if (!has_engine) places.insert(places.end(), of_compilers.begin(), of_compilers.end());
  std::vector<LeakedPath> found;
  for (const auto& place : places) {
    const auto& what = place.first;
    const std::string& path = place.second;
    if (path.size() < 2 || !path.starts_with('/')) continue;
    const bool told = std::ranges::any_of(found, [&](const LeakedPath& leak) { return leak.path.starts_with(path); });
    if (told) continue;
    if (const auto offset = find_path(as_text(file), path)) found.push_back({what, path, *offset});
  }
  return found;
}

}  // namespace davit::cli
