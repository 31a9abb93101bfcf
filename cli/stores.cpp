#include "cli/stores.hpp"

#include <utility>

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "cli/version.hpp"
#include "manifests/encoding.hpp"
#include "oci/archive.hpp"
#include "oci/layout.hpp"
#include "oci/registry/registry.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_concurrency = 16;
constexpr std::uint64_t k_max_retries = 10;
constexpr std::size_t k_max_password_bytes = 64 * 1024;

Error bad_option(const std::string& option, const std::string& value, const std::string& expected) {
  return fail(ErrorCode::usage, option + " is \"" + printable(value) + "\"; expected " + expected);
}

Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = text.substr(digits);
  const bool good = digits > 0 && digits < 7 && (unit.empty() || unit == "ms" || unit == "s" || unit == "m" || unit == "h");
  const std::int64_t number = good ? std::stol(text.substr(0, digits)) : 0;
  if (number <= 0) return bad_option("--timeout", text, "a duration such as 500ms, 60s or 2m");
  if (unit == "ms") return std::chrono::milliseconds(number);
  if (unit == "m") return std::chrono::milliseconds(std::chrono::minutes(number));
  if (unit == "h") return std::chrono::milliseconds(std::chrono::hours(number));
  return std::chrono::milliseconds(std::chrono::seconds(number));
}

// Who says how TLS is to be checked wants TLS, on loopback too.
bool wants_tls(const RegistryOptions& options) {
  return !options.ca_file.empty() || !options.certificate_file.empty() || options.insecure_skip_tls_verify;
}

Result<void> check_options(const RegistryOptions& options) {
  if (options.concurrency < 1 || options.concurrency > k_max_concurrency) {
    return bad_option("--concurrency", std::to_string(options.concurrency), "1 to 16");
  }
  if (options.retries > k_max_retries) return bad_option("--retries", std::to_string(options.retries), "0 to 10");
  if (!options.certificate_key_file.empty() && options.certificate_file.empty())
    return fail(ErrorCode::usage, "--cert-key is given without --cert");
  if (options.plain_http && wants_tls(options)) return fail(ErrorCode::usage, "--plain-http is given together with options for TLS");
  if (options.password_from_stdin && options.username.empty())
    return fail(ErrorCode::usage, "--password-stdin is given without --username");
  return {};
}

Result<std::shared_ptr<oci::Transport>> transport_of(Context& context) {
  static std::mutex making;  // artifacts of a list are verified on several threads, which share one transport
  const std::lock_guard lock(making);
  if (context.transport) return context.transport;
  TRY(check_options(context.registry));
  TRY_ASSIGN(const auto timeout, parse_duration(context.registry.timeout));
  const Context* teller = &context;
  auto plain = oci::make_curl_transport({.ca_file = context.registry.ca_file,
                                         .certificate_file = context.registry.certificate_file,
                                         .certificate_key_file = context.registry.certificate_key_file,
                                         .skip_tls_verify = context.registry.insecure_skip_tls_verify,
                                         .timeout = timeout,
                                         .user_agent = "davit/" + std::string(k_version),
                                         .on_exchange = [teller](const std::string& line) { teller->explain(line); }});
  context.transport = oci::make_retrying_transport(std::move(plain), retry_policy(context));
  return context.transport;
}

Result<std::string> read_password_line() {
  std::string line;
  char c = 0;
  while (line.size() <= k_max_password_bytes) {
    const ssize_t count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || c == '\n') break;
    line += c;
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return fail(ErrorCode::usage, "there is no password on standard input");
  return line;
}

// Turns the terminal's echo off while it lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

}  // namespace

Result<std::string> read_password(Context& context) {
  static std::mutex reading;  // whoever asks first asks for all
  const std::lock_guard lock(reading);
  if (context.password) return *context.password;
  if (context.registry.password_from_stdin) {
    TRY_ASSIGN(context.password, read_password_line());
  } else if (context.input_is_terminal() && context.error_is_terminal()) {
    context.warn("password for " + context.registry.username + ":");
    const SilentTerminal silent;
    TRY_ASSIGN(context.password, read_password_line());
  } else {
    return fail(ErrorCode::usage, "a user name is given and no password").hinting("pipe the password in and add --password-stdin");
  }
  return *context.password;
}

oci::RetryPolicy retry_policy(const Context& context) {
  const Context* teller = &context;
  return {.retries = context.registry.retries, .on_retry = [teller](const std::string& line) { teller->explain(line); }};
}

