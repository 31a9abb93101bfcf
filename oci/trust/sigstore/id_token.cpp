#include "oci/trust/sigstore/id_token.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/crypto/random.hpp"
#include "oci/trust/sigstore/service_client.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_audience = "sigstore";
constexpr std::string_view k_form = "application/x-www-form-urlencoded";
constexpr std::string_view k_device_grant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::string_view k_buildkite = "https://agent.buildkite.com/v3";
constexpr std::string_view k_google_path = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=sigstore&format=full";
constexpr std::string_view k_google = "Google";
constexpr std::size_t k_verifier_bytes = 32;
constexpr std::uint64_t k_least_interval = 1;
constexpr std::uint64_t k_longest_interval = 60;

Error no_token(std::string why) { return fail(ErrorCode::malformed, "the identity token " + std::move(why)); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

Result<std::string> text_field(const JsonView& json, std::string_view name) {
  const auto field = json.find(name);
  return field ? field->as_string() : Result<std::string>(std::string());
}

SecretBytes with_prefix(std::string_view prefix, std::string_view secret) {
  Bytes out = to_bytes(prefix);
  const ByteView tail = as_bytes(secret);
  out.insert(out.end(), tail.begin(), tail.end());
  return SecretBytes(std::move(out));
}

// The member of a JSON answer that holds a token; the answer is wiped.
Result<IdToken> token_in(ServiceAnswer& answer, std::string_view name) {
  const SecretBytes body(std::move(answer.body));
  TRY_ASSIGN(Json json, parse_json(as_text(body.view()), JsonLimits{.size_bytes = k_max_service_answer_bytes, .depth = 8}));
  TRY_ASSIGN(std::string text, text_field(JsonView(json), name));
  SecretBytes secret(to_bytes(text));
  wipe_text(text);
  if (auto* member = std::get_if<JsonObject>(&json.value())) member->set(std::string(name), nullptr);
  return IdToken::parse(std::move(secret));
}

Result<IdToken> ask_github(Transport& transport, const AmbientTokens& ambient) {
  const SecretBytes authorization = with_prefix("bearer ", ambient.github_token);
  const ServiceQuestion question{
      .method = "GET", .url = with_query(ambient.github_url, "audience", k_audience), .authorization = &authorization};
  TRY_ASSIGN(ServiceAnswer answer, ask_service(transport, question));
  if (answer.status != 200) return service_refusal("the token service of GitHub Actions", question, answer);
  return token_in(answer, "value");
}

Result<IdToken> ask_buildkite(Transport& transport, const AmbientTokens& ambient) {
  const SecretBytes authorization = with_prefix("Token ", ambient.buildkite_token);
  const std::string base = ambient.buildkite_endpoint.empty() ? std::string(k_buildkite) : ambient.buildkite_endpoint;
  const ServiceQuestion question{.url = service_url(base, "/jobs/" + encode_percent(ambient.buildkite_job) + "/oidc/tokens"),
                                 .content_type = "application/json",
                                 .body = to_bytes(write_json(JsonObject{{"audience", k_audience}})),
                                 .authorization = &authorization};
  TRY_ASSIGN(ServiceAnswer answer, ask_service(transport, question));
  if (answer.status != 200 && answer.status != 201) return service_refusal("the token service of Buildkite", question, answer);
  return token_in(answer, "token");
}

// The answer is the token itself. A machine without a service account offers none.
Result<std::optional<IdToken>> ask_google(Transport& transport, const AmbientTokens& ambient) {
  const ServiceQuestion question{.method = "GET",
                                 .url = service_url("http://" + ambient.google_host, k_google_path),
                                 .accept = "*/*",
                                 .header = {"Metadata-Flavor", std::string(k_google)},
                                 .from_machine = true};
  TRY_ASSIGN(ServiceAnswer answer, ask_service(transport, question));
  if (answer.status == 404 && answer.flavor == k_google) return std::optional<IdToken>{};
  if (answer.status != 200) return service_refusal("Google's metadata server", question, answer);
  SecretBytes body(std::move(answer.body));
  if (answer.flavor != k_google) return fail(ErrorCode::registry, printable(ambient.google_host) + " is no metadata server of Google");
  TRY_ASSIGN(IdToken token, IdToken::parse(std::move(body)));
  return std::optional(std::move(token));
}

struct Endpoints {
  std::string device;
  std::string token;
};

Result<Endpoints> discover(Transport& transport, const std::string& issuer) {
  const ServiceQuestion question{.method = "GET", .url = service_url(issuer, "/.well-known/openid-configuration")};
  TRY_ASSIGN(const ServiceAnswer answer, ask_service(transport, question));
  if (answer.status != 200) return service_refusal("the identity provider", question, answer);
  TRY_ASSIGN(const Json json, parse_json(as_text(answer.body), JsonLimits{.size_bytes = k_max_service_answer_bytes, .depth = 16}));
  Endpoints out;
  TRY_ASSIGN(out.device, text_field(JsonView(json), "device_authorization_endpoint"));
  TRY_ASSIGN(out.token, text_field(JsonView(json), "token_endpoint"));
  if (out.device.empty() || out.token.empty())
    return fail(ErrorCode::unsupported, "the identity provider " + printable(issuer) + " offers no device flow");
  return out;
}

Result<ServiceAnswer> post_form(Transport& transport, const std::string& url,
                                const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields) body += (body.empty() ? "" : "&") + name + "=" + encode_percent(value);
  return ask_service(transport, {.url = url, .content_type = std::string(k_form), .body = to_bytes(body)});
}

