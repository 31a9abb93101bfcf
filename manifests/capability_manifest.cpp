#include "manifests/capability_manifest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "manifests/capability_pattern.hpp"
#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::size_t k_max_reason_bytes = 1024;
// On the wire: never rename.
constexpr std::array<std::string_view, 12> k_flags = {"random",    "threads", "process", "exit",    "keyvalue", "blobstore",
                                                      "messaging", "sql",     "config",  "logging", "nn",       "gpu"};
constexpr std::array<std::string_view, 3> k_streams = {"stdin", "stdout", "stderr"};
constexpr std::array<std::string_view, 2> k_clocks = {"wall", "monotonic"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

template <typename Accept>
Result<std::vector<std::string>> parse_list(const JsonView& json, std::string_view expected, Accept accept) {
  TRY_ASSIGN(const std::vector<JsonView> items, json.as_items());
  if (items.size() > k_max_capability_items)
    return fail(ErrorCode::limit, "more than " + std::to_string(k_max_capability_items) + " entries").in(json.pointer());
  std::set<std::string> found;
  for (const JsonView& item : items) {
    TRY_ASSIGN(std::string text, item.as_string());
    if (!accept(text)) return item.complaint("\"" + printable(text) + "\" is not " + std::string(expected));
    if (!found.insert(std::move(text)).second) return item.complaint("the same entry twice");
  }
  return std::vector<std::string>(found.begin(), found.end());
}

auto accept_pattern(PatternKind kind) {
  return [kind](std::string_view text) { return is_pattern(kind, text); };
}

Result<bool> parse_flag(const std::optional<JsonView>& json) {
  if (!json) return false;
  return json->as_bool();
}

Result<std::vector<FilesystemRequest>> parse_filesystem(const JsonView& json) {
  TRY_ASSIGN(const std::vector<JsonView> items, json.as_items());
  if (items.size() > k_max_capability_items)
    return fail(ErrorCode::limit, "more than " + std::to_string(k_max_capability_items) + " entries").in(json.pointer());
  std::vector<FilesystemRequest> out;
  for (const JsonView& item : items) {
    TRY(item.refuse_unknown({"guest", "access", "reason"}));
    FilesystemRequest request;
    TRY_ASSIGN(const JsonView guest, item.field("guest"));
    TRY_ASSIGN(request.guest, guest.as_string());
    if (!is_pattern(PatternKind::path, request.guest))
      return guest.complaint("\"" + printable(request.guest) + "\" is not an absolute path without . and ..");
    TRY_ASSIGN(const JsonView access, item.field("access"));
    TRY_ASSIGN(const std::string word, access.as_string());
    if (word != "read" && word != "write") return access.complaint("\"" + printable(word) + "\" is neither read nor write");
    request.access = word == "write" ? FileAccess::write : FileAccess::read;
    if (const auto reason = item.find("reason")) {
      TRY_ASSIGN(request.reason, reason->as_string());
      if (request.reason.size() > k_max_reason_bytes)
        return reason->complaint("the reason is longer than " + std::to_string(k_max_reason_bytes) + " bytes");
    }
    if (std::ranges::find(out, request.guest, &FilesystemRequest::guest) != out.end()) return guest.complaint("the same path twice");
    out.push_back(std::move(request));
  }
  std::ranges::sort(out, {}, &FilesystemRequest::guest);
  return out;
}

Result<void> parse_network(const JsonView& json, CapabilityRequests& out) {
  TRY(json.refuse_unknown({"outbound", "inbound", "resolve"}));
  static constexpr std::string_view k_expected = "tcp://HOST:PORT or udp://HOST:PORT";
  if (const auto list = json.find("outbound")) {
    TRY_ASSIGN(out.network_outbound, parse_list(*list, k_expected, accept_pattern(PatternKind::network)));
  }
  if (const auto list = json.find("inbound")) {
    TRY_ASSIGN(out.network_inbound, parse_list(*list, k_expected, accept_pattern(PatternKind::network)));
  }
  TRY_ASSIGN(out.network_resolve, parse_flag(json.find("resolve")));
  return {};
}

Result<void> parse_http(const JsonView& json, CapabilityRequests& out) {
  TRY(json.refuse_unknown({"outbound", "serve"}));
  if (const auto list = json.find("outbound")) {
    TRY_ASSIGN(out.http_outbound, parse_list(*list, "https://HOST[:PORT][/PATH]", accept_pattern(PatternKind::http)));
  }
  TRY_ASSIGN(out.http_serve, parse_flag(json.find("serve")));
  return {};
}

Result<CapabilityLimits> parse_limits(const JsonView& json) {
  TRY(json.refuse_unknown({"memory", "time"}));
  CapabilityLimits out;
  if (const auto memory = json.find("memory")) {
    TRY_ASSIGN(out.memory, memory->as_string());
    if (!parse_memory_limit(out.memory)) return memory->complaint("\"" + printable(out.memory) + "\" is not a size such as 64MiB");
  }
  if (const auto time = json.find("time")) {
    TRY_ASSIGN(out.time, time->as_string());
    if (!parse_time_limit(out.time)) return time->complaint("\"" + printable(out.time) + "\" is not a time such as 5s");
  }
  return out;
}

/// A positive whole number, then one of the units. Null is not a member value here: the grammar is closed.
template <std::size_t N>
Result<std::uint64_t> parse_quantity(std::string_view text, const std::array<std::pair<std::string_view, std::uint64_t>, N>& units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, factor] : units) {
    const bool fits = error == std::errc{} && number >= 1 && number <= UINT64_MAX / factor && text.front() != '0';
    if (unit == name && fits) return number * factor;
  }
  return fail(ErrorCode::malformed, "\"" + printable(text) + "\" is not a number with a unit");
}

