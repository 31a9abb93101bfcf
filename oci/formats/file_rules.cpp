#include "oci/formats/file_rules.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/toml.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_rules = 256;

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

// How much of the pattern stands for this one character; 0: it does not.
std::size_t matches_one(std::string_view pattern, char value) {
  if (pattern.front() == '?') return 1;
  const std::size_t end = pattern.front() == '[' ? pattern.find(']', 2) : std::string_view::npos;
  if (end == std::string_view::npos) return pattern.front() == value ? 1 : 0;
  std::string_view set = pattern.substr(1, end - 1);
  const bool is_negated = set.front() == '!';
  if (is_negated) set.remove_prefix(1);
  bool is_in = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const bool is_range = i + 2 < set.size() && set[i + 1] == '-';
    is_in = is_in || (is_range ? set[i] <= value && value <= set[i + 2] : set[i] == value);
    if (is_range) i += 2;
  }
  return is_in != is_negated ? end + 1 : 0;
}

// The last star takes one more whenever what follows does not fit, so the work is bounded by both lengths.
bool matches_part(std::string_view pattern, std::string_view text) {
  std::size_t at = 0, star = std::string_view::npos, held = 0, i = 0;
  while (i < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      held = i;
      continue;
    }
    const std::size_t step = at < pattern.size() ? matches_one(pattern.substr(at), text[i]) : 0;
    if (step > 0) {
      at += step;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++held;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

class RuleReader {
 public:
  explicit RuleReader(FileRules& out) : out_(out) {}

  Result<void> add_pattern(const std::string& text) {
    TRY_ASSIGN(std::string source, inside(text));
    return add({.source = std::move(source), .is_pattern = true});
  }

  Result<void> add_mount(const std::string& source, const std::string& target) {
    FileRules::Rule rule;
    TRY_ASSIGN(rule.source, inside(source));
    TRY_ASSIGN(rule.target, inside(target.substr(std::min(target.find_first_not_of('/'), target.size()))));
    return add(std::move(rule));
  }

  static Result<std::string> inside(const std::string& path) {
    const auto clean = clean_entry_name(path);
    if (!clean) return fail(ErrorCode::malformed, "the package names the files \"" + printable(path) + "\", which leave it");
    return *clean;
  }

 private:
  Result<void> add(FileRules::Rule rule) {
    if (out_.rules.size() >= k_max_rules)
      return fail(ErrorCode::limit, "the package lists more than " + std::to_string(k_max_rules) + " groups of files");
    out_.rules.push_back(std::move(rule));
    return {};
  }
  FileRules& out_;
};

// The component that is made of this wasm file; versions 1 and 2 of the manifest list and name them.
std::optional<JsonView> component_of(const JsonView& document, const std::string& program) {
  const auto components = document.find("component");
  if (!components) return std::nullopt;
  std::vector<JsonView> all;
  if (components->json().array() != nullptr) {
    if (auto items = components->as_items()) all.assign(items->begin(), items->end());
  } else if (auto members = components->as_members()) {
    for (const auto& member : *members) all.push_back(member.second);
  }
  if (all.size() == 1) return all.front();
  for (const JsonView& each : all) {
    const auto source = each.find("source");
    if (!source || source->json().string() == nullptr) continue;
    const auto clean = clean_entry_name(*source->json().string());
    if (clean && *clean == program) return each;
  }
  return std::nullopt;
}

Result<void> read_spin_files(const JsonView& component, FileRules& out) {
  RuleReader reader(out);
  if (const auto files = component.find("files")) {
    TRY_ASSIGN(const auto items, files->as_items());
    for (const JsonView& item : items) {
      if (item.json().string() != nullptr) {
        TRY(reader.add_pattern(*item.json().string()));
        continue;
      }
      TRY_ASSIGN(const JsonView source, item.field("source"));
      TRY_ASSIGN(const std::string from, source.as_string());
      TRY_ASSIGN(const JsonView destination, item.field("destination"));
      TRY_ASSIGN(const std::string to, destination.as_string());
      TRY(reader.add_mount(from, to));
    }
  }
  if (const auto excluded = component.find("exclude_files")) {
    TRY_ASSIGN(const auto texts, excluded->as_strings());
    if (texts.size() > k_max_rules) return excluded->complaint("too many patterns");
    for (const std::string& text : texts) {
      TRY_ASSIGN(std::string clean, RuleReader::inside(text));
      out.excluded.push_back(std::move(clean));
    }
  }
  return {};
}

Result<void> read_wasmer_files(const JsonView& fs, FileRules& out) {
  RuleReader reader(out);
  TRY_ASSIGN(const auto members, fs.as_members());
  for (const auto& [target, source] : members) {
    TRY_ASSIGN(const std::string from, source.as_string());
    TRY(reader.add_mount(from, target));
  }
  return {};
}

bool is_below(std::string_view name, std::string_view folder) {
  return folder.empty() || (name.starts_with(folder) && name.size() > folder.size() && name[folder.size()] == '/');
}

}  // namespace

Result<FileRules> file_rules_in(const PackageKind& kind, const PackageContents& contents, const std::string& program) {
  FileRules out;
  const std::string name = document_in(kind, contents);
  if (name.empty() || (kind.format != "spin" && kind.format != "wasmer")) return out;
  out.folder = name.substr(0, name.find_last_of('/') == std::string::npos ? 0 : name.find_last_of('/') + 1);
  TRY_ASSIGN(const Json document, parse_toml(contents.texts.at(name)));
  const JsonView view(document);
  if (kind.format == "wasmer") {
    const auto fs = view.find("fs");
    out.is_said = fs.has_value();
    if (fs) TRY(read_wasmer_files(*fs, out));
    return out;
  }
  out.is_said = true;
  const auto component = component_of(view, program.starts_with(out.folder) ? program.substr(out.folder.size()) : program);
  if (component) TRY(read_spin_files(*component, out));
  return out;
}

bool matches_pattern(std::string_view pattern, std::string_view path) {
  const auto wanted = parts_of(pattern);
  const auto parts = parts_of(path);
  constexpr auto k_none = static_cast<std::size_t>(-1);
  std::size_t at = 0, star = k_none, held = 0, i = 0;
  while (i < parts.size()) {
    if (at < wanted.size() && wanted[at] == "**") {
      star = at++;
      held = i;
    } else if (at < wanted.size() && matches_part(wanted[at], parts[i])) {
      ++at;
      ++i;
    } else if (star != k_none) {
      at = star + 1;
      i = ++held;
    } else {
      return false;
    }
  }
  while (at < wanted.size() && wanted[at] == "**") ++at;
  return at == wanted.size();
}

std::vector<std::string> guest_paths(const FileRules& rules, std::string_view name) {
  std::vector<std::string> out;
  if (!name.starts_with(rules.folder)) return out;
  const std::string_view path = name.substr(rules.folder.size());
  const auto add = [&](std::string guest) {
    if (!guest.empty() && std::ranges::find(out, guest) == out.end()) out.push_back(std::move(guest));
  };
  for (const std::string& pattern : rules.excluded) {
    if (matches_pattern(pattern, path)) return out;
  }
  for (const FileRules::Rule& rule : rules.rules) {
    const bool is_named = path == rule.source || is_below(path, rule.source);
    if (rule.is_pattern) {
      if (is_named || matches_pattern(rule.source, path)) add(std::string(path));
      continue;
    }
    if (!is_named) continue;
    const std::string_view rest = path.substr(rule.source.size());
    const std::string_view inner = rest.starts_with('/') ? rest.substr(1) : rest;
    const std::string folder = rule.target.empty() || inner.empty() ? rule.target : rule.target + "/";
    // A single file that is put into the root keeps its name.
    if (inner.empty() && rule.target.empty()) add(std::string(path.substr(path.find_last_of('/') + 1)));
    else add(folder + std::string(inner));
  }
  return out;
}

}  // namespace davit::oci
