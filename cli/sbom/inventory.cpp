#include "cli/sbom/inventory.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "cli/sbom/purl.hpp"
#include "manifests/encoding.hpp"
#include "oci/io/gzip.hpp"
#include "wasm/binary_tree.hpp"
#include "wasm/sbom/dep_v0.hpp"
#include "wasm/sbom/go_build_info.hpp"
#include "wasm/sbom/import_dependency.hpp"
#include "wasm/summary.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_assemblyscript_library = "~lib/";  // begins the names of its own functions
constexpr std::size_t k_max_url_bytes = 4'096;

// Collects parts; the same package in two places is one part.
class Collector {
 public:
  explicit Collector(Inventory& inventory) : inventory_(inventory) {}

  std::size_t add(SbomPart part) {
    const auto [place, fresh] = by_key_.try_emplace(key_of(part), inventory_.parts.size());
    if (fresh) {
      part.id = part.id.empty() ? "part-" + std::to_string(inventory_.parts.size()) : part.id;
      inventory_.parts.push_back(std::move(part));
    }
    return place->second;
  }
  void depend(std::size_t from, std::size_t to) {
    if (from == to) return;
    if (edges_.emplace(from, to).second) inventory_.parts[from].dependencies.push_back(inventory_.parts[to].id);
  }
  SbomPart& part(std::size_t at) { return inventory_.parts[at]; }
  void remark(const wasm::BinaryView& binary, const std::string& what, const Error& error) {
    inventory_.remarks.push_back(what + " of the " + std::string(wasm::to_text(binary.kind)) + " at byte " + std::to_string(binary.offset) +
                                 " cannot be read: " + error.message);
  }

 private:
  // Binaries are what they are by their place; packages by their name, version and use.
  static std::string key_of(const SbomPart& part) {
    if (part.role == PartRole::binary) return "binary\n" + part.id;
    return std::to_string(static_cast<int>(part.role)) + "\n" + part.purl + "\n" + part.name + "\n" + part.version + "\n" + part.sha256;
  }
  Inventory& inventory_;
  std::map<std::string, std::size_t> by_key_{};
  std::set<std::pair<std::size_t, std::size_t>> edges_{};
};

