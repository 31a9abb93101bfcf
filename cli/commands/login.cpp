#include "cli/commands/commands.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli {
namespace {

// `HOST`, `HOST:PORT`, with or without a scheme, as people paste it.
Result<std::string> parse_host(std::string text) {
  text = oci::normalized_registry_key(text);
  const auto reference = parse_reference(text + "/name");
  const auto* remote = reference ? std::get_if<RegistryReference>(&*reference) : nullptr;
  if (remote == nullptr || remote->host != text)
    return fail(ErrorCode::usage, "\"" + printable(text) + "\" is not the host name of a registry");
  return remote->host;
}

Result<std::string> ask_username(Context& context) {
  if (!context.registry.username.empty()) return context.registry.username;
  return fail(ErrorCode::usage, "login needs a user name").hinting("add --username NAME --password-stdin");
}

Result<int> run_login(Context& context, const std::string& text) {
  TRY_ASSIGN(const auto host, parse_host(text));
  TRY_ASSIGN(const auto username, ask_username(context));
  TRY_ASSIGN(auto password, read_password(context));
  const oci::CredentialFiles files = credential_files(context);
  if (files.write_path.empty())
    return fail(ErrorCode::usage, "there is no place for credentials").hinting("set HOME, or name a file with --registry-config");
  TRY_ASSIGN(auto store, remote_store(context, host, "", StoreAccess::read));
  TRY(oci::check_login(store.transport, store.options));
  TRY_ASSIGN(const auto stored, oci::store_credentials(files, host, {.username = username, .password = std::move(password)}));
  if (!stored.is_helper)
    context.warn("the password is stored unencrypted in " + stored.place + "; a credential helper (credsStore) would keep it safe");
  context.say("logged in to " + host + " as " + printable(username));
  if (context.common.json) {
    TRY(context.print_json(JsonObject{{"registry", host}, {"username", username}, {"storedIn", stored.place}}));
  }
  return 0;
}

Result<int> run_logout(Context& context, const std::string& text) {
  TRY_ASSIGN(const auto host, parse_host(text));
  TRY_ASSIGN(const bool erased, oci::erase_credentials(credential_files(context), host));
  context.say(erased ? "logged out of " + host : "there were no credentials for " + host);
  if (context.common.json) TRY(context.print_json(JsonObject{{"registry", host}, {"erased", erased}}));
  return 0;
}

}  // namespace

Command make_login_command() {
  auto options = std::make_shared<std::string>();
  return {
      .name = "login",
      .summary = "log in to a registry and keep the credentials",
      .description =
          "Asks the registry first and stores the credentials where Docker and podman find them too: in the credential helper that\n"
          "Docker's config.json names, else in that file. The password comes from standard input or is asked for on the terminal.",
      .arguments = {{"REGISTRY", "host, with port if it is not the usual one", options.get(), true, ValueKind::word}},
      .examples = {{"echo \"$TOKEN\" | davit login ghcr.io -u me --password-stdin", "in a pipeline"}},
      .exit_statuses = {5, 6, 7},
      .uses_registry = true,
      .run = [options](Context& context) { return run_login(context, *options); },
  };
}

Command make_logout_command() {
  auto options = std::make_shared<std::string>();
  return {
      .name = "logout",
      .summary = "forget the credentials of a registry",
      .description = "In every credential file and helper that davit reads.",
      .arguments = {{"REGISTRY", "host, with port if it is not the usual one", options.get(), true, ValueKind::word}},
      .examples = {{"davit logout ghcr.io", "no credentials are left behind"}},
      .exit_statuses = {5},
      .uses_registry = true,
      .run = [options](Context& context) { return run_logout(context, *options); },
  };
}

}  // namespace davit::cli
