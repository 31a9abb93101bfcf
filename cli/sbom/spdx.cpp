#include <algorithm>
#include <set>

#include "cli/sbom/documents.hpp"
#include "cli/version.hpp"
#include "manifests/license.hpp"

namespace davit::cli {
namespace {

constexpr std::string_view k_none = "NOASSERTION";
constexpr std::string_view k_document = "SPDXRef-DOCUMENT";

std::string spdx_id(const std::string& id) { return "SPDXRef-" + id; }

// Names of licences that only this file knows; the document must hold something for each.
std::set<std::string> own_licenses(const std::string& expression) {
  constexpr std::string_view k_prefix = "LicenseRef-";
  std::set<std::string> names;
  std::size_t at = 0;
  while ((at = expression.find(k_prefix, at)) != std::string::npos) {
    const std::size_t end = std::min(expression.find_first_of(" ()+", at), expression.size());
    names.insert(expression.substr(at, end - at));
    at = end;
  }
  return names;
}

// Names of another document mean nothing without it.
bool is_declared(const SbomPart& part) {
  return check_license_expression(part.licenses).has_value() && part.licenses.find("DocumentRef-") == std::string::npos;
}

bool is_web_address(const std::string& url) {
  return (url.starts_with("https://") || url.starts_with("http://")) && url.find_first_of(" \t\r\n\"<>\\") == std::string::npos;
}

std::string_view purpose_of(PartRole role, bool is_root) {
  switch (role) {
    case PartRole::binary: return is_root ? "APPLICATION" : "FILE";
    case PartRole::build: return "APPLICATION";
    case PartRole::library:
    case PartRole::interface: return "LIBRARY";
  }
  return "OTHER";
}

Json package_json(const SbomPart& part, bool is_root) {
  JsonObject json{{"SPDXID", spdx_id(part.id)}, {"name", part.name}};
  if (!part.version.empty()) json.set("versionInfo", part.version);
  json.set("downloadLocation", part.role == PartRole::library && is_web_address(part.source) ? std::string_view(part.source) : k_none);
  json.set("filesAnalyzed", false);
  if (is_web_address(part.homepage)) json.set("homepage", part.homepage);
  if (!part.sha256.empty()) json.set("checksums", JsonArray{JsonObject{{"algorithm", "SHA256"}, {"checksumValue", part.sha256}}});
  if (!part.description.empty()) json.set("description", part.description);
  json.set("licenseConcluded", k_none);
  json.set("licenseDeclared", is_declared(part) ? std::string_view(part.licenses) : k_none);
  if (!part.licenses.empty() && !is_declared(part)) json.set("licenseComments", "the file says: " + part.licenses);
  json.set("copyrightText", k_none);
  json.set("primaryPackagePurpose", purpose_of(part.role, is_root));
  if (!part.purl.empty()) {
    json.set("externalRefs",
             JsonArray{JsonObject{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", part.purl}}});
  }
  std::string comment;
  if (!part.authors.empty()) comment = "authors=" + part.authors;
  if (!part.source.empty() && part.role == PartRole::binary) comment += (comment.empty() ? "" : "\n") + ("source=" + part.source);
  for (const auto& [name, value] : part.properties) comment += (comment.empty() ? "" : "\n") + (name + "=" + value);
  if (!comment.empty()) json.set("comment", comment);
  return json;
}

Json relation(std::string_view from, std::string_view type, std::string_view to) {
  return JsonObject{{"spdxElementId", from}, {"relationshipType", type}, {"relatedSpdxElement", to}};
}

}  // namespace

Json make_spdx(const Inventory& inventory, const std::string& time) {
  std::map<std::string_view, const SbomPart*> by_id;
  for (const SbomPart& part : inventory.parts) by_id.emplace(part.id, &part);
  JsonArray packages;
  JsonArray relations{relation(k_document, "DESCRIBES", spdx_id(inventory.parts.front().id))};
  std::set<std::string> own;
  for (const SbomPart& part : inventory.parts) {
    const std::string id = spdx_id(part.id);
    packages.push_back(package_json(part, &part == &inventory.parts.front()));
    if (is_declared(part)) own.merge(own_licenses(part.licenses));
    for (const std::string& other : part.contains) relations.push_back(relation(id, "CONTAINS", spdx_id(other)));
    for (const std::string& other : part.dependencies) {
      const bool built_with = by_id.at(other)->role == PartRole::build;
      relations.push_back(built_with ? relation(spdx_id(other), "BUILD_DEPENDENCY_OF", id) : relation(id, "DEPENDS_ON", spdx_id(other)));
    }
  }
  const SbomPart& root = inventory.parts.front();
  JsonObject document{{"spdxVersion", "SPDX-2.3"},
                      {"dataLicense", "CC0-1.0"},
                      {"SPDXID", k_document},
                      {"name", root.name},
                      {"documentNamespace", "urn:uuid:" + make_stable_uuid("spdx", inventory.digest)},
                      {"creationInfo", JsonObject{{"created", time}, {"creators", JsonArray{"Tool: davit-" + std::string(k_version)}}}},
                      {"documentDescribes", JsonArray{spdx_id(root.id)}},
                      {"packages", std::move(packages)},
                      {"relationships", std::move(relations)}};
  JsonArray extracted;
  for (const std::string& name : own)
    extracted.push_back(
        JsonObject{{"licenseId", name}, {"name", name}, {"extractedText", "The file names this licence and does not hold its text."}});
  if (!extracted.empty()) document.set("hasExtractedLicensingInfos", std::move(extracted));
  return document;
}

}  // namespace davit::cli
