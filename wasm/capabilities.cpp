#include "wasm/capabilities.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "manifests/digest.hpp"
#include "manifests/encoding.hpp"
#include "wasm/capability_table.hpp"

namespace davit::wasm {
namespace {

constexpr std::string_view k_preview1 = "wasi_snapshot_preview1";

// `*` stands for any text; it may stand at the end or once inside.
bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  return text.size() >= head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
}

const CapabilityRow* find_row(std::span<const CapabilityRow> rows, std::string_view module, std::string_view function) {
  const auto row =
      std::ranges::find_if(rows, [&](const CapabilityRow& r) { return matches(r.module, module) && matches(r.function, function); });
  return row == rows.end() ? nullptr : &*row;
}

// `wasi:cli/environment@0.2.0` → `wasi:cli/environment`.
std::string_view without_version(std::string_view name) { return name.substr(0, name.find('@')); }

constexpr std::size_t k_max_host_bytes = 256;

// Import modules may be any text; a manifest's namespaces may not. What does not fit is written as %XX.
std::string host_name(std::string_view module) {
  if (module.empty()) return "%";
  std::string out;
  for (const char c : module.substr(0, k_max_host_bytes)) {
    const bool plain = c > ' ' && c < 0x7f && c != ',' && c != '"' && c != '\\' && c != '%';
    if (plain) {
      out += c;
    } else {
      const std::byte byte{static_cast<unsigned char>(c)};
      out += "%" + encode_hex(ByteView(&byte, 1));
    }
  }
  if (module.size() > k_max_host_bytes) out += "%" + digest_of(module).brief();
  return out;
}

class Collector {
 public:
  void add(std::string_view words, const std::string& via) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      add_one(words.substr(0, end), via);
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }
  void add_host(std::string_view name, const std::string& via) { note({"host:" + host_name(name)}, via); }
  std::vector<ReachedCapability> finish() {
    std::vector<ReachedCapability> out;
    for (auto& [capability, via] : found_) out.push_back({capability, {via.begin(), via.end()}});
    return out;
  }

 private:
  void add_one(std::string_view word, const std::string& via) {
    if (word.starts_with("host:")) return note({std::string(word)}, via);
    const std::size_t dot = std::min(word.find('.'), word.size());
    note({std::string(word.substr(0, dot)), dot == word.size() ? std::string() : std::string(word.substr(dot + 1))}, via);
  }
  void note(Capability capability, const std::string& via) { found_[std::move(capability)].insert(via); }
  std::map<Capability, std::set<std::string>> found_{};
};

// The module names under which preview 1 and its supersets go.
bool is_preview1(std::string_view module) {
  return module == k_preview1 || module == "wasi_unstable" || module == "wasix_32v1" || module == "wasix_64v1";
}

void classify_function(Collector& out, std::string_view module, std::string_view function, const std::string& via) {
  const bool preview1 = is_preview1(module);
  const CapabilityRow* row = find_row(core_rows(), preview1 ? k_preview1 : module, function);
  if (row == nullptr) row = find_row(interface_rows(), without_version(module), function);
  // Interface names carry a version, which says nothing about what is reached.
  const bool versioned = module.find(':') != std::string_view::npos;
  if (row == nullptr) return out.add_host(versioned ? without_version(module) : module, via);
  out.add(row->reaches, via);
}

void classify_core_import(Collector& out, const ImportItem& item) {
  const std::string via = item.module + "." + item.name;
  // A memory is shared by whoever holds it and reaches nothing by itself; tags and globals carry values only.
  if (item.kind == "memory" || item.kind == "tag" || (item.kind == "global" && !item.module.starts_with("GOT."))) return;
  // Through an imported table or GOT entry any function of the host or of another module may be called.
  if (item.kind != "func") return out.add_host(item.module, via);
  classify_function(out, item.module, item.name, via);
}

