#include "oci/formats/image_document.hpp"

namespace davit::oci {
namespace {

void set_text(JsonObject& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out.set(std::string(name), text);
}

// `{"8080/tcp": {}}`
void set_names(JsonObject& out, std::string_view name, const std::vector<std::string>& names) {
  JsonObject members;
  for (const std::string& each : names) members.set(each, JsonObject{});
  if (!members.empty()) out.set(std::string(name), std::move(members));
}

JsonObject inner_document(const PackageDescription& description) {
  JsonObject out;
  set_text(out, "User", description.user);
  set_names(out, "ExposedPorts", description.ports);
  if (!description.environment.empty()) out.set("Env", Json::strings(description.environment));
  if (description.entrypoint) out.set("Entrypoint", Json::strings(*description.entrypoint));
  if (description.command) out.set("Cmd", Json::strings(*description.command));
  set_names(out, "Volumes", description.volumes);
  set_text(out, "WorkingDir", description.working_folder);
  if (!description.labels.empty()) out.set("Labels", to_json(description.labels));
  return out;
}

}  // namespace

JsonObject image_document(const PackageDescription& description, const std::vector<Digest>& diff_ids) {
  JsonObject out;
  set_text(out, "created", description.created);
  set_text(out, "author", description.author);
  if (const auto& platform = description.platform) {
    out.set("architecture", platform->architecture);
    out.set("os", platform->os);
    set_text(out, "variant", platform->variant);
  }
  JsonObject inner = inner_document(description);
  for (const auto& [name, value] : description.other_config.members()) {
    if (name != "config") {
      out.set(name, value);
    } else if (const JsonObject* more = value.object()) {
      for (const auto& [key, item] : more->members()) inner.set(key, item);
    }
  }
  out.set("config", std::move(inner));
  JsonArray ids;
  for (const Digest& id : diff_ids) ids.push_back(id.text());
  out.set("rootfs", JsonObject{{"type", "layers"}, {"diff_ids", std::move(ids)}});
  if (!description.history.empty()) out.set("history", description.history);
  return out;
}

}  // namespace davit::oci
