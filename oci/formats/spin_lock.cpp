#include "oci/formats/spin_lock.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/toml.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_lock = "spin.lock";
constexpr std::string_view k_toml = "spin.toml";
constexpr std::string_view k_http_export = "wasi:http/incoming-handler";

const Json* member(const Json& json, std::string_view name) { return json.object() == nullptr ? nullptr : json.object()->find(name); }

std::string text_in(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found != nullptr && found->string() != nullptr ? *found->string() : std::string();
}

JsonArray items_in(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found != nullptr && found->array() != nullptr ? *found->array() : JsonArray{};
}

void copy(const Json& from, std::string_view name, JsonObject& to, std::string_view as = "") {
  const Json* found = member(from, name);
  if (found != nullptr) to.set(std::string(as.empty() ? name : as), *found);
}

Json source_of(const Package& package) {
  return JsonObject{{"content_type", std::string(media_type::k_wasm)}, {"digest", package.wasm.blob.digest.text()}};
}

Json files_json(const std::vector<LockedFile>& files) {
  JsonArray out;
  for (const LockedFile& file : files) {
    JsonObject entry;
    if (!file.inline_data.empty()) entry.set("inline", file.inline_data);
    entry.set("digest", file.digest.text());
    entry.set("path", file.path);
    out.push_back(std::move(entry));
  }
  return out;
}

Json environment_json(const std::vector<std::string>& environment) {
  JsonObject out;
  for (const std::string& pair : environment) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    out.set(pair.substr(0, equals), equals < pair.size() ? pair.substr(equals + 1) : "");
  }
  return out;
}

JsonObject without_members(const Json& json, std::initializer_list<std::string_view> names) {
  JsonObject out;
  if (json.object() == nullptr) return out;
  for (const auto& [name, value] : json.object()->members()) {
    if (std::ranges::find(names, name) == names.end()) out.set(name, value);
  }
  return out;
}

// --- from a remembered lock ---------------------------------------------------------------------------------------

Result<Json> component_for(const JsonArray& components, const Digest& wasm) {
  for (const Json& component : components) {
    const Json* source = member(component, "source");
    if (source != nullptr && text_in(*source, "digest") == wasm.text()) return component;
  }
  if (components.size() == 1) return components.front();
  return fail(ErrorCode::unsupported,
              "the locked application has " + std::to_string(components.size()) + " components and none has the digest of this wasm file")
      .hinting("choose the component with --path when converting from the application");
}

// Only what this file is for stays: its component, the triggers that start it.
Result<std::string> from_lock(const std::string& text, const Package& package, const std::vector<LockedFile>& files) {
  auto parsed = parse_json(text, JsonLimits{});
  if (!parsed) return std::move(parsed).error().in(std::string(k_lock));
  JsonObject lock = without_members(*parsed, {});
  TRY_ASSIGN(const Json chosen, component_for(items_in(*parsed, "components"), package.wasm.blob.digest));
  JsonObject component = without_members(chosen, {});
  const Json* source = member(chosen, "source");
  if (source == nullptr || text_in(*source, "digest") != package.wasm.blob.digest.text()) component.set("source", source_of(package));
  if (!files.empty() || member(chosen, "files") != nullptr) component.set("files", files_json(files));
  JsonArray triggers;
  for (const Json& trigger : items_in(*parsed, "triggers")) {
    const Json* config = member(trigger, "trigger_config");
    const std::string name = config == nullptr ? "" : text_in(*config, "component");
    if (name.empty() || name == text_in(chosen, "id")) triggers.push_back(trigger);
  }
  lock.set("triggers", std::move(triggers));
  lock.set("components", JsonArray{std::move(component)});
  // Unchanged, it keeps the bytes of its writer.
  if (write_json_sorted(lock) == write_json_sorted(*parsed)) return text;
  return write_json(lock);
}

// --- from spin.toml -----------------------------------------------------------------------------------------------

// Version 2 of the manifest keeps components in a table; version 1 in a list.
Result<std::pair<std::string, Json>> only_component(const Json& toml) {
  std::vector<std::pair<std::string, Json>> all;
  if (const Json* table = member(toml, "component"); table != nullptr && table->object() != nullptr) {
    for (const auto& [id, component] : table->object()->members()) all.emplace_back(id, component);
  }
  for (const Json& component : items_in(toml, "component")) all.emplace_back(text_in(component, "id"), component);
  if (all.size() == 1) return all.front();
  return fail(ErrorCode::unsupported,
              "spin.toml has " + std::to_string(all.size()) + " components, and one wasm file can be only one of them");
}