void classify_interface(Collector& out, std::string_view name, const std::vector<std::string>& functions) {
  const std::string_view interface = without_version(name);
  const std::string prefix = std::string(name);
  for (const std::string& function : functions) {
    const std::string via = prefix + "." + function;
    const CapabilityRow* row = find_row(interface_rows(), interface, function);
    if (row == nullptr) out.add_host(interface, via);
    else out.add(row->reaches, via);
  }
}

// Core modules and components that come in from outside, and plain functions, are code that davit cannot see.
void classify_component_import(Collector& out, const ImportItem& item) {
  if (item.kind == "type" || item.kind == "value") return;
  if (item.kind == "instance") {
    if (item.is_typed) return classify_interface(out, item.name, item.members);
    // The instance's type is not written out here: everything the interface is known for counts.
    const std::string_view interface = without_version(item.name);
    bool known = false;
    for (const CapabilityRow& row : interface_rows()) {
      if (!matches(row.module, interface)) continue;
      out.add(row.reaches, item.name);
      known = true;
    }
    if (known) return;
  }
  out.add_host(without_version(item.name), item.name);
}

}  // namespace

std::vector<ReachedCapability> reach_of(const BinarySummary& summary) {
  Collector out;
  for (const ImportItem& item : summary.imports) {
    if (summary.kind == Kind::module) classify_core_import(out, item);
    else classify_component_import(out, item);
  }
  if (summary.kind == Kind::component && !summary.is_wit_package) {
    for (const ExportItem& item : summary.exports) {
      const CapabilityRow* row = find_row(export_rows(), without_version(item.name), "");
      if (row != nullptr) out.add(row->reaches, "export " + item.name);
    }
  }
  return out.finish();
}

CapabilityManifest derive_manifest(const std::vector<ReachedCapability>& reach) {
  static const std::vector<std::string> k_any_endpoint = {"tcp://*:*", "udp://*:*"};
  CapabilityManifest out;
  CapabilityRequests& requests = out.requests;
  const auto has = [&](std::string_view name, std::string_view part) {
    return std::ranges::any_of(reach,
                               [&](const ReachedCapability& r) { return r.capability.class_name == name && r.capability.part == part; });
  };
  if (has("filesystem", "write")) requests.filesystem.push_back({"/", FileAccess::write});
  else if (has("filesystem", "read")) requests.filesystem.push_back({"/", FileAccess::read});
  if (has("environment", "")) requests.environment = {"*"};
  requests.arguments = has("arguments", "");
  for (const char* stream : {"stderr", "stdin", "stdout"}) {
    if (has("stdio", stream)) requests.stdio.emplace_back(stream);
  }
  if (has("network", "outbound")) requests.network_outbound = k_any_endpoint;
  if (has("network", "inbound")) requests.network_inbound = k_any_endpoint;
  requests.network_resolve = has("network", "resolve");
  if (has("http", "outbound")) requests.http_outbound = {"http://*:*", "https://*:*"};
  requests.http_serve = has("http", "serve");
  for (const char* clock : {"monotonic", "wall"}) {
    if (has("clocks", clock)) requests.clocks.emplace_back(clock);
  }
  for (const std::string_view flag : flag_classes()) {
    if (has(flag, "")) requests.flags.emplace_back(flag);
  }
  std::ranges::sort(requests.flags);
  for (const ReachedCapability& reached : reach) {
    if (reached.capability.class_name.starts_with("host:")) requests.host.push_back(reached.capability.class_name.substr(5));
  }
  return out;
}

ReachComparison compare_reach(const std::vector<ReachedCapability>& reach, const CapabilityRequests& requests) {
  ReachComparison out;
  const std::vector<Capability> requested = capabilities_of(requests);
  for (const ReachedCapability& reached : reach) {
    if (std::ranges::find(requested, reached.capability) == requested.end()) out.not_requested.push_back(reached);
  }
  for (const Capability& capability : requested) {
    const bool reachable = std::ranges::any_of(reach, [&](const ReachedCapability& r) { return r.capability == capability; });
    if (!reachable) out.unreachable.push_back(capability);
  }
  return out;
}

}  // namespace davit::wasm
