#include <algorithm>

#include "cli/sbom/documents.hpp"
#include "cli/version.hpp"
#include "manifests/encoding.hpp"
#include "manifests/license.hpp"

namespace davit::cli {
namespace {

std::string_view type_of(const SbomPart& part, bool is_root) {
  switch (part.role) {
    case PartRole::binary: return is_root ? "application" : "file";
    case PartRole::build: return "application";
    case PartRole::library:
    case PartRole::interface: return "library";
  }
  return "library";
}

// `url` must be an IRI reference without blanks.
bool is_reference(const std::string& url) {
  return !url.empty() && std::ranges::none_of(url, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == '\\';
  });
}

Json licenses_of(const SbomPart& part) {
  if (check_license_expression(part.licenses)) return JsonArray{JsonObject{{"expression", part.licenses}}};
  return JsonArray{JsonObject{{"license", JsonObject{{"name", part.licenses}}}}};
}

Json references_of(const SbomPart& part) {
  JsonArray references;
  if (is_reference(part.source)) {
    const std::string_view type = part.role == PartRole::library ? "distribution" : "vcs";
    references.push_back(JsonObject{{"type", type}, {"url", part.source}});
  }
  if (is_reference(part.homepage)) references.push_back(JsonObject{{"type", "website"}, {"url", part.homepage}});
  return references;
}

JsonObject component_json(const SbomPart& part, bool is_root) {
  JsonObject json{{"type", type_of(part, is_root)}, {"bom-ref", part.id}};
  if (!part.authors.empty()) json.set("authors", JsonArray{JsonObject{{"name", part.authors}}});
  json.set("name", part.name);
  if (!part.version.empty()) json.set("version", part.version);
  if (!part.description.empty()) json.set("description", part.description);
  if (part.role == PartRole::build) json.set("scope", "excluded");
  if (part.role == PartRole::interface) json.set("scope", "required");
  if (!part.sha256.empty()) json.set("hashes", JsonArray{JsonObject{{"alg", "SHA-256"}, {"content", part.sha256}}});
  if (!part.licenses.empty()) json.set("licenses", licenses_of(part));
  if (!part.purl.empty()) json.set("purl", part.purl);
  Json references = references_of(part);
  if (!references.array()->empty()) json.set("externalReferences", std::move(references));
  JsonArray properties;
  for (const auto& [name, value] : part.properties) properties.push_back(JsonObject{{"name", name}, {"value", value}});
  if (!properties.empty()) json.set("properties", std::move(properties));
  return json;
}

}  // namespace

std::string make_stable_uuid(std::string_view purpose, const Digest& digest) {
  std::string hex = digest_of(std::string(purpose) + "\n" + digest.text()).hex().substr(0, 32);
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<std::size_t>(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10) & 3U];
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
  return hex;
}

Json make_cyclonedx(const Inventory& inventory, const std::string& time) {
  JsonObject metadata;
  if (!time.empty()) metadata.set("timestamp", time);
  metadata.set("tools",
               JsonObject{{"components", JsonArray{JsonObject{{"type", "application"}, {"name", "davit"}, {"version", k_version}}}}});
  metadata.set("component", component_json(inventory.parts.front(), true));
  JsonArray components;
  JsonArray dependencies;
  for (const SbomPart& part : inventory.parts) {
    if (&part != &inventory.parts.front()) components.push_back(component_json(part, false));
    std::vector<std::string> needs = part.contains;
    needs.insert(needs.end(), part.dependencies.begin(), part.dependencies.end());
    dependencies.push_back(JsonObject{{"ref", part.id}, {"dependsOn", Json::strings(needs)}});
  }
  return JsonObject{{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
                    {"bomFormat", "CycloneDX"},
                    {"specVersion", "1.6"},
                    {"serialNumber", "urn:uuid:" + make_stable_uuid("cyclonedx", inventory.digest)},
                    {"version", 1},
                    {"metadata", std::move(metadata)},
                    {"components", std::move(components)},
                    {"dependencies", std::move(dependencies)}};
}

}  // namespace davit::cli
