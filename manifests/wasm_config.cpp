#include "manifests/wasm_config.hpp"

#include "manifests/json.hpp"

namespace davit {
namespace {

constexpr JsonLimits k_limits{.size_bytes = std::size_t{4} << 20, .depth = 16};

Result<std::optional<std::string>> nullable_text(const JsonView& json, std::string_view name) {
  const auto member = json.find(name);
  if (!member) return std::optional<std::string>();
  TRY_ASSIGN(auto text, member->as_string());
  return std::optional<std::string>(std::move(text));
}

Result<std::vector<std::string>> texts(const JsonView& json, std::string_view name) {
  TRY_ASSIGN(const auto member, json.field(name));
  return member.as_strings();
}

Result<std::vector<Digest>> parse_layer_digests(const JsonView& json) {
  const auto early = json.find("layer_digests");
  TRY_ASSIGN(const auto names, early ? early->as_strings() : texts(json, "layerDigests"));
  std::vector<Digest> out;
  for (const std::string& name : names) {
    auto digest = Digest::parse(name);
    if (!digest) return std::move(digest).error().in("JSON pointer /layerDigests");
    out.push_back(*std::move(digest));
  }
  return out;
}

Result<WasmWorld> parse_world(const JsonView& json) {
  TRY_ASSIGN(auto exports, texts(json, "exports"));
  TRY_ASSIGN(auto imports, texts(json, "imports"));
  TRY_ASSIGN(auto target, nullable_text(json, "target"));
  return WasmWorld{.exports = std::move(exports), .imports = std::move(imports), .target = std::move(target)};
}

Json nullable(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

}  // namespace

Result<WasmConfig> parse_wasm_config(ByteView bytes) {
  TRY_ASSIGN(const Json json, parse_json(as_text(bytes), k_limits));
  const JsonView view(json);
  WasmConfig out;
  TRY_ASSIGN(const auto created, nullable_text(view, "created"));
  out.created = created.value_or("");
  TRY_ASSIGN(out.author, nullable_text(view, "author"));
  TRY_ASSIGN(const auto architecture, view.field("architecture"));
  TRY_ASSIGN(out.architecture, architecture.as_string());
  TRY_ASSIGN(const auto os, view.field("os"));
  TRY_ASSIGN(out.os, os.as_string());
  TRY_ASSIGN(out.layer_digests, parse_layer_digests(view));
  if (const auto component = view.find("component")) {
    TRY_ASSIGN(out.component, parse_world(*component));
  }
  return out;
}

std::string write_wasm_config(const WasmConfig& config) {
  JsonArray digests;
  for (const Digest& digest : config.layer_digests) digests.emplace_back(digest.text());
  JsonObject out{{"created", config.created},
                 {"author", nullable(config.author)},
                 {"architecture", config.architecture},
                 {"os", config.os},
                 {"layerDigests", std::move(digests)}};
  if (config.component) {
    out.set("component", JsonObject{{"exports", Json::strings(config.component->exports)},
                                    {"imports", Json::strings(config.component->imports)},
                                    {"target", nullable(config.component->target)}});
  } else {
    out.set("component", nullptr);
  }
  return write_json(out);
}

}  // namespace davit