void take_metadata(const std::map<std::string, std::string>& metadata, SbomPart& part) {
  const auto text = [&](const char* key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  part.version = text("version");
  part.description = text("description");
  part.authors = text("authors");
  part.licenses = text("licenses");
  part.source = text("source");
  part.homepage = text("homepage");
  if (const std::string revision = text("revision"); !revision.empty()) part.properties.emplace_back("davit:revision", revision);
}

void take_producers(const wasm::BinaryView& binary, std::size_t owner, Collector& parts) {
  for (const wasm::ProducerField& field : binary.producers) {
    for (const auto& [name, version] : field.values) {
      if (name.empty()) continue;
      if (field.name == "language") {
        parts.part(owner).properties.emplace_back("davit:language", name + (version.empty() ? "" : " " + version));
        continue;
      }
      // Compilers say `1.63.0 (4b91a6ea7 2022-08-08)`; the version is the first word.
      const std::string number = version.substr(0, version.find(' '));
      const KnownTool tool = tool_named(name);
      const std::string known = tool.type == "generic" ? name : std::string(tool.name);
      const std::size_t at = parts.add({.id = {},
                                        .role = PartRole::build,
                                        .name = known,
                                        .version = number,
                                        .purl = make_purl(tool.type, tool.type == "generic" ? name : known, number)});
      auto& properties = parts.part(at).properties;
      const std::pair<std::string, std::string> role{"davit:producer", field.name};
      if (std::ranges::find(properties, role) == properties.end()) properties.push_back(role);
      parts.depend(owner, at);
    }
  }
}

Result<std::vector<wasm::CargoPackage>> read_crates(ByteView section) {
  TRY_ASSIGN(const Bytes json, oci::inflate_zlib(section, wasm::k_max_cargo_list_bytes));
  return wasm::parse_cargo_packages(as_text(json));
}

void take_crates(const wasm::BinaryView& binary, std::size_t owner, Collector& parts) {
  const auto section = binary.custom(wasm::k_cargo_section);
  if (!section) return;
  const auto crates = read_crates(*section);
  if (!crates) return parts.remark(binary, "the list of crates", crates.error());
  std::vector<std::size_t> places;
  for (const wasm::CargoPackage& crate : *crates) {
    SbomPart part{
        .id = {}, .role = crate.is_build ? PartRole::build : PartRole::library, .name = crate.name, .version = crate.version, .purl = {}};
    // Only names of crates.io are what the type means by default.
    part.purl = make_purl("cargo", crate.name, crate.version);
    part.properties.emplace_back("davit:cargo:source", crate.source);
    const std::size_t at = parts.add(std::move(part));
    places.push_back(at);
    if (!crate.is_root) continue;
    parts.depend(owner, at);
    SbomPart& file = parts.part(owner);
    if (file.version.empty()) file.version = crate.version;
  }
  for (std::size_t at = 0; at < crates->size(); ++at) {
    for (const std::size_t index : (*crates)[at].dependencies) parts.depend(places[at], places[index]);
  }
}

std::size_t add_go_module(const wasm::GoModule& module, Collector& parts) {
  const bool replaced = !module.replaced_by.empty();
  // A replacement by a folder has no version, and its path is one of the machine that built it.
  const bool by_folder = replaced && (module.replaced_by.starts_with('.') || module.replaced_by.starts_with('/'));
  const std::string path = replaced && !by_folder ? module.replaced_by : module.path;
  std::string version = replaced ? module.replaced_version : module.version;
  if (version == "(devel)") version.clear();
  SbomPart part{.id = {}, .role = PartRole::library, .name = path, .version = version, .purl = make_purl("golang", path, version)};
  if (!module.sum.empty()) part.properties.emplace_back("davit:go:sum", module.sum);
  if (replaced) part.properties.emplace_back("davit:go:replaces", module.path + (module.version.empty() ? "" : "@" + module.version));
  return parts.add(std::move(part));
}

void take_go(const wasm::BinaryView& binary, std::size_t owner, Collector& parts) {
  const auto info = wasm::find_go_build_info(binary, wasm::Limits{});
  if (!info) return parts.remark(binary, "Go build information", info.error());
  if (!*info) return;
  std::size_t user = owner;
  if ((*info)->main) {
    user = add_go_module(*(*info)->main, parts);
    parts.depend(owner, user);
  }
  for (const wasm::GoModule& module : (*info)->modules) parts.depend(user, add_go_module(module, parts));
  for (const auto& [key, value] : (*info)->settings) parts.part(owner).properties.emplace_back("davit:go:build:" + key, value);
  for (const wasm::ProducerField& field : binary.producers) {
    for (const auto& [name, version] : field.values) {
      if (field.name != "language" && name.starts_with("Go cmd/compile")) {
        const std::string number = version.starts_with("go") ? version.substr(2) : version;
        parts.depend(
            user,
            parts.add(
                {.id = {}, .role = PartRole::library, .name = "stdlib", .version = number, .purl = make_purl("golang", "stdlib", number)}));
      }
    }
  }
}

bool is_assemblyscript(const wasm::BinaryView& binary) {
  const auto names = binary.custom("name");
  return names && as_text(*names).find(k_assemblyscript_library) != std::string_view::npos;
}

// A map's address is `./app.wasm.map`, or the whole map as data; only addresses are worth keeping.
void take_scripts(const wasm::BinaryView& binary, std::size_t owner, Collector& parts) {
  if (is_assemblyscript(binary)) {
    parts.depend(owner,
                 parts.add({.id = {}, .role = PartRole::build, .name = "assemblyscript", .purl = make_purl("npm", "assemblyscript", "")}));
  }
  const auto section = binary.custom("sourceMappingURL");
  if (!section || section->empty() || section->size() > k_max_url_bytes) return;
  const std::string_view framed = as_text(*section);
  const std::string_view url = framed.substr(1);
  if (static_cast<unsigned char>(framed.front()) == url.size() && is_utf8(url) && !url.starts_with("data:"))
    parts.part(owner).properties.emplace_back("davit:sourceMappingURL", std::string(url));
}

std::string hex_of(const std::string& integrity) {
  constexpr std::string_view k_prefix = "sha256-";
  if (!integrity.starts_with(k_prefix)) return "";
  const auto raw = decode_base64(std::string_view(integrity).substr(k_prefix.size()));
  return raw && raw->size() == 32 ? encode_hex(*raw) : "";
}

void take_imports(const wasm::BinarySummary& summary, Collector& parts) {
  if (summary.kind != wasm::Kind::component) return;
  for (const wasm::ImportItem& item : summary.imports) {
    const auto dependency = wasm::parse_import_dependency(item.name);
    if (!dependency) continue;
    const bool packaged = !dependency->package.empty();
    const bool linked = dependency->form != wasm::ImportForm::interface;
    SbomPart part{
        .id = {}, .role = linked ? PartRole::library : PartRole::interface, .name = packaged ? dependency->package : item.name, .purl = {}};
    part.sha256 = hex_of(dependency->integrity);
    if (dependency->form == wasm::ImportForm::unlocked) {
      if (!dependency->version.empty()) part.properties.emplace_back("davit:versionRange", dependency->version);
    } else {
      part.version = dependency->version;
    }
    if (packaged) {
      std::string path = dependency->package;
      std::ranges::replace(path, ':', '/');
      part.purl = make_purl("generic", path, part.version);
    }
    part.source = dependency->url;
    const std::size_t at = parts.add(std::move(part));
    if (!dependency->interface.empty()) parts.part(at).properties.emplace_back("davit:interface", dependency->interface);
    parts.depend(0, at);
  }
}

std::string name_of(const wasm::BinaryView& binary, const std::string& fallback) {
  if (!binary.name.empty()) return binary.name;
  return binary.depth == 0 ? fallback : std::string(wasm::to_text(binary.kind)) + "@" + std::to_string(binary.offset);
}

}  // namespace

