#include "cli/sign/signers.hpp"

#include <chrono>
#include <thread>

#include "cli/clock.hpp"
#include "cli/stores.hpp"
#include "cli/verify/trust_root.hpp"
#include "oci/io/file.hpp"
#include "oci/trust/sigstore/witnessed_signer.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_signing_config_bytes = 1024 * 1024;
constexpr std::string_view k_environment_prefix = "env://";
constexpr std::string_view k_jwt_start = "eyJ";
constexpr std::string_view k_google_host = "metadata.google.internal";
constexpr std::string_view k_product_file = "/sys/class/dmi/id/product_name";
constexpr std::uint64_t k_max_product_bytes = 8192;

Result<std::shared_ptr<const oci::TrustedRoot>> load_root(const Context& context, const std::string& named) {
  TRY_ASSIGN(const std::string path, find_trust_root(context, named));
  if (path.empty()) {
    return fail(ErrorCode::usage, "there is no trusted root to check the services' answers by")
        .hinting("add --trusted-root FILE, or fetch one with \"davit trust update\"");
  }
  return read_trust_root(context, path);
}

Result<oci::SigningConfig> load_config(const std::string& path) {
  if (path.empty()) return oci::SigningConfig{};
  TRY_ASSIGN(const Bytes text, oci::read_file(path, k_max_signing_config_bytes));
  auto config = oci::SigningConfig::parse(as_text(text));
  if (!config) return std::move(config).error().in(path);
  return config;
}

// What a list of one kind chooses; an address on the command line stands in its place.
Result<std::string> one_of(const std::vector<oci::Service>& services, const std::string& named, std::int64_t now) {
  if (!named.empty()) return named;
  TRY_ASSIGN(const auto chosen, oci::choose_services({.services = services}, {1}, now));
  return chosen.empty() ? std::string() : chosen.front().url;
}

Result<oci::SigningServices> choose(const oci::SigningConfig& config, const WitnessWords& words, std::int64_t now) {
  oci::SigningServices out;
  TRY_ASSIGN(out.authority, one_of(config.authorities, words.fulcio_url, now));
  if (words.rekor_url.empty()) {
    TRY_ASSIGN(out.logs, oci::choose_services(config.logs, {1, 2}, now));
  } else {
    out.logs = {{.url = words.rekor_url, .major_version = words.rekor_version == "2" ? 2U : 1U}};
  }
  if (!words.timestamp_url.empty()) {
    out.timestamp_authorities = {words.timestamp_url};
    return out;
  }
  TRY_ASSIGN(const auto stampers, oci::choose_services(config.timestamp_authorities, {1}, now));
  for (const oci::Service& one : stampers) out.timestamp_authorities.push_back(one.url);
  return out;
}

Result<oci::IdToken> read_named_token(const Context& context, const std::string& source) {
  if (source.starts_with(k_jwt_start)) {
    return fail(ErrorCode::usage, "--identity-token is given the token itself, which everybody on this machine can read there")
        .hinting("put it into a file or a variable, and name that: --identity-token env://VARIABLE");
  }
  if (source.starts_with(k_environment_prefix)) {
    const std::string name = source.substr(k_environment_prefix.size());
    auto value = context.environment(name);
    if (!value) return fail(ErrorCode::not_found, "the variable " + name + " is not set");
    oci::SecretBytes secret(to_bytes(*value));
    oci::wipe_text(*value);
    return oci::IdToken::parse(std::move(secret));
  }
  TRY_ASSIGN(Bytes content, oci::read_file(source, oci::k_max_token_bytes));
  return oci::IdToken::parse(oci::SecretBytes(std::move(content)));
}

// Only where the firmware or the environment says so: elsewhere the name leads nowhere, and asking would take its time.
std::string google_host_of(const Context& context) {
  if (auto host = context.environment("GCE_METADATA_HOST")) return *std::move(host);
  if (context.environment("NO_GCE_CHECK")) return {};
  const auto product = oci::read_file(std::string(k_product_file), k_max_product_bytes);
  return product && as_text(*product).starts_with("Google") ? std::string(k_google_host) : std::string();
}

