#include "oci/registry/credentials.hpp"

#include <algorithm>
#include <filesystem>

#include "manifests/encoding.hpp"
#include "manifests/json.hpp"
#include "oci/io/file.hpp"
#include "oci/io/process.hpp"

namespace davit::oci {
namespace {

constexpr std::uint64_t k_max_config_bytes = 4 << 20;
constexpr JsonLimits k_limits{.size_bytes = k_max_config_bytes, .depth = 32};
constexpr std::string_view k_hub_key = "https://index.docker.io/v1/";
constexpr std::string_view k_token_user = "<token>";

std::string stored_key(const std::string& host) { return host == "docker.io" ? std::string(k_hub_key) : host; }

Result<std::optional<Json>> load_config(const std::string& path) {
  auto bytes = read_file(path, k_max_config_bytes);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return std::optional<Json>();
  if (!bytes) return std::move(bytes).error();
  if (bytes->empty()) return std::optional<Json>(JsonObject{});
  auto json = parse_json(as_text(*bytes), k_limits);
  if (!json) return std::move(json).error().in(path);
  if (json->object() == nullptr) return fail(ErrorCode::malformed, "credential file holds no object").in(path);
  return std::optional<Json>(*std::move(json));
}

// Helper programs are named by a file; a name must not become a path.
Result<std::string> helper_program(const std::string& name) {
  const bool good =
      !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
  if (!good) return fail(ErrorCode::malformed, "\"" + printable(name) + "\" is not the name of a credential helper");
  return "docker-credential-" + name;
}

Result<std::optional<Json>> ask_helper(const std::string& name, const std::string& verb, const std::string& input) {
  TRY_ASSIGN(const auto program, helper_program(name));
  auto outcome = run_program({program, verb}, as_bytes(input), ProgramLimits{});
  if (!outcome) return std::move(outcome).error().during("asking the credential helper \"" + name + "\"");
  const std::string_view text = as_text(outcome->output);
  if (outcome->status != 0) {
    if (text.find("not found") != std::string_view::npos) return std::optional<Json>();
    return fail(ErrorCode::denied, "credential helper \"" + name + "\" failed with status " + std::to_string(outcome->status))
        .hinting("run \"" + program + " list\" to see whether it works");
  }
  if (verb != "get") return std::optional<Json>(Json());
  auto json = parse_json(text, k_limits);
  // The answer holds a secret, so the complaint does not show it.
  if (!json) return fail(ErrorCode::malformed, "credential helper \"" + name + "\" answered with no JSON");
  return std::optional<Json>(*std::move(json));
}

Result<std::optional<Credentials>> get_from_helper(const std::string& name, const std::string& host) {
  TRY_ASSIGN(const auto answer, ask_helper(name, "get", stored_key(host)));
  if (!answer) return std::optional<Credentials>();
  const JsonView view(*answer);
  TRY_ASSIGN(const auto user_view, view.field("Username"));
  TRY_ASSIGN(const auto user, user_view.as_string());
  TRY_ASSIGN(const auto secret_view, view.field("Secret"));
  TRY_ASSIGN(const auto secret, secret_view.as_string());
  if (user == k_token_user) return std::optional<Credentials>(Credentials{.identity_token = secret});
  return std::optional<Credentials>(Credentials{.username = user, .password = secret});
}

Result<std::optional<Credentials>> read_entry(const JsonView& entry) {
  const auto text = [&](std::string_view name) -> Result<std::string> {
    const auto member = entry.find(name);
    if (!member) return std::string();
    return member->as_string();
  };
  Credentials out;
  TRY_ASSIGN(out.identity_token, text("identitytoken"));
  if (!out.identity_token.empty()) return std::optional<Credentials>(std::move(out));
  TRY_ASSIGN(out.username, text("username"));
  TRY_ASSIGN(out.password, text("password"));
  TRY_ASSIGN(const auto auth, text("auth"));
  if (!auth.empty()) {
    const auto decoded = decode_base64(auth);
    const std::string_view pair = decoded ? as_text(*decoded) : std::string_view();
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos)
      return fail(ErrorCode::malformed, "member \"auth\" at " + entry.pointer() + " is not base64 of user:password");
    out.username = std::string(pair.substr(0, colon));
    out.password = std::string(pair.substr(colon + 1));
    while (!out.password.empty() && out.password.back() == '\0') out.password.pop_back();
  }
  if (out.username == k_token_user && out.identity_token.empty()) {
    out.identity_token = out.password;
    out = Credentials{.identity_token = out.identity_token};
  }
  if (out.username.empty() && out.identity_token.empty()) return std::optional<Credentials>();
  return std::optional<Credentials>(std::move(out));
}

// The member whose key is the host, or the host with the longest leading part of the repository.
std::optional<JsonView> best_match(const JsonView& section, const std::string& host, const std::string& repository) {
  const auto members = section.as_members();
  if (!members) return std::nullopt;
  const std::string wanted = host + "/" + repository + "/";
  std::optional<JsonView> best;
  std::size_t best_length = 0;
  for (const auto& [key, value] : *members) {
    const std::string normalized = normalized_registry_key(key);
    if (wanted.starts_with(normalized + "/") && normalized.size() > best_length) {
      best = value;
      best_length = normalized.size();
    }
  }
  return best;
}

Result<std::optional<std::string>> helper_of(const JsonView& view, const std::string& host) {
  std::optional<JsonView> name;
  if (const auto helpers = view.find("credHelpers")) name = best_match(*helpers, host, "");
  if (!name) name = view.find("credsStore");
  if (!name) return std::optional<std::string>();
  TRY_ASSIGN(auto text, name->as_string());
  if (text.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(text));
}

Result<std::optional<Credentials>> find_in_file(const std::string& path, const std::string& host, const std::string& repository) {
  TRY_ASSIGN(const auto config, load_config(path));
  if (!config) return std::optional<Credentials>();
  const JsonView view(*config);
  TRY_ASSIGN(const auto helper, helper_of(view, host));
  if (helper) {
    TRY_ASSIGN(auto found, get_from_helper(*helper, host));
    if (found) return found;
  }
  const auto auths = view.find("auths");
  if (!auths) return std::optional<Credentials>();
  const auto entry = best_match(*auths, host, repository);
  if (!entry) return std::optional<Credentials>();
  return read_entry(*entry);
}

// Copies the object with one member of `auths` replaced, or removed when `entry` is empty.
bool change_auths(JsonObject& config, const std::string& host, const std::optional<Json>& entry) {
  JsonObject changed;
  bool found = false;
  if (const Json* auths = config.find("auths"); auths != nullptr && auths->object() != nullptr) {
    for (const auto& [key, value] : auths->object()->members()) {
      if (normalized_registry_key(key) == host) {
        found = true;
      } else {
        changed.set(key, value);
      }
    }
  }
  if (entry) changed.set(stored_key(host), *entry);
  if (found || entry) config.set("auths", std::move(changed));
  return found;
}

Result<void> write_config(const std::string& path, const JsonObject& config) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (!folder.empty()) TRY(make_folders(folder));
  return write_file(path, as_bytes(write_json_pretty(config)), 0600);
}

}  // namespace

