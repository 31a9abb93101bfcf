#include "wasm/sbom/import_dependency.hpp"

namespace davit::wasm {
namespace {

// `key=<value>` anywhere in the name.
std::optional<std::string> bracketed(std::string_view name, std::string_view key) {
  const std::string opening = std::string(key) + "=<";
  std::size_t at = name.find(opening);
  // `locked-dep` is also the end of `unlocked-dep`.
  while (at != std::string_view::npos && at > 0 && name[at - 1] != ',') at = name.find(opening, at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t start = at + opening.size();
  // A version range holds `>` between braces.
  std::size_t end = start;
  bool in_braces = false;
  while (end < name.size() && (in_braces || name[end] != '>')) {
    if (name[end] == '{') in_braces = true;
    if (name[end] == '}') in_braces = false;
    ++end;
  }
  if (end == name.size()) return std::nullopt;
  return std::string(name.substr(start, end - start));
}

// `ns:pkg/interface@version`, the last two optional.
bool take_package(std::string_view text, ImportDependency& dependency) {
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    std::string_view version = text.substr(at + 1);
    if (version.starts_with('{') && version.ends_with('}')) version = version.substr(1, version.size() - 2);
    dependency.version = version;
    text = text.substr(0, at);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    dependency.interface = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  dependency.package = text;
  return true;
}

}  // namespace

std::optional<ImportDependency> parse_import_dependency(std::string_view name) {
  ImportDependency dependency;
  dependency.integrity = bracketed(name, "integrity").value_or("");
  if (const auto unlocked = bracketed(name, "unlocked-dep")) {
    dependency.form = ImportForm::unlocked;
    return take_package(*unlocked, dependency) ? std::optional(dependency) : std::nullopt;
  }
  if (const auto locked = bracketed(name, "locked-dep")) {
    dependency.form = ImportForm::locked;
    return take_package(*locked, dependency) ? std::optional(dependency) : std::nullopt;
  }
  for (const std::string_view key : {"url", "relative-url"}) {
    if (auto url = bracketed(name, key)) {
      dependency.form = ImportForm::url;
      dependency.url = *std::move(url);
      return dependency;
    }
  }
  if (!dependency.integrity.empty()) {
    dependency.form = ImportForm::integrity;
    return dependency;
  }
  if (name.find_first_of("<>=") != std::string_view::npos) return std::nullopt;
  return take_package(name, dependency) ? std::optional(dependency) : std::nullopt;
}

}  // namespace davit::wasm