oci::AmbientTokens ambient_of(const Context& context) {
  const auto value = [&](const char* name) { return context.environment(name).value_or(""); };
  return {.github_url = value("ACTIONS_ID_TOKEN_REQUEST_URL"),
          .github_token = value("ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
          .plain = value("SIGSTORE_ID_TOKEN"),
          .google_host = google_host_of(context),
          .buildkite_token = value("BUILDKITE_AGENT_ACCESS_TOKEN"),
          .buildkite_job = value("BUILDKITE_JOB_ID"),
          .buildkite_endpoint = value("BUILDKITE_AGENT_ENDPOINT")};
}

Result<oci::IdToken> find_token(const Context& context, oci::Transport& transport, const oci::SigningConfig& config,
                                const WitnessWords& words) {
  if (!words.identity_token.empty()) return read_named_token(context, words.identity_token);
  TRY_ASSIGN(auto ambient, oci::find_ambient_token(transport, ambient_of(context)));
  if (ambient) return *std::move(ambient);
  if (!words.device_flow && !context.error_is_terminal()) {
    return fail(ErrorCode::denied, "there is no identity token: none was named, and no CI job offers one")
        .hinting("give --identity-token FILE, set SIGSTORE_ID_TOKEN, or allow it in a browser with --device-flow");
  }
  TRY_ASSIGN(const std::string issuer, one_of(config.token_issuers, words.oidc_issuer, seconds_by_clock()));
  if (issuer.empty())
    return fail(ErrorCode::usage, "no identity provider was named").hinting("add --oidc-issuer URL or --signing-config FILE");
  return oci::ask_by_device_flow(transport, {.issuer = issuer,
                                             .say = [&](const std::string& line) { context.warn(line); },
                                             .wait = [](std::chrono::seconds pause) { std::this_thread::sleep_for(pause); }});
}

Result<Signers> witnessed(Context& context, std::vector<std::unique_ptr<oci::SigningKey>> keys, const WitnessWords& words) {
  if (context.registry.insecure_skip_tls_verify) {
    return fail(ErrorCode::usage, "--insecure-skip-tls-verify is given, and signing services are only asked over verified connections")
        .hinting("name their authority with --ca-file FILE");
  }
  TRY_ASSIGN(auto transport, shared_transport(context));
  TRY_ASSIGN(const oci::SigningConfig config, load_config(words.signing_config));
  oci::WitnessOptions options{.now = seconds_by_clock};
  TRY_ASSIGN(options.services, choose(config, words, seconds_by_clock()));
  TRY_ASSIGN(options.root, load_root(context, words.trusted_root));
  std::vector<std::unique_ptr<oci::SigstoreSigner>> signers;
  for (const auto& key : keys) {
    TRY_ASSIGN(auto signer, oci::WitnessedSigner::with_key(*transport, *key, options));
    signers.push_back(std::move(signer));
  }
  if (words.keyless) {
    TRY_ASSIGN(const oci::IdToken token, find_token(context, *transport, config, words));
    TRY_ASSIGN(auto signer, oci::WitnessedSigner::keyless(*transport, token, options));
    signers.push_back(std::move(signer));
  }
  return Signers(std::move(transport), std::move(keys), std::move(signers));
}

}  // namespace

std::vector<Option> with_witness_options(std::vector<Option> options, WitnessWords& words) {
  const std::vector<Option> more{
      {"--keyless", "", "sign with a key made for the moment and a certificate for an identity token", &words.keyless},
      {"--identity-token", "SOURCE", "where the token is: a file or env://VARIABLE (default: what the CI job offers)",
       &words.identity_token, ValueKind::file},
      {"--device-flow", "", "without a token, ask for one that is allowed in a browser elsewhere", &words.device_flow},
      {"--oidc-issuer", "URL", "identity provider for --device-flow, in place of the signing configuration's", &words.oidc_issuer},
      {"--signing-config", "FILE", "signing_config.json: which authority, logs and timestamp authorities to use; also with --key",
       &words.signing_config, ValueKind::file},
      {"--trusted-root", "FILE", "trusted_root.json that the own signature is checked by before it is stored", &words.trusted_root,
       ValueKind::file},
      {"--fulcio-url", "URL", "certificate authority, in place of the signing configuration's", &words.fulcio_url},
      {"--rekor-url", "URL", "transparency log, in place of the signing configuration's", &words.rekor_url},
      {"--rekor-version",
       "N",
       "which interface the log of --rekor-url has (default: 1)",
       &words.rekor_version,
       ValueKind::word,
       {"1", "2"}},
      {"--timestamp-url", "URL", "timestamp authority, in place of the signing configuration's; also for notation", &words.timestamp_url}};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

Result<Signers> load_signers(Context& context, const std::vector<std::string>& keys, const KeyAccess& access, const WitnessWords& words) {
  if (!words.rekor_version.empty() && words.rekor_url.empty()) {
    return fail(ErrorCode::usage, "--rekor-version is about the log of --rekor-url, and none is named");
  }
  if (words.keyless && !keys.empty()) return fail(ErrorCode::usage, "--keyless and --key are both given").hinting("leave one of them out");
  if (!words.keyless && keys.empty()) return fail(ErrorCode::usage, "no key is named to sign with").hinting("give --key KEY, or --keyless");
  std::vector<std::unique_ptr<oci::SigningKey>> loaded;
  for (const std::string& source : keys) {
    TRY_ASSIGN(auto key, load_signing_key(context, source, access));
    loaded.push_back(std::move(key));
  }
  if (words.wanted()) return witnessed(context, std::move(loaded), words);
  std::vector<std::unique_ptr<oci::SigstoreSigner>> signers;
  for (const auto& key : loaded) signers.push_back(std::make_unique<oci::KeySigner>(*key));
  return Signers(nullptr, std::move(loaded), std::move(signers));
}

}  // namespace davit::cli