JsonArray triggers_of(const Json& toml, const std::string& id, const Json& component) {
  JsonArray out;
  const auto add = [&](const std::string& type, const Json& trigger) {
    JsonObject config = without_members(trigger, {"id"});
    config.set("component", id);
    const std::string own = text_in(trigger, "id");
    out.push_back(JsonObject{{"id", own.empty() ? "trigger--" + id : own}, {"trigger_type", type}, {"trigger_config", std::move(config)}});
  };
  const Json* triggers = member(toml, "trigger");
  if (triggers == nullptr || triggers->object() == nullptr) return out;
  const std::string old_type = text_in(*triggers, "type");
  if (!old_type.empty()) {
    const Json* own = member(component, "trigger");
    add(old_type, own == nullptr ? Json(JsonObject{}) : *own);
    return out;
  }
  for (const auto& [type, list] : triggers->object()->members()) {
    for (const Json& trigger : list.array() == nullptr ? JsonArray{} : *list.array()) {
      if (text_in(trigger, "component") == id) add(type, trigger);
    }
  }
  return out;
}

JsonObject metadata_of(const Json& toml) {
  const Json* application = member(toml, "application");
  const Json& top = application == nullptr ? toml : *application;
  JsonObject out;
  for (const std::string_view name : {"name", "version", "description", "authors"}) copy(top, name, out);
  if (const Json* trigger = member(top, "trigger"); trigger != nullptr && trigger->object() != nullptr) {
    if (text_in(*trigger, "type").empty()) {
      out.set("triggers", *trigger);
    } else {
      out.set("trigger", *trigger);
    }
  }
  return out;
}

Result<std::string> from_toml(const std::string& text, const Package& package, const std::vector<LockedFile>& files) {
  auto parsed = parse_toml(text);
  if (!parsed) return std::move(parsed).error().in(std::string(k_toml));
  auto chosen = only_component(*parsed);
  if (!chosen) return std::move(chosen).error().in(std::string(k_toml));
  const auto& [id, toml] = *chosen;
  JsonObject component{{"id", id}};
  JsonObject metadata = without_members(
      toml, {"id", "source", "environment", "files", "variables", "config", "trigger", "dependencies", "build", "exclude_files"});
  if (!metadata.empty()) component.set("metadata", std::move(metadata));
  component.set("source", source_of(package));
  copy(toml, "environment", component, "env");
  if (!files.empty()) component.set("files", files_json(files));
  copy(toml, "config", component);
  copy(toml, "variables", component, "config");
  JsonObject lock{{"spin_lock_version", 0}, {"metadata", metadata_of(*parsed)}};
  copy(*parsed, "variables", lock);
  lock.set("triggers", triggers_of(*parsed, id, toml));
  lock.set("components", JsonArray{std::move(component)});
  return write_json(lock);
}

// --- from davit's own description ---------------------------------------------------------------------------------

bool serves_http(const WasmFacts& facts) {
  return std::ranges::any_of(facts.world.exports, [](const std::string& name) { return name.starts_with(k_http_export); });
}

// A component that handles requests gets every route; everything else is a command.
std::string from_description(const Package& package, const WasmFacts& facts, const std::vector<LockedFile>& files) {
  const std::string id = oci::name_of(package);
  const bool http = serves_http(facts);
  JsonObject metadata{{"name", id}};
  const Annotations& annotations = package.description.annotations;
  for (const auto& [name, key] :
       {std::pair{"version", "org.opencontainers.image.version"}, {"description", "org.opencontainers.image.description"}}) {
    const auto found = annotations.find(key);
    if (found != annotations.end()) metadata.set(name, found->second);
  }
  if (http) metadata.set("triggers", JsonObject{{"http", JsonObject{{"base", "/"}}}});
  JsonObject trigger{{"component", id}};
  if (http) trigger.set("route", "/...");
  JsonObject component{{"id", id}, {"source", source_of(package)}};
  if (!package.description.environment.empty()) component.set("env", environment_json(package.description.environment));
  if (!files.empty()) component.set("files", files_json(files));
  return write_json(JsonObject{
      {"spin_lock_version", 0},
      {"metadata", std::move(metadata)},
      {"triggers", JsonArray{JsonObject{
                       {"id", "trigger--" + id}, {"trigger_type", http ? "http" : "command"}, {"trigger_config", std::move(trigger)}}}},
      {"components", JsonArray{std::move(component)}},
  });
}

}  // namespace

Result<std::string> make_spin_lock(const Package& package, const WasmFacts& facts, const std::vector<LockedFile>& files) {
  const auto& companions = package.description.companions;
  const auto lock = companions.find(std::string(k_lock));
  if (lock != companions.end()) return from_lock(lock->second, package, files);
  const auto toml = companions.find(std::string(k_toml));
  if (toml != companions.end()) return from_toml(toml->second, package, files);
  return from_description(package, facts, files);
}

PackageDescription said_by_lock(const std::string& lock) {
  PackageDescription out;
  out.companions[std::string(k_lock)] = lock;
  const auto parsed = parse_json(lock, JsonLimits{});
  if (!parsed) return out;
  const JsonArray components = items_in(*parsed, "components");
  const Json* environment = components.empty() ? nullptr : member(components.front(), "env");
  if (environment == nullptr || environment->object() == nullptr) return out;
  for (const auto& [name, value] : environment->object()->members()) {
    if (value.string() != nullptr) out.environment.push_back(name + "=" + *value.string());
  }
  return out;
}

}  // namespace davit::oci
