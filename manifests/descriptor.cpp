#include "manifests/descriptor.hpp"

#include "manifests/encoding.hpp"

namespace davit {
namespace {

Result<std::string> optional_string(const JsonView& json, std::string_view name) {
  const auto member = json.find(name);
  if (!member) return std::string();
  return member->as_string();
}

Json to_json(const Platform& platform) {
  JsonObject out{{"architecture", platform.architecture}, {"os", platform.os}};
  if (!platform.os_version.empty()) out.set("os.version", platform.os_version);
  if (!platform.os_features.empty()) out.set("os.features", Json::strings(platform.os_features));
  if (!platform.variant.empty()) out.set("variant", platform.variant);
  return out;
}

}  // namespace

Result<Platform> parse_platform(const JsonView& json) {
  TRY_ASSIGN(auto architecture, optional_string(json, "architecture"));
  TRY_ASSIGN(auto os, optional_string(json, "os"));
  TRY_ASSIGN(auto variant, optional_string(json, "variant"));
  TRY_ASSIGN(auto version, optional_string(json, "os.version"));
  Platform out{
      .architecture = std::move(architecture), .os = std::move(os), .variant = std::move(variant), .os_version = std::move(version)};
  if (const auto features = json.find("os.features")) {
    TRY_ASSIGN(out.os_features, features->as_strings());
  }
  return out;
}

Result<Platform> parse_platform_words(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t second = first == std::string_view::npos ? first : text.find('/', first + 1);
  Platform out{.architecture = "", .os = std::string(text.substr(0, first))};
  if (first != std::string_view::npos)
    out.architecture = text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  if (second != std::string_view::npos) out.variant = text.substr(second + 1);
  const bool whole = !out.os.empty() && !out.architecture.empty() && (second == std::string_view::npos || !out.variant.empty());
  if (whole && out.variant.find('/') == std::string::npos) return out;
  return fail(ErrorCode::usage, "\"" + printable(text) + "\" is not OS/ARCH[/VARIANT]");
}

std::string to_text(const Platform& platform) {
  return platform.os + "/" + platform.architecture + (platform.variant.empty() ? "" : "/" + platform.variant);
}

Result<Descriptor> parse_descriptor(const JsonView& json) {
  TRY_ASSIGN(const auto media_type_view, json.field("mediaType"));
  TRY_ASSIGN(auto media_type, media_type_view.as_string());
  TRY_ASSIGN(const auto digest_view, json.field("digest"));
  TRY_ASSIGN(const auto digest_text, digest_view.as_string());
  auto digest = Digest::parse(digest_text);
  if (!digest) return std::move(digest).error().in("JSON pointer " + digest_view.pointer());
  TRY_ASSIGN(const auto size_view, json.field("size"));
  TRY_ASSIGN(const auto size, size_view.as_unsigned());
  Descriptor out{.media_type = std::move(media_type), .digest = *std::move(digest), .size = size};
  TRY_ASSIGN(out.artifact_type, optional_string(json, "artifactType"));
  TRY_ASSIGN(out.annotations, parse_annotations(json.find("annotations")));
  TRY_ASSIGN(out.data, optional_string(json, "data"));
  if (const auto platform = json.find("platform")) {
    TRY_ASSIGN(out.platform, parse_platform(*platform));
  }
  if (const auto urls = json.find("urls")) {
    TRY_ASSIGN(out.urls, urls->as_strings());
  }
  return out;
}

Json to_json(const Descriptor& descriptor) {
  JsonObject out{{"mediaType", descriptor.media_type}, {"digest", descriptor.digest.text()}, {"size", descriptor.size}};
  if (!descriptor.urls.empty()) out.set("urls", Json::strings(descriptor.urls));
  if (!descriptor.annotations.empty()) out.set("annotations", to_json(descriptor.annotations));
  if (!descriptor.data.empty()) out.set("data", descriptor.data);
  if (descriptor.platform) out.set("platform", to_json(*descriptor.platform));
  if (!descriptor.artifact_type.empty()) out.set("artifactType", descriptor.artifact_type);
  return out;
}

Result<Annotations> parse_annotations(const std::optional<JsonView>& json) {
  Annotations out;
  if (!json) return out;
  TRY_ASSIGN(const auto members, json->as_members());
  for (const auto& [name, value] : members) {
    TRY_ASSIGN(auto text, value.as_string());
    out.emplace(name, std::move(text));
  }
  return out;
}

Json to_json(const Annotations& annotations) {
  JsonObject out;
  for (const auto& [name, value] : annotations) out.set(name, value);
  return out;
}

Descriptor describe(ByteView bytes, std::string_view media_type) {
  return {.media_type = std::string(media_type), .digest = digest_of(bytes), .size = bytes.size()};
}

}  // namespace davit
