#include "wasm/component/names.hpp"

#include <algorithm>
#include <array>

#include "manifests/lower_case.hpp"

namespace davit::wasm {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }

// One fragment: all of one case. Only the label's first fragment must begin with a letter.
bool is_fragment(std::string_view text) {
  if (text.empty()) return false;
  const bool lower = std::ranges::any_of(text, is_lower);
  const bool upper = std::ranges::any_of(text, is_upper);
  return !(lower && upper) && std::ranges::all_of(text, [](char c) { return is_lower(c) || is_upper(c) || is_digit(c); });
}

bool is_lowercase_label(std::string_view text) { return is_label(text) && std::ranges::none_of(text, is_upper); }

bool eat(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Dot-separated parts of letters, digits and hyphens; numbers among them without leading zeros if so asked.
bool are_identifiers(std::string_view text, bool numbers_are_short) {
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty()) return false;
    if (!std::ranges::all_of(part, [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '-'; })) return false;
    if (numbers_are_short && part.size() > 1 && part[0] == '0' && std::ranges::all_of(part, is_digit)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 20 && std::ranges::all_of(text, is_digit) && (text.size() == 1 || text[0] != '0');
}

// `ns:pkg`, or with nested namespaces `a:b:pkg`, then `/interface` and nested `/more`.
std::optional<ExternNameView> parse_interface(std::string_view text) {
  ExternNameView name{.kind = NameKind::interface};
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    name.version = text.substr(at + 1);
    if (name.version.empty()) return std::nullopt;
    text = text.substr(0, at);
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  name.package = text.substr(0, slash);
  std::string_view rest = name.package;
  for (std::size_t colon = rest.find(':'); colon != std::string_view::npos; colon = rest.find(':')) {
    if (!is_lowercase_label(rest.substr(0, colon))) return std::nullopt;
    rest.remove_prefix(colon + 1);
  }
  if (!is_lowercase_label(rest)) return std::nullopt;
  rest = name.label = text.substr(slash + 1);
  for (std::size_t next = rest.find('/'); next != std::string_view::npos; next = rest.find('/')) {
    if (!is_label(rest.substr(0, next))) return std::nullopt;
    rest.remove_prefix(next + 1);
  }
  if (!is_label(rest)) return std::nullopt;
  return name;
}

// Names of dependencies are no longer in the specification, but producers wrote them and runtimes read them.
bool is_dependency(std::string_view text) {
  for (const std::string_view prefix : {"unlocked-dep=<", "locked-dep=<", "url=<", "integrity=<"}) {
    if (!text.starts_with(prefix)) continue;
    const std::size_t end = text.find('>');
    return end != std::string_view::npos && text.back() == '>' && text.find('<', prefix.size()) != prefix.size();
  }
  return false;
}

}  // namespace

bool is_label(std::string_view text) {
  if (text.empty() || is_digit(text.front())) return false;
  while (true) {
    const std::size_t hyphen = text.find('-');
    if (!is_fragment(text.substr(0, hyphen))) return false;
    if (hyphen == std::string_view::npos) return true;
    text.remove_prefix(hyphen + 1);
  }
}

bool is_version(std::string_view text) {
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!are_identifiers(text.substr(plus + 1), false)) return false;
    text = text.substr(0, plus);
  }
  if (const std::size_t hyphen = text.find('-'); hyphen != std::string_view::npos) {
    if (!are_identifiers(text.substr(hyphen + 1), true)) return false;
    text = text.substr(0, hyphen);
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return false;
  return is_number(text.substr(0, first)) && is_number(text.substr(first + 1, second - first - 1)) && is_number(text.substr(second + 1));
}

std::optional<ExternNameView> parse_extern_name(std::string_view text) {
  if (is_dependency(text)) return ExternNameView{.kind = NameKind::dependency, .label = text};
  if (text.find(':') != std::string_view::npos) return parse_interface(text);
  ExternNameView name;
  if (eat(text, "[constructor]")) name.kind = NameKind::constructor;
  else if (eat(text, "[method]")) name.kind = NameKind::method;
  else if (eat(text, "[static]")) name.kind = NameKind::static_function;
  if (name.kind != NameKind::constructor) {
    if (eat(text, "[get]")) name.accessor = Accessor::get;
    else if (eat(text, "[set]")) name.accessor = Accessor::set;
  }
  if (name.kind == NameKind::method || name.kind == NameKind::static_function) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || !is_label(text.substr(0, dot))) return std::nullopt;
    name.resource = text.substr(0, dot);
    text.remove_prefix(dot + 1);
  }
  if (!is_label(text)) return std::nullopt;
  if (name.kind == NameKind::constructor) name.resource = text;
  name.label = text;
  return name;
}

std::string explain_bad_name(std::string_view text) {
  if (text.find(':') != std::string_view::npos || text.find('/') != std::string_view::npos)
    return "\"" + std::string(text) + "\" is not a valid extern name such as ns:package/interface@1.2.3";
  return "\"" + std::string(text) + "\" is not in kebab case";
}

std::string uniqueness_key(std::string_view text) {
  const std::optional<ExternNameView> name = parse_extern_name(text);
  if (!name || name->kind == NameKind::interface || name->kind == NameKind::dependency) return std::string(text);
  std::string label = lower_case(name->label);
  if (name->kind == NameKind::constructor) return "[constructor]" + label;
  std::string key = label;
  if (name->kind != NameKind::label) {
    const std::string resource = lower_case(name->resource);
    if (resource == label) return label;
    key = resource + "." + label;
  }
  return name->accessor == Accessor::set ? "[set]" + key : key;
}

std::optional<std::string> canonical_version(std::string_view full) {
  if (!is_version(full)) return std::nullopt;
  const std::size_t first = full.find('.');
  const std::size_t second = full.find('.', first + 1);
  if (full.substr(0, first) != "0") return std::string(full.substr(0, first));
  if (full.substr(first + 1, second - first - 1) != "0") return std::string(full.substr(0, second));
  return std::string(full.substr(0, full.find_first_of("-+", second)));
}

}  // namespace davit::wasm