std::string normalized_registry_key(std::string_view key) {
  std::string out(key);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (out.starts_with(scheme)) out = out.substr(scheme.size());
  }
  while (out.ends_with('/')) out.pop_back();
  for (const std::string_view version : {"/v1", "/v2"}) {
    if (out.ends_with(version)) out = out.substr(0, out.size() - version.size());
  }
  for (const std::string_view hub : {"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}) {
    if (out == hub || out.starts_with(std::string(hub) + "/")) out = "docker.io" + out.substr(hub.size());
  }
  return out;
}

Result<std::optional<Credentials>> find_credentials(const CredentialFiles& files, const std::string& host, const std::string& repository) {
  for (const std::string& path : files.paths) {
    auto found = find_in_file(path, host, repository);
    if (!found) return std::move(found).error().during("looking for credentials of " + host + " in " + path);
    if (*found) return found;
  }
  return std::optional<Credentials>();
}

Result<StoredAt> store_credentials(const CredentialFiles& files, const std::string& host, const Credentials& credentials) {
  TRY_ASSIGN(auto loaded, load_config(files.write_path));
  JsonObject config = loaded ? *loaded->object() : JsonObject();
  const Json config_json(config);
  TRY_ASSIGN(const auto helper, helper_of(JsonView(config_json), host));
  const bool is_token = !credentials.identity_token.empty();
  if (helper) {
    const std::string input = write_json(JsonObject{{"ServerURL", stored_key(host)},
                                                    {"Username", is_token ? std::string(k_token_user) : credentials.username},
                                                    {"Secret", is_token ? credentials.identity_token : credentials.password}});
    TRY_ASSIGN(const auto done, ask_helper(*helper, "store", input));
    if (!done) return fail(ErrorCode::denied, "credential helper \"" + *helper + "\" did not store the credentials");
    return StoredAt{.place = "docker-credential-" + *helper, .is_helper = true};
  }
  JsonObject entry;
  if (is_token) {
    entry.set("identitytoken", credentials.identity_token);
    entry.set("auth", encode_base64(as_bytes(std::string(k_token_user) + ":")));
  } else {
    entry.set("auth", encode_base64(as_bytes(credentials.username + ":" + credentials.password)));
  }
  change_auths(config, host, Json(std::move(entry)));
  TRY(write_config(files.write_path, config));
  return StoredAt{.place = files.write_path};
}

Result<bool> erase_credentials(const CredentialFiles& files, const std::string& host) {
  bool erased = false;
  for (const std::string& path : files.paths) {
    TRY_ASSIGN(auto loaded, load_config(path));
    if (!loaded) continue;
    TRY_ASSIGN(const auto helper, helper_of(JsonView(*loaded), host));
    if (helper) {
      TRY_ASSIGN(const auto known, get_from_helper(*helper, host));
      if (known) {
        TRY_ASSIGN(const auto done, ask_helper(*helper, "erase", stored_key(host)));
        erased = erased || done.has_value();
      }
    }
    JsonObject config = *loaded->object();
    if (!change_auths(config, host, std::nullopt)) continue;
    TRY(write_config(path, config));
    erased = true;
  }
  return erased;
}

}  // namespace davit::oci