oci::CredentialFiles credential_files(const Context& context) {
  if (!context.registry.registry_config.empty()) return {{context.registry.registry_config}, context.registry.registry_config};
  oci::CredentialFiles files;
  const auto home = context.environment("HOME");
  const auto named = context.environment("REGISTRY_AUTH_FILE");
  if (named) files.paths.push_back(*named);
  if (const auto folder = context.environment("DOCKER_CONFIG")) {
    files.paths.push_back(*folder + "/config.json");
  } else if (home) {
    files.paths.push_back(*home + "/.docker/config.json");
  }
  if (const auto folder = context.environment("XDG_RUNTIME_DIR")) files.paths.push_back(*folder + "/containers/auth.json");
  if (const auto folder = context.environment("XDG_CONFIG_HOME")) {
    files.paths.push_back(*folder + "/containers/auth.json");
  } else if (home) {
    files.paths.push_back(*home + "/.config/containers/auth.json");
  }
  if (!files.paths.empty()) files.write_path = files.paths.front();
  return files;
}

Result<std::shared_ptr<oci::Transport>> shared_transport(Context& context) { return transport_of(context); }

Result<RemoteStore> remote_store(Context& context, const std::string& host, const std::string& repository, StoreAccess access) {
  TRY_ASSIGN(auto transport, transport_of(context));
  oci::CredentialSource credentials;
  if (!context.registry.username.empty()) {
    Context* asked = &context;
    credentials = [asked]() -> Result<std::optional<oci::Credentials>> {
      TRY_ASSIGN(auto password, read_password(*asked));
      return std::optional<oci::Credentials>({.username = asked->registry.username, .password = std::move(password)});
    };
  } else {
    credentials = [files = credential_files(context), host, repository] { return oci::find_credentials(files, host, repository); };
  }
  return RemoteStore{.transport = std::move(transport),
                     .options = {.host = host,
                                 .repository = repository,
                                 .plain_http = context.registry.plain_http,
                                 .tls_on_loopback = wants_tls(context.registry),
                                 .for_writing = access == StoreAccess::write,
                                 .credentials = std::move(credentials),
                                 .retry = retry_policy(context)}};
}

Result<std::unique_ptr<oci::Repository>> open_repository(Context& context, const Reference& reference, StoreAccess access) {
  if (const auto* remote = std::get_if<RegistryReference>(&reference)) {
    TRY_ASSIGN(auto store, remote_store(context, remote->host, remote->repository, access));
    return oci::open_registry(std::move(store.transport), std::move(store.options));
  }
  if (const auto* local = std::get_if<LocalReference>(&reference)) {
    switch (local->kind) {
      case ArchiveKind::oci_layout: return oci::open_layout(local->path);
      case ArchiveKind::oci_archive: return oci::open_archive(local->path);
      case ArchiveKind::docker_archive:
        return fail(ErrorCode::unsupported, "a docker-archive holds a container image, not an artifact that this command can use")
            .hinting("run \"davit convert " + to_text(reference) + " oci:FOLDER --format wasm\" first");
    }
  }
  return fail(ErrorCode::usage, "\"" + to_text(reference) + "\" is a file, and a store is needed here");
}

Result<std::unique_ptr<oci::Repository>> open_source_repository(Context& context, const Reference& source, const Reference& target) {
  const auto* from = std::get_if<RegistryReference>(&source);
  const auto* to = std::get_if<RegistryReference>(&target);
  if (from == nullptr || to == nullptr || from->host == to->host) return open_repository(context, source, StoreAccess::read);
  const std::string username = std::exchange(context.registry.username, {});
  const bool from_stdin = std::exchange(context.registry.password_from_stdin, false);
  auto opened = open_repository(context, source, StoreAccess::read);
  context.registry.username = username;
  context.registry.password_from_stdin = from_stdin;
  return opened;
}

std::string selector_of(const Reference& reference) {
  if (const auto digest = digest_of(reference)) return digest->text();
  if (const auto tag = tag_of(reference)) return *tag;
  return std::holds_alternative<RegistryReference>(reference) ? "latest" : "";
}

Result<std::vector<Descriptor>> all_referrers(const Context& context, oci::Repository& repository, const Digest& subject) {
  TRY_ASSIGN(auto referrers, repository.list_all_referrers(subject, false));
  if (referrers.missed) context.warn("some referrers may be missing here: " + referrers.missed->message);
  return std::move(referrers.manifests);
}

std::optional<std::string> tag_to_write(const Reference& reference) {
  if (auto tag = tag_of(reference)) return tag;
  if (digest_of(reference)) return std::nullopt;
  return "latest";
}

std::string source_name_of(const Reference& reference) {
  const auto* remote = std::get_if<RegistryReference>(&reference);
  return remote == nullptr ? std::string() : remote->host + "/" + remote->repository;
}

}  // namespace davit::cli
