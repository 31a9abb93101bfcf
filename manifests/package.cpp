#include "manifests/package.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::size_t k_max_path_bytes = 4096;
constexpr std::size_t k_max_title_bytes = 255;
constexpr unsigned k_permission_bits = 0777;
constexpr JsonLimits k_limits{.size_bytes = k_max_remembered_bytes, .depth = 64};

using Description = PackageDescription;

// What the rooms need to know about one facet: its name, whether a description says it, and how to take it over from
// another description that says it. Tables of names fill up member by member; everything else is all or nothing.
struct FacetRule {
  Facet facet;
  std::string_view name;
  bool (*says)(const Description&);
  void (*take)(Description& into, const Description& from);
};

template <auto Member>
bool says(const Description& description) {
  const auto& value = description.*Member;
  if constexpr (requires { value.has_value(); }) {
    return value.has_value();
  } else {
    return !value.empty();
  }
}

template <auto Member>
void take(Description& into, const Description& from) {
  const auto& value = from.*Member;
  if constexpr (requires { value.members(); }) {
    for (const auto& [name, json] : value.members()) {
      if ((into.*Member).find(name) == nullptr) (into.*Member).set(name, json);
    }
  } else if constexpr (requires { typename std::decay_t<decltype(value)>::mapped_type; }) {
    (into.*Member).insert(value.begin(), value.end());
  } else if (!says<Member>(into)) {
    into.*Member = value;
  }
}

template <auto Member>
constexpr FacetRule rule(Facet facet, std::string_view name) {
  return {facet, name, &says<Member>, &take<Member>};
}

constexpr std::array k_rules = {
    rule<&Description::title>(Facet::title, "title"),
    rule<&Description::path>(Facet::path, "path"),
    rule<&Description::entrypoint>(Facet::entrypoint, "entrypoint"),
    rule<&Description::command>(Facet::command, "command"),
    rule<&Description::environment>(Facet::environment, "environment"),
    rule<&Description::working_folder>(Facet::working_folder, "working-folder"),
    rule<&Description::user>(Facet::user, "user"),
    rule<&Description::ports>(Facet::ports, "ports"),
    rule<&Description::volumes>(Facet::volumes, "volumes"),
    rule<&Description::labels>(Facet::labels, "labels"),
    rule<&Description::annotations>(Facet::annotations, "annotations"),
    rule<&Description::platform>(Facet::platform, "platform"),
    rule<&Description::created>(Facet::created, "created"),
    rule<&Description::author>(Facet::author, "author"),
    rule<&Description::history>(Facet::history, "history"),
    rule<&Description::other_config>(Facet::other_config, "other-config"),
    rule<&Description::companions>(Facet::companions, "companions"),
    rule<&Description::files>(Facet::files, "files"),
};

Json file_json(const PackageFile& file) { return JsonObject{{"path", file.path}, {"size", file.size}, {"mode", std::uint64_t{file.mode}}}; }

Result<void> read_text(const JsonView& json, std::string_view name, std::string& out) {
  const auto member = json.find(name);
  if (!member) return {};
  TRY_ASSIGN(out, member->as_string());
  return {};
}

Result<void> read_list(const JsonView& json, std::string_view name, std::vector<std::string>& out) {
  const auto member = json.find(name);
  if (!member) return {};
  TRY_ASSIGN(out, member->as_strings());
  return {};
}

Result<void> read_words(const JsonView& json, std::string_view name, std::optional<std::vector<std::string>>& out) {
  const auto member = json.find(name);
  if (!member) return {};
  TRY_ASSIGN(out, member->as_strings());
  return {};
}

Result<void> read_path(const JsonView& json, std::string_view name, std::string& out) {
  const auto member = json.find(name);
  if (!member) return {};
  TRY_ASSIGN(out, member->as_string());
  if (is_clean_path(out)) return {};
  return member->complaint("\"" + printable(out) + "\" is not a clean relative path");
}

Result<void> read_title(const JsonView& json, std::string& out) {
  TRY(read_path(json, "title", out));
  if (out.find('/') == std::string::npos && out.size() <= k_max_title_bytes) return {};
  return json.complaint("title \"" + printable(out) + "\" is not a file name");
}

Result<void> read_platform(const JsonView& json, std::optional<Platform>& out) {
  const auto member = json.find("platform");
  if (!member) return {};
  TRY_ASSIGN(out, parse_platform(*member));
  return {};
}