void add_list(JsonObject& object, const std::string& name, const std::vector<std::string>& texts) {
  if (!texts.empty()) object.set(name, Json::strings(texts));
}

void compare(std::vector<std::string>& out, std::string_view what, PatternKind kind, const std::vector<std::string>& inner,
             const std::vector<std::string>& outer) {
  for (const std::string& text : inner) {
    const bool covered = std::ranges::any_of(outer, [&](const std::string& pattern) { return covers(kind, pattern, text); });
    if (!covered) out.push_back(std::string(what) + " \"" + text + "\"");
  }
}

void compare_words(std::vector<std::string>& out, const std::string& prefix, const std::vector<std::string>& inner,
                   const std::vector<std::string>& outer) {
  for (const std::string& word : inner) {
    if (std::ranges::find(outer, word) == outer.end()) out.push_back(prefix + word);
  }
}

}  // namespace

std::string to_text(const Capability& capability) {
  return capability.part.empty() ? capability.class_name : capability.class_name + "." + capability.part;
}

std::span<const std::string_view> flag_classes() { return k_flags; }

Result<std::uint64_t> parse_memory_limit(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> k_units = {
      {{"B", 1}, {"KiB", std::uint64_t{1} << 10}, {"MiB", std::uint64_t{1} << 20}, {"GiB", std::uint64_t{1} << 30}}};
  return parse_quantity(text, k_units);
}

Result<std::uint64_t> parse_time_limit(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> k_units = {
      {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
  return parse_quantity(text, k_units);
}

Result<CapabilityRequests> parse_capability_requests(const JsonView& json) {
  TRY(json.refuse_unknown({"filesystem", "environment", "arguments", "stdio", "network",  "http",      "clocks",
                           "random",     "threads",     "process",   "exit",  "keyvalue", "blobstore", "messaging",
                           "sql",        "config",      "logging",   "nn",    "gpu",      "host"}));
  CapabilityRequests out;
  if (const auto list = json.find("filesystem")) {
    TRY_ASSIGN(out.filesystem, parse_filesystem(*list));
  }
  if (const auto list = json.find("environment")) {
    TRY_ASSIGN(out.environment, parse_list(*list, "a variable name, or its beginning and *", accept_pattern(PatternKind::environment)));
  }
  TRY_ASSIGN(out.arguments, parse_flag(json.find("arguments")));
  if (const auto list = json.find("stdio")) {
    TRY_ASSIGN(out.stdio, parse_list(*list, "stdin, stdout or stderr", [](std::string_view word) { return is_one_of(k_streams, word); }));
  }
  if (const auto network = json.find("network")) TRY(parse_network(*network, out));
  if (const auto http = json.find("http")) TRY(parse_http(*http, out));
  if (const auto list = json.find("clocks")) {
    TRY_ASSIGN(out.clocks, parse_list(*list, "wall or monotonic", [](std::string_view word) { return is_one_of(k_clocks, word); }));
  }
  for (const std::string_view name : k_flags) {
    TRY_ASSIGN(const bool requested, parse_flag(json.find(name)));
    if (requested) out.flags.emplace_back(name);
  }
  std::ranges::sort(out.flags);
  if (const auto list = json.find("host")) {
    TRY_ASSIGN(out.host, parse_list(*list, "a namespace of host functions", accept_pattern(PatternKind::host)));
  }
  return out;
}

Result<CapabilityManifest> parse_capability_manifest(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, {.size_bytes = k_max_capability_manifest_bytes, .depth = 8}));
  const JsonView root(json);
  TRY(root.refuse_unknown({"$schema", "schemaVersion", "requests", "limits"}));
  TRY_ASSIGN(const JsonView version, root.field("schemaVersion"));
  TRY_ASSIGN(const std::uint64_t number, version.as_unsigned());
  if (number != 1)
    return fail(ErrorCode::unsupported, "capability manifest of version " + std::to_string(number) + ", this davit knows version 1")
        .in(version.pointer());
  if (const auto schema = root.find("$schema")) {
    if (auto address = schema->as_string(); !address) return std::move(address).error();
  }
  CapabilityManifest out;
  TRY_ASSIGN(const JsonView requests, root.field("requests"));
  TRY_ASSIGN(out.requests, parse_capability_requests(requests));
  if (const auto limits = root.find("limits")) {
    TRY_ASSIGN(out.limits, parse_limits(*limits));
  }
  return out;
}

