#include "oci/registry/auth.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"

namespace davit::oci {
namespace {

constexpr std::uint64_t k_max_token_answer_bytes = 256 * 1024;
constexpr std::size_t k_max_scopes = 8;

std::string basic_value(const Credentials& credentials) {
  return "Basic " + encode_base64(as_bytes(credentials.username + ":" + credentials.password));
}

std::vector<std::string> split_scopes(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin < text.size() && out.size() < k_max_scopes) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

// Asks for what the challenge names and for what we are about to do, so that one token serves the whole command.
std::vector<std::string> wanted_scopes(const Challenge& challenge, const std::string& own) {
  std::vector<std::string> out;
  for (std::string& scope : split_scopes(challenge.parameter("scope"))) {
    const bool covered = own.starts_with(scope) && (own.size() == scope.size() || own[scope.size()] == ',');
    if (!covered) out.push_back(std::move(scope));
  }
  for (std::string& scope : split_scopes(own)) {
    if (std::ranges::find(out, scope) == out.end()) out.push_back(std::move(scope));
  }
  return out;
}

Result<Url> check_realm(const std::string& text, const Url& registry) {
  auto realm = Url::parse(text);
  if (!realm) return fail(ErrorCode::registry, "the registry's challenge names no usable realm: " + realm.error().message);
  const bool plain_is_fine = is_loopback_host(realm->host) && (registry.scheme == "http" || is_loopback_host(registry.host));
  if (realm->scheme != "https" && !plain_is_fine && !(registry.scheme == "http" && realm->same_origin(registry))) {
    return fail(ErrorCode::denied, "the registry asks to send credentials without TLS to \"" + realm->redacted() + "\"")
        .hinting("credentials go only to https:// realms");
  }
  return realm;
}

const Challenge* find_scheme(const std::vector<Challenge>& challenges, std::string_view scheme) {
  const auto found = std::ranges::find(challenges, scheme, &Challenge::scheme);
  return found == challenges.end() ? nullptr : &*found;
}

Result<std::string> read_token(HttpResponse& response, const Url& realm) {
  TRY_ASSIGN(const auto body, read_all(*response.body, k_max_token_answer_bytes));
  if (response.status == 401 || response.status == 403) {
    return fail(ErrorCode::denied, "the token server refused the credentials")
        .in("GET " + realm.redacted() + " answered " + std::to_string(response.status));
  }
  if (response.status == 429 || response.status >= 500) {
    return fail(ErrorCode::network, "the token server cannot answer now (status " + std::to_string(response.status) + ")")
        .in(realm.redacted());
  }
  if (response.status != 200) {
    return fail(ErrorCode::registry, "the token server answered " + std::to_string(response.status)).in(realm.redacted());
  }
  const auto json = parse_json(as_text(body), {.size_bytes = k_max_token_answer_bytes, .depth = 16});
  if (!json) return fail(ErrorCode::registry, "the token server answered with no JSON").in(realm.redacted());
  for (const std::string_view name : {"token", "access_token"}) {
    const auto member = JsonView(*json).find(name);
    const auto token = member ? member->as_string() : Result<std::string>(std::string());
    if (!token || token->empty()) continue;
    const bool clean = std::ranges::all_of(*token, [](char c) { return c > 0x20 && c < 0x7f; });
    if (clean) return *token;
  }
  return fail(ErrorCode::registry, "the token server's answer holds no token").in(realm.redacted());
}

}  // namespace

std::string repository_scope(const std::string& repository, bool push) {
  return "repository:" + repository + (push ? ":pull,push" : ":pull");
}

std::string Authenticator::authorization(const std::string& scope) {
  const std::lock_guard lock(mutex_);
  if (!basic_.empty()) return basic_;
  const auto found = tokens_.find(scope);
  return found == tokens_.end() ? std::string() : "Bearer " + found->second;
}

Result<std::optional<Credentials>> Authenticator::credentials() {
  if (!looked_up_) {
    TRY_ASSIGN(found_, credentials_());
    looked_up_ = true;
  }
  return found_;
}

Result<bool> Authenticator::answer(const HttpResponse& response, const std::string& scope, const std::string& used) {
  const std::lock_guard lock(mutex_);
  // Another thread may have answered meanwhile.
  const auto known = tokens_.find(scope);
  const std::string now = !basic_.empty() ? basic_ : (known == tokens_.end() ? "" : "Bearer " + known->second);
  if (now != used) return true;
  std::vector<Challenge> challenges;
  for (const std::string& header : response.all_headers("www-authenticate")) {
    auto parsed = parse_challenges(header);
    if (!parsed) return fail(ErrorCode::registry, parsed.error().message);
    challenges.insert(challenges.end(), parsed->begin(), parsed->end());
  }
  TRY_ASSIGN(const auto credentials_found, credentials());
  if (const Challenge* bearer = find_scheme(challenges, "bearer")) {
    if (used.starts_with("Bearer ") && tokens_.contains(scope + " (again)")) return false;
    TRY_ASSIGN(auto token, fetch_token(*bearer, scope, credentials_found));
    // A token that is refused once may have expired; a second refusal is final.
    if (used.starts_with("Bearer ")) tokens_[scope + " (again)"] = "";
    tokens_[scope] = std::move(token);
    return true;
  }
  if (find_scheme(challenges, "basic") != nullptr && credentials_found && !credentials_found->username.empty()) {
    if (!basic_.empty()) return false;
    basic_ = basic_value(*credentials_found);
    return true;
  }
  return false;
}

Result<std::string> Authenticator::fetch_token(const Challenge& challenge, const std::string& scope,
                                               const std::optional<Credentials>& credentials) {
  TRY_ASSIGN(const Url realm, check_realm(challenge.parameter("realm"), registry_));
  TRY_ASSIGN(auto response, ask_realm(realm, challenge.parameter("service"), wanted_scopes(challenge, scope), credentials));
  return read_token(response, realm);
}

Result<HttpResponse> Authenticator::ask_realm(const Url& realm, const std::string& service, const std::vector<std::string>& scopes,
                                              const std::optional<Credentials>& credentials) {
  HttpRequest request{.method = "GET", .url = realm, .is_own_host = realm.same_origin(registry_)};
  std::unique_ptr<BlobOrigin> form;
  if (credentials && !credentials->identity_token.empty()) {
    std::string joined;
    for (const std::string& scope : scopes) joined += (joined.empty() ? "" : " ") + scope;
    std::string text = "grant_type=refresh_token&client_id=davit&service=" + encode_percent(service) + "&scope=" + encode_percent(joined) +
                       "&refresh_token=" + encode_percent(credentials->identity_token);
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body_bytes = text.size();
    form = make_memory_origin(to_bytes(text));
    request.body = form.get();
  } else {
    std::string url = realm.text();
    if (!service.empty()) url = with_query(url, "service", service);
    for (const std::string& scope : scopes) url = with_query(url, "scope", scope);
    TRY_ASSIGN(request.url, Url::parse(url));
    if (credentials) request.headers.emplace_back("Authorization", basic_value(*credentials));
  }
  TRY_ASSIGN(auto response, transport_.send(request));
  if (response.status >= 300 && response.status < 400) {
    return fail(ErrorCode::registry, "the token server redirects elsewhere, where credentials must not go").in(realm.redacted());
  }
  return response;
}

}  // namespace davit::oci