Result<Inventory> take_inventory(ByteView file, const std::string& name) {
  TRY_ASSIGN(const auto summary, wasm::summarize(file, wasm::Limits{}));
  TRY_ASSIGN(const auto tree, wasm::read_binary_tree(file, wasm::Limits{}));
  Inventory inventory{.parts = {}, .digest = digest_of(file)};
  Collector parts(inventory);
  // All binaries first, so that a binary's index is its place in the list.
  for (const wasm::BinaryView& binary : tree) {
    SbomPart part{.id = "wasm-" + std::to_string(binary.offset), .role = PartRole::binary, .name = name_of(binary, name), .purl = {}};
    part.sha256 = binary.depth == 0 ? inventory.digest.hex() : digest_of(binary.bytes).hex();
    part.properties.emplace_back("davit:kind", std::string(wasm::to_text(binary.kind)));
    take_metadata(binary.metadata, part);
    parts.add(std::move(part));
  }
  for (std::size_t at = 0; at < tree.size(); ++at) {
    if (at > 0) parts.part(tree[at].parent).contains.push_back(parts.part(at).id);
    take_crates(tree[at], at, parts);
    if (tree[at].kind == wasm::Kind::module) take_go(tree[at], at, parts);
    take_scripts(tree[at], at, parts);
    take_producers(tree[at], at, parts);
  }
  take_imports(summary, parts);
  SbomPart& root = inventory.parts.front();
  root.purl = make_purl("generic", root.name, root.version, {{"checksum", inventory.digest.text()}});
  return inventory;
}

}  // namespace davit::cli