Json to_json(const CapabilityRequests& requests) {
  JsonObject out;
  JsonArray files;
  for (const FilesystemRequest& request : requests.filesystem) {
    JsonObject entry{{"guest", request.guest}, {"access", request.access == FileAccess::write ? "write" : "read"}};
    if (!request.reason.empty()) entry.set("reason", request.reason);
    files.emplace_back(std::move(entry));
  }
  if (!files.empty()) out.set("filesystem", std::move(files));
  add_list(out, "environment", requests.environment);
  if (requests.arguments) out.set("arguments", true);
  add_list(out, "stdio", requests.stdio);
  JsonObject network;
  add_list(network, "outbound", requests.network_outbound);
  add_list(network, "inbound", requests.network_inbound);
  if (requests.network_resolve) network.set("resolve", true);
  if (!network.empty()) out.set("network", std::move(network));
  JsonObject http;
  add_list(http, "outbound", requests.http_outbound);
  if (requests.http_serve) http.set("serve", true);
  if (!http.empty()) out.set("http", std::move(http));
  add_list(out, "clocks", requests.clocks);
  for (const std::string_view name : k_flags) {
    if (std::ranges::find(requests.flags, name) != requests.flags.end()) out.set(std::string(name), true);
  }
  add_list(out, "host", requests.host);
  return out;
}

Json to_json(const CapabilityManifest& manifest) {
  JsonObject out{{"schemaVersion", 1}, {"requests", to_json(manifest.requests)}};
  JsonObject limits;
  if (!manifest.limits.memory.empty()) limits.set("memory", manifest.limits.memory);
  if (!manifest.limits.time.empty()) limits.set("time", manifest.limits.time);
  if (!limits.empty()) out.set("limits", std::move(limits));
  return out;
}

std::string write_capability_manifest(const CapabilityManifest& manifest) { return write_json_pretty(to_json(manifest)); }

std::vector<Capability> capabilities_of(const CapabilityRequests& requests) {
  std::set<Capability> out;
  for (const FilesystemRequest& request : requests.filesystem) {
    out.insert({"filesystem", "read"});
    if (request.access == FileAccess::write) out.insert({"filesystem", "write"});
  }
  if (!requests.environment.empty()) out.insert({"environment"});
  if (requests.arguments) out.insert({"arguments"});
  for (const std::string& stream : requests.stdio) out.insert({"stdio", stream});
  if (!requests.network_outbound.empty()) out.insert({"network", "outbound"});
  if (!requests.network_inbound.empty()) out.insert({"network", "inbound"});
  if (requests.network_resolve) out.insert({"network", "resolve"});
  if (!requests.http_outbound.empty()) out.insert({"http", "outbound"});
  if (requests.http_serve) out.insert({"http", "serve"});
  for (const std::string& clock : requests.clocks) out.insert({"clocks", clock});
  for (const std::string& flag : requests.flags) out.insert({flag});
  for (const std::string& name : requests.host) out.insert({"host:" + name});
  return {out.begin(), out.end()};
}

std::string capability_annotation(const std::vector<Capability>& capabilities) {
  std::set<std::string> names;
  for (const Capability& capability : capabilities) names.insert(capability.class_name);
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

std::vector<std::string> excess(const CapabilityRequests& inner, const CapabilityRequests& outer) {
  std::vector<std::string> out;
  for (const FilesystemRequest& request : inner.filesystem) {
    const bool covered = std::ranges::any_of(outer.filesystem, [&](const FilesystemRequest& allowed) {
      return covers(PatternKind::path, allowed.guest, request.guest) &&
             (request.access == FileAccess::read || allowed.access == FileAccess::write);
    });
    if (!covered)
      out.push_back(std::string("filesystem ") + (request.access == FileAccess::write ? "write" : "read") + " \"" + request.guest + "\"");
  }
  compare(out, "environment", PatternKind::environment, inner.environment, outer.environment);
  if (inner.arguments && !outer.arguments) out.emplace_back("arguments");
  compare_words(out, "stdio ", inner.stdio, outer.stdio);
  compare(out, "network outbound", PatternKind::network, inner.network_outbound, outer.network_outbound);
  compare(out, "network inbound", PatternKind::network, inner.network_inbound, outer.network_inbound);
  if (inner.network_resolve && !outer.network_resolve) out.emplace_back("network resolve");
  compare(out, "http outbound", PatternKind::http, inner.http_outbound, outer.http_outbound);
  if (inner.http_serve && !outer.http_serve) out.emplace_back("http serve");
  compare_words(out, "clocks ", inner.clocks, outer.clocks);
  compare_words(out, "", inner.flags, outer.flags);
  compare(out, "host", PatternKind::host, inner.host, outer.host);
  return out;
}

}  // namespace davit