// What a device was given, and the secret (RFC 7636, S256) that shows it to be the one that asked for it.
struct DeviceGrant {
  std::string device_code;
  std::string verifier;
};

// Polls until the user has decided. `pending` and `slow_down` are the only answers that mean "ask again".
Result<IdToken> poll(Transport& transport, const DeviceFlow& flow, const std::string& token_url, const DeviceGrant& grant,
                     std::uint64_t interval) {
  std::chrono::seconds waited{0};
  while (waited < flow.longest) {
    const std::chrono::seconds pause(interval);
    flow.wait(pause);
    waited += pause;
    TRY_ASSIGN(ServiceAnswer answer, post_form(transport, token_url,
                                               {{"grant_type", std::string(k_device_grant)},
                                                {"device_code", grant.device_code},
                                                {"client_id", flow.client_id},
                                                {"code_verifier", grant.verifier}}));
    if (answer.status == 200) return token_in(answer, "id_token");
    const auto json = parse_json(as_text(answer.body), JsonLimits{.size_bytes = k_max_service_answer_bytes, .depth = 8});
    const auto error = json ? text_field(JsonView(*json), "error") : Result<std::string>(std::string());
    if (error && *error == "slow_down") interval = std::min(interval + 5, k_longest_interval);
    if (!error || (*error != "authorization_pending" && *error != "slow_down"))
      return fail(ErrorCode::denied, "the identity provider gave no token: " + printable(error ? *error : "no reason"));
  }
  return fail(ErrorCode::denied, "nobody allowed the signature in time").hinting("sign again and open the page that is named");
}

}  // namespace

