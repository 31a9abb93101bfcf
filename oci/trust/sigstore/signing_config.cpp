#include "oci/trust/sigstore/signing_config.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "manifests/time_text.hpp"
#include "oci/trust/protobuf_json.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_media_type = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
constexpr std::string_view k_client_config = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
constexpr std::size_t k_max_config_bytes = std::size_t{1} << 20;

Result<std::string> text_field(const JsonView& object, std::string_view name) {
  const auto field = object.find(name);
  return field ? field->as_string() : Result<std::string>(std::string());
}

Result<std::int64_t> time_field(const JsonView& field) {
  TRY_ASSIGN(const std::string text, field.as_string());
  auto time = parse_time(text);
  if (!time) return field.complaint(time.error().message);
  return *time;
}

Result<Service> parse_service(const JsonView& json) {
  TRY(json.refuse_unknown({"url", "majorApiVersion", "validFor", "operator"}));
  Service service;
  TRY_ASSIGN(const JsonView url, json.field("url"));
  TRY_ASSIGN(service.url, url.as_string());
  TRY_ASSIGN(service.major_version, protobuf_unsigned(json, "majorApiVersion"));
  TRY_ASSIGN(service.operator_name, text_field(json, "operator"));
  TRY_ASSIGN(const JsonView window, json.field("validFor"));
  TRY(window.refuse_unknown({"start", "end"}));
  TRY_ASSIGN(const JsonView start, window.field("start"));
  TRY_ASSIGN(service.valid.start, time_field(start));
  if (const auto end = window.find("end")) {
    TRY_ASSIGN(service.valid.end, time_field(*end));
  }
  return service;
}

Result<std::vector<Service>> parse_services(const JsonView& json, std::string_view name) {
  std::vector<Service> out;
  const auto list = json.find(name);
  if (!list) return out;
  TRY_ASSIGN(const auto items, list->as_items());
  if (items.size() > k_max_services) return fail(ErrorCode::limit, "a signing configuration names too many services");
  for (const JsonView& item : items) {
    TRY_ASSIGN(Service service, parse_service(item));
    out.push_back(std::move(service));
  }
  return out;
}

Result<ServiceList> parse_list(const JsonView& json, std::string_view urls, std::string_view config) {
  ServiceList list;
  TRY_ASSIGN(list.services, parse_services(json, urls));
  const auto rules = json.find(config);
  if (!rules) return list;
  TRY(rules->refuse_unknown({"selector", "count"}));
  TRY_ASSIGN(const std::string selector, text_field(*rules, "selector"));
  if (selector == "ALL") {
    list.selector = ServiceSelector::all;
  } else if (selector == "EXACT") {
    list.selector = ServiceSelector::exact;
    TRY_ASSIGN(const std::uint64_t count, protobuf_unsigned(*rules, "count"));
    if (count == 0 || count > k_max_services) return rules->complaint("asks for an impossible number of services");
    list.count = count;
  } else if (!selector.empty() && selector != "ANY") {
    return fail(ErrorCode::unsupported, "the selector \"" + printable(selector) + "\" is not known");
  }
  return list;
}

}  // namespace

Result<SigningConfig> SigningConfig::parse(std::string_view text) {
  TRY_ASSIGN(const Json json, parse_json(text, JsonLimits{.size_bytes = k_max_config_bytes, .depth = 32}));
  JsonView view(json);
  TRY_ASSIGN(std::string type, text_field(view, "mediaType"));
  if (type == k_client_config) {
    TRY_ASSIGN(view, view.field("signingConfig"));
    TRY_ASSIGN(type, text_field(view, "mediaType"));
  }
  if (type != k_media_type)
    return fail(ErrorCode::unsupported, "\"" + printable(type) + "\" is not the media type of a signing configuration that davit knows");
  TRY(view.refuse_unknown({"mediaType", "caUrls", "oidcUrls", "rekorTlogUrls", "tsaUrls", "rekorTlogConfig", "tsaConfig"}));
  SigningConfig config;
  TRY_ASSIGN(config.authorities, parse_services(view, "caUrls"));
  TRY_ASSIGN(config.token_issuers, parse_services(view, "oidcUrls"));
  TRY_ASSIGN(config.logs, parse_list(view, "rekorTlogUrls", "rekorTlogConfig"));
  TRY_ASSIGN(config.timestamp_authorities, parse_list(view, "tsaUrls", "tsaConfig"));
  return config;
}

Result<std::vector<Service>> choose_services(const ServiceList& list, std::initializer_list<std::uint64_t> versions, std::int64_t now) {
  std::vector<Service> usable;
  std::ranges::copy_if(list.services, std::back_inserter(usable),
                       [&](const Service& one) { return std::ranges::count(versions, one.major_version) != 0 && one.valid.holds(now); });
  if (usable.empty() && list.services.empty()) return usable;
  std::ranges::stable_sort(usable, [](const Service& a, const Service& b) {
    return a.valid.start != b.valid.start ? a.valid.start > b.valid.start : a.major_version > b.major_version;
  });
  std::set<std::string> operators;
  std::vector<Service> chosen;
  for (const Service& one : usable)
    if (operators.insert(one.operator_name.empty() ? one.url : one.operator_name).second) chosen.push_back(one);
  const std::size_t wanted = list.selector == ServiceSelector::exact ? list.count : 1;
  if (chosen.size() < wanted) {
    return fail(ErrorCode::unsupported, "the signing configuration asks for " + std::to_string(wanted) + " services, and " +
                                            std::to_string(chosen.size()) + " can be used now");
  }
  if (list.selector != ServiceSelector::all) chosen.resize(wanted);
  return chosen;
}

}  // namespace davit::oci
