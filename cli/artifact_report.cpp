#include "cli/artifact_report.hpp"

#include <algorithm>

#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

Json texts_json(const std::vector<std::string>& texts) {
  JsonArray out;
  for (const std::string& text : texts) out.push_back(text);
  return out;
}

Json descriptors_json(const std::vector<Descriptor>& descriptors) {
  JsonArray out;
  for (const Descriptor& descriptor : descriptors) out.push_back(to_json(descriptor));
  return out;
}

bool is_note(const Descriptor& entry) {
  return entry.annotations.contains("vnd.docker.reference.type") || (entry.platform && entry.platform->os == "unknown");
}

Json index_json(const IndexReport& report) {
  JsonArray entries;
  for (const Descriptor& entry : report.index.manifests) {
    Json json = to_json(entry);
    auto& members = std::get<JsonObject>(json.value());
    members.set("chosen", report.chosen == entry.digest);
    members.set("attestation", is_note(entry));
    entries.push_back(std::move(json));
  }
  return JsonObject{{"digest", report.descriptor.digest.text()},
                    {"mediaType", report.descriptor.media_type},
                    {"annotations", to_json(report.index.annotations)},
                    {"entries", std::move(entries)}};
}

// What the reader found, which may be more than the manifest tells: `plugin.wasm` shows only in the layers.
std::string format_of(const ArtifactReport& report) { return report.package ? report.package->from : report.detection->format; }
std::string variant_of(const ArtifactReport& report) { return report.package ? report.package->variant : report.detection->variant; }

std::string line(std::string_view name, const std::string& value) { return std::string(name) + " " + printable(value, 1000) + "\n"; }

std::string index_text(const IndexReport& report) {
  std::string out = line("index", report.descriptor.digest.text());
  for (const Descriptor& entry : report.index.manifests) {
    const std::string platform = entry.platform ? entry.platform->os + "/" + entry.platform->architecture : "no platform";
    const std::string mark = report.chosen == entry.digest ? " (shown below)" : is_note(entry) ? " (attestation)" : "";
    out += "  " + entry.digest.text() + " " + printable(platform) + mark + "\n";
  }
  return out;
}

std::string manifest_text(const oci::RawManifest& raw) {
  const auto manifest = oci::parse_packaging(raw);
  if (!manifest) return "";
  std::string out = line("artifactType", artifact_type_of(Manifest(*manifest)));
  for (const Descriptor& layer : manifest->layers) out += "layer " + layer.digest.text() + " " + printable(layer.media_type) + "\n";
  return out;
}

std::string list_text(std::string_view name, const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += line(name, value);
  return out;
}

std::string words_text(std::string_view name, const std::optional<std::vector<std::string>>& words) {
  if (!words) return "";
  std::string text;
  for (const std::string& word : *words) text += (text.empty() ? "" : " ") + word;
  return line(name, text);
}

std::string package_text(const PackageDescription& description) {
  std::string out;
  if (!description.title.empty()) out += line("title", description.title);
  if (!description.path.empty()) out += line("path", "/" + description.path);
  out += words_text("entrypoint", description.entrypoint) + words_text("command", description.command);
  out += list_text("environment", description.environment);
  if (!description.working_folder.empty()) out += line("working-folder", description.working_folder);
  if (!description.user.empty()) out += line("user", description.user);
  out += list_text("port", description.ports) + list_text("volume", description.volumes);
  for (const auto& [name, value] : description.labels) out += line("label", name + "=" + value);
  if (description.platform) out += line("platform", description.platform->os + "/" + description.platform->architecture);
  for (const auto& [name, text] : description.companions) out += line("companion", name + ", " + human_size(text.size()));
  return out;
}

}  // namespace

Result<JsonObject> artifact_json(const ArtifactReport& report) {
  JsonObject out{{"reference", report.reference}};
  if (!report.indexes.empty()) {
    JsonArray indexes;
    for (const IndexReport& index : report.indexes) indexes.push_back(index_json(index));
    out.set("indexes", std::move(indexes));
  }
  if (!report.detection) return out;
  if (report.manifest) out.set("digest", report.manifest->descriptor.digest.text());
  out.set("format", format_of(report));
  out.set("variant", variant_of(report));
  out.set("holdsWasm", report.package.has_value());
  if (!report.detection->refusal.empty() && !report.package) out.set("refusal", report.detection->refusal);
  out.set("evidence", texts_json(report.detection->evidence));
  out.set("oddities", texts_json(report.detection->oddities));
  if (report.manifest) {
    TRY_ASSIGN(const ImageManifest manifest, oci::parse_packaging(*report.manifest));
    out.set("mediaType", report.manifest->descriptor.media_type);
    out.set("artifactType", artifact_type_of(Manifest(manifest)));
    out.set("config", to_json(manifest.config));
    out.set("layers", descriptors_json(manifest.layers));
    out.set("annotations", to_json(manifest.annotations));
  }
  if (report.package) out.set("package", to_json(report.package->description));
  if (report.manifest) out.set("referrers", descriptors_json(report.referrers));
  return out;
}

std::string artifact_text(const ArtifactReport& report, bool verbose) {
  std::string out = line("reference", report.reference);
  for (const IndexReport& index : report.indexes) out += index_text(index);
  if (!report.detection) return out;
  if (report.manifest) out += line("digest", report.manifest->descriptor.digest.text());
  const std::string variant = variant_of(report);
  out += line("format", format_of(report) + (variant.empty() ? "" : " (" + variant + ")"));
  if (verbose) out += list_text("evidence", report.detection->evidence) + list_text("oddity", report.detection->oddities);
  if (report.manifest) out += manifest_text(*report.manifest);
  if (report.package) out += package_text(report.package->description);
  if (report.manifest) out += "referrers " + std::to_string(report.referrers.size()) + "\n";
  for (const Descriptor& referrer : report.referrers) out += "  " + referrer.digest.text() + " " + printable(referrer.artifact_type) + "\n";
  return out + "\n";
}

}  // namespace davit::cli