Result<void> read_files(const JsonView& json, std::vector<PackageFile>& out) {
  const auto member = json.find("files");
  if (!member) return {};
  TRY_ASSIGN(const auto items, member->as_items());
  for (const JsonView& item : items) {
    PackageFile file;
    TRY_ASSIGN(const JsonView path, item.field("path"));
    TRY(read_path(item, "path", file.path));
    TRY_ASSIGN(const JsonView size, item.field("size"));
    TRY_ASSIGN(file.size, size.as_unsigned());
    if (const auto mode = item.find("mode")) {
      TRY_ASSIGN(const std::uint64_t bits, mode->as_unsigned());
      file.mode = static_cast<unsigned>(bits) & k_permission_bits;
    }
    out.push_back(std::move(file));
  }
  std::ranges::sort(out, {}, &PackageFile::path);
  const auto twice = std::ranges::adjacent_find(out, {}, &PackageFile::path);
  if (twice == out.end()) return {};
  return member->complaint("\"" + printable(twice->path) + "\" is listed twice");
}

Result<void> read_documents(const JsonView& json, Description& out) {
  if (const auto history = json.find("history")) {
    if (history->json().array() == nullptr) return history->complaint("expected an array");
    out.history = *history->json().array();
  }
  if (const auto other = json.find("otherConfig")) {
    if (other->json().object() == nullptr) return other->complaint("expected an object");
    out.other_config = *other->json().object();
  }
  TRY_ASSIGN(out.labels, parse_annotations(json.find("labels")));
  TRY_ASSIGN(out.annotations, parse_annotations(json.find("annotations")));
  TRY_ASSIGN(out.companions, parse_annotations(json.find("companions")));
  return {};
}

void set_text(JsonObject& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out.set(std::string(name), text);
}

void set_list(JsonObject& out, std::string_view name, const std::vector<std::string>& texts) {
  if (!texts.empty()) out.set(std::string(name), Json::strings(texts));
}

void set_table(JsonObject& out, std::string_view name, const Annotations& table) {
  if (!table.empty()) out.set(std::string(name), to_json(table));
}

}  // namespace

bool is_clean_path(std::string_view path) {
  if (path.empty() || path.size() > k_max_path_bytes || path.find('\0') != std::string_view::npos) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t slash = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, slash - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = slash + 1;
  }
  return true;
}

std::string_view name_of(Facet facet) {
  const auto found = std::ranges::find(k_rules, facet, &FacetRule::facet);
  CHECK(found != k_rules.end());
  return found->name;
}

Facets facets_of(const PackageDescription& description) {
  Facets out;
  for (const FacetRule& each : k_rules) {
    if (each.says(description)) out.insert(each.facet);
  }
  return out;
}

PackageDescription keep_facets(const PackageDescription& description, const Facets& facets) {
  PackageDescription out;
  for (const FacetRule& each : k_rules) {
    if (facets.contains(each.facet)) each.take(out, description);
  }
  return out;
}

PackageDescription complete(PackageDescription said, const PackageDescription& remembered) {
  for (const FacetRule& each : k_rules) each.take(said, remembered);
  return said;
}

Json to_json(const PackageDescription& description) {
  JsonObject out;
  set_text(out, "title", description.title);
  set_text(out, "path", description.path);
  if (description.entrypoint) out.set("entrypoint", Json::strings(*description.entrypoint));
  if (description.command) out.set("command", Json::strings(*description.command));
  set_list(out, "environment", description.environment);
  set_text(out, "workingFolder", description.working_folder);
  set_text(out, "user", description.user);
  set_list(out, "ports", description.ports);
  set_list(out, "volumes", description.volumes);
  set_table(out, "labels", description.labels);
  set_table(out, "annotations", description.annotations);
  if (const auto& platform = description.platform) {
    JsonObject json{{"architecture", platform->architecture}, {"os", platform->os}};
    set_text(json, "variant", platform->variant);
    out.set("platform", std::move(json));
  }
  set_text(out, "created", description.created);
  set_text(out, "author", description.author);
  if (!description.history.empty()) out.set("history", description.history);
  if (!description.other_config.empty()) out.set("otherConfig", description.other_config);
  set_table(out, "companions", description.companions);
  JsonArray files;
  for (const PackageFile& file : description.files) files.push_back(file_json(file));
  if (!files.empty()) out.set("files", std::move(files));
  return out;
}

Result<PackageDescription> parse_package_description(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, k_limits));
  const JsonView view(json);
  if (json.object() == nullptr) return view.complaint("expected an object");
  PackageDescription out;
  TRY(read_title(view, out.title));
  TRY(read_path(view, "path", out.path));
  TRY(read_words(view, "entrypoint", out.entrypoint));
  TRY(read_words(view, "command", out.command));
  TRY(read_list(view, "environment", out.environment));
  TRY(read_text(view, "workingFolder", out.working_folder));
  TRY(read_text(view, "user", out.user));
  TRY(read_list(view, "ports", out.ports));
  TRY(read_list(view, "volumes", out.volumes));
  TRY(read_platform(view, out.platform));
  TRY(read_text(view, "created", out.created));
  TRY(read_text(view, "author", out.author));
  TRY(read_documents(view, out));
  TRY(read_files(view, out.files));
  return out;
}

}  // namespace davit
