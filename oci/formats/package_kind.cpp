#include "oci/formats/package_kind.hpp"

#include <algorithm>
#include <array>

#include "manifests/toml.hpp"
#include "oci/formats/readers.hpp"

namespace davit::oci {
namespace {

constexpr std::uint64_t k_max_text_bytes = std::uint64_t{8} << 20;  // of all documents that are read
// The only names that kind_of asks for; others are not held in memory. Of native programs one stands for all.
constexpr auto k_marks = std::to_array<std::string_view>(
    {"fastly.toml", "main.wasm", "wasmer.toml", "wrangler.toml", "wrangler.json", "wrangler.jsonc", "spin.toml", ".traefik.yml",
     "plugin.yaml", "plugin.wasm", "oci-layout", "index.json", "manifest.json", "claims.jwt", ".manifest", "policy.wasm"});
constexpr std::array<std::string_view, 3> k_telling = {"spin.toml", "wasmer.toml", "fastly.toml"};

std::string base_of(const std::string& name) { return name.substr(name.find_last_of('/') + 1); }

// Documents of Workers; wrangler reads each of them.
constexpr std::array<std::string_view, 3> k_wrangler = {"wrangler.toml", "wrangler.json", "wrangler.jsonc"};

std::string shallowest(const PackageContents& contents, std::string_view base) {
  std::string best;
  for (const auto& [name, text] : contents.texts) {
    if (base_of(name) != base) continue;
    const auto depth = [](const std::string& path) { return std::ranges::count(path, '/'); };
    if (best.empty() || depth(name) < depth(best)) best = name;
  }
  return best;
}

std::string source_in_wasmer(const Json& toml) {
  const auto modules = JsonView(toml).find("module");
  if (!modules || modules->json().array() == nullptr || modules->json().array()->size() != 1) return "";
  const Json* source =
      modules->json().array()->front().object() == nullptr ? nullptr : modules->json().array()->front().object()->find("source");
  return source == nullptr || source->string() == nullptr ? "" : *source->string();
}

std::string source_in_spin(const Json& toml) {
  const auto components = JsonView(toml).find("component");
  const Json* only = nullptr;
  if (components && components->json().array() != nullptr && components->json().array()->size() == 1)
    only = &components->json().array()->front();
  if (components && components->json().object() != nullptr && components->json().object()->members().size() == 1)
    only = &components->json().object()->members().front().second;
  const Json* source = only == nullptr || only->object() == nullptr ? nullptr : only->object()->find("source");
  return source == nullptr || source->string() == nullptr ? "" : *source->string();
}

}  // namespace

Result<PackageContents> look_through(const PackageWalk& walk) {
  PackageContents out;
  std::uint64_t text_bytes = 0;
  TRY(walk(ArchiveLimits{}, [&](const ArchiveEntry& entry, Source& data) -> Result<bool> {
    if (entry.type != EntryType::file) return true;
    const std::string base = base_of(entry.name);
    const bool is_mark = std::ranges::find(k_marks, base) != k_marks.end();
    if (is_mark) out.bases.insert(base);
    else if (base.ends_with(".bin")) out.bases.insert("program.bin");
    if (is_mark && base == entry.name) out.roots.insert(base);
    if (std::ranges::find(k_telling, base) != k_telling.end() && entry.size <= k_max_companion_bytes) {
      TRY_ASSIGN(const Bytes text, read_all(data, k_max_companion_bytes));
      text_bytes += text.size() + entry.name.size();
      if (text_bytes > k_max_text_bytes)
        return fail(ErrorCode::limit, "documents of the package are over the limit of " + std::to_string(k_max_text_bytes) + " bytes");
      out.texts.emplace(entry.name, as_text(text));
    } else if (!out.has_wasm) {
      TRY_ASSIGN(const Bytes head, read_head(data, k_sniff_bytes));
      out.has_wasm = sniff(head) == ByteKind::wasm;
    }
    return true;
  }));
  return out;
}

PackageKind kind_of(const PackageContents& contents) {
  const auto has = [&](std::string_view base) { return contents.bases.contains(std::string(base)); };
  const auto at_root = [&](std::string_view name) { return contents.roots.contains(std::string(name)); };
  if (at_root("oci-layout") && at_root("index.json")) return {.format = "oci-archive", .evidence = "it holds oci-layout and index.json"};
  if (at_root("manifest.json")) return {.format = "docker-archive", .evidence = "it holds manifest.json"};
  const bool has_program = std::ranges::any_of(contents.bases, [](const std::string& base) { return base.ends_with(".bin"); });
  if (at_root("claims.jwt") && has_program) {
    return {.format = "provider-archive",
            .refusal = "this is a wasmCloud provider archive: native programs for several machines and no wasm file",
            .evidence = "it holds claims.jwt and native programs"};
  }
  if (has("fastly.toml") && has("main.wasm"))
    return {.format = "fastly", .evidence = "it holds fastly.toml and main.wasm", .preferred = {"main.wasm"}, .document = "fastly.toml"};
  if (has("wasmer.toml")) return {.format = "wasmer", .evidence = "it holds wasmer.toml", .document = "wasmer.toml"};
  for (const std::string_view name : k_wrangler) {
    if (has(name))
      return {
          .format = "workers", .evidence = "it holds " + std::string(name), .preferred = {"module.wasm"}, .document = std::string(name)};
  }
  if (has("spin.toml")) return {.format = "spin", .evidence = "it holds spin.toml", .document = "spin.toml"};
  if (has(".traefik.yml")) return {.format = "traefik", .evidence = "it holds .traefik.yml", .preferred = {"plugin.wasm"}};
  if (at_root(".manifest") || at_root("policy.wasm"))
    return {.format = "opa-bundle", .evidence = "it holds .manifest or policy.wasm", .preferred = {"policy.wasm"}};
  if (has("plugin.yaml")) return {.format = "helm-plugin", .evidence = "it holds plugin.yaml", .preferred = {"plugin.wasm"}};
  if (has("plugin.wasm")) return {.format = "envoy", .evidence = "it holds plugin.wasm", .preferred = {"plugin.wasm"}};
  if (contents.has_wasm) return {.format = "archive", .evidence = "it holds a wasm file"};
  return {};
}

std::string document_in(const PackageKind& kind, const PackageContents& contents) {
  return kind.document.empty() ? "" : shallowest(contents, kind.document);
}

std::string program_named_in(const PackageKind& kind, const PackageContents& contents) {
  const std::string name = document_in(kind, contents);
  if (name.empty() || (kind.format != "spin" && kind.format != "wasmer")) return "";
  const auto toml = parse_toml(contents.texts.at(name));
  if (!toml) return "";
  const std::string source = kind.format == "spin" ? source_in_spin(*toml) : source_in_wasmer(*toml);
  const auto clean = clean_entry_name(source);
  if (!clean || clean->empty()) return "";
  return name.substr(0, name.size() - base_of(name).size()) + *clean;
}

}  // namespace davit::oci