Result<IdToken> IdToken::parse(SecretBytes text) {
  const std::string_view jwt = trimmed(as_text(text.view()));
  if (jwt.empty() || jwt.size() > k_max_token_bytes) return no_token("is empty or too long");
  const std::size_t first = jwt.find('.');
  const std::size_t second = first == std::string_view::npos ? first : jwt.find('.', first + 1);
  if (second == std::string_view::npos || jwt.find('.', second + 1) != std::string_view::npos) return no_token("does not have three parts");
  auto claims = decode_base64url(jwt.substr(first + 1, second - first - 1));
  if (!claims) return no_token("holds something other than base64url");
  const SecretBytes payload(*std::move(claims));
  const auto json = parse_json(as_text(payload.view()), JsonLimits{.size_bytes = k_max_token_bytes, .depth = 16});
  if (!json) return no_token("holds no JSON");
  const JsonView view(*json);
  TRY_ASSIGN(std::string subject, text_field(view, "sub"));
  TRY_ASSIGN(std::string issuer, text_field(view, "iss"));
  TRY_ASSIGN(std::string email, text_field(view, "email"));
  if (!email.empty()) {
    if (const auto field = view.find("email_verified")) {
      const auto verified = field->as_bool();
      if (!verified || !*verified) return fail(ErrorCode::untrusted, "the identity token names an email address that is not verified");
    }
    subject = std::move(email);
  }
  if (subject.empty()) return no_token("names nobody");
  return IdToken(SecretBytes(to_bytes(jwt)), std::move(subject), std::move(issuer));
}

Result<std::optional<IdToken>> find_ambient_token(Transport& transport, const AmbientTokens& ambient) {
  if (!ambient.github_url.empty() && !ambient.github_token.empty()) {
    TRY_ASSIGN(IdToken token, ask_github(transport, ambient));
    return std::optional(std::move(token));
  }
  if (!ambient.plain.empty()) {
    TRY_ASSIGN(IdToken token, IdToken::parse(SecretBytes(to_bytes(ambient.plain))));
    return std::optional(std::move(token));
  }
  if (!ambient.file.empty()) {
    auto content = read_file(ambient.file, k_max_token_bytes);
    if (content) {
      TRY_ASSIGN(IdToken token, IdToken::parse(SecretBytes(*std::move(content))));
      return std::optional(std::move(token));
    }
    if (content.error().code != ErrorCode::not_found) return std::move(content).error();
  }
  if (!ambient.buildkite_token.empty() && !ambient.buildkite_job.empty()) {
    TRY_ASSIGN(IdToken token, ask_buildkite(transport, ambient));
    return std::optional(std::move(token));
  }
  if (!ambient.google_host.empty()) return ask_google(transport, ambient);
  return std::optional<IdToken>{};
}

Result<IdToken> ask_by_device_flow(Transport& transport, const DeviceFlow& flow) {
  TRY_ASSIGN(const Endpoints endpoints, discover(transport, flow.issuer));
  DeviceGrant grant{.verifier = encode_base64url(random_bytes(k_verifier_bytes))};
  TRY_ASSIGN(const ServiceAnswer answer, post_form(transport, endpoints.device,
                                                   {{"client_id", flow.client_id},
                                                    {"scope", "openid email"},
                                                    {"code_challenge", encode_base64url(davit::digest_of(as_bytes(grant.verifier)).raw())},
                                                    {"code_challenge_method", "S256"}}));
  if (answer.status != 200) return service_refusal("the identity provider", {.url = endpoints.device}, answer);
  TRY_ASSIGN(const Json json, parse_json(as_text(answer.body), JsonLimits{.size_bytes = k_max_service_answer_bytes, .depth = 8}));
  const JsonView view(json);
  TRY_ASSIGN(grant.device_code, text_field(view, "device_code"));
  TRY_ASSIGN(const std::string user_code, text_field(view, "user_code"));
  TRY_ASSIGN(const std::string page, text_field(view, "verification_uri"));
  if (grant.device_code.empty() || user_code.empty() || page.empty())
    return fail(ErrorCode::registry, "the identity provider's answer names no page or no code");
  std::uint64_t interval = 5;
  if (const auto field = view.find("interval")) {
    TRY_ASSIGN(interval, field->as_unsigned());
  }
  flow.say("open " + printable(page) + " and type the code " + printable(user_code));
  return poll(transport, flow, endpoints.token, grant, std::clamp(interval, k_least_interval, k_longest_interval));
}

}  // namespace davit::oci
