#include "cli/parser.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace davit::cli {
namespace {

CLI::Option* bind(CLI::App& app, const std::string& names, const OptionTarget& target, const std::string& help) {
  return std::visit(
      [&](auto* value) -> CLI::Option* {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>) {
          return app.add_flag(names, *value, help);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          return app.add_option(names, *value, help)->allow_extra_args(false);
        } else if constexpr (std::is_same_v<T, std::uint64_t>) {
          // CLI11 would take -1 for the largest number.
          return app.add_option(names, *value, help)->check([](const std::string& text) {
            return text.find_first_not_of("0123456789") == std::string::npos ? std::string()
                                                                             : "\"" + text + "\" is not a whole number from 0 on";
          });
        } else {
          return app.add_option(names, *value, help);
        }
      },
      target);
}

void add_option(CLI::App& app, const Option& option) {
  CLI::Option* added = bind(app, option.names, option.target, option.help);
  if (option.required) added->required();
  if (!option.choices.empty()) added->check(CLI::IsMember(option.choices));
  // `--key "$KEY"` with a variable that is not set must not mean "no key".
  if (option.kind == ValueKind::file || option.kind == ValueKind::folder || option.refuse_empty) {
    added->check([](const std::string& text) { return text.empty() ? std::string("an empty text was given") : std::string(); });
  }
  if (!std::holds_alternative<std::vector<std::string>*>(option.target) && !std::holds_alternative<bool*>(option.target)) {
    added->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
}

void add_argument(CLI::App& app, const Argument& argument) {
  CLI::Option* added = bind(app, argument.name, argument.target, argument.help);
  if (std::holds_alternative<std::vector<std::string>*>(argument.target)) added->allow_extra_args(true);
  if (argument.required) added->required();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::vector<Option> common_options(Context& context) {
  CommonOptions& common = context.common;
  return {
      {"--json", "", "write one JSON object (one per line for lists) to standard output", &common.json},
      {"-q,--quiet", "", "say nothing but warnings and errors", &common.quiet},
      {"-v,--verbose", "", "say what is being done", &common.verbose},
      {"--no-progress", "", "draw no progress bar", &common.no_progress},
      {"--color", "WHEN", "color the output", &common.color, ValueKind::word, {"auto", "always", "never"}},
  };
}

std::vector<Option> registry_options(Context& context) {
  RegistryOptions& registry = context.registry;
  return {
      {"--plain-http", "", "use HTTP without TLS (by itself only for loopback hosts)", &registry.plain_http},
      {"--insecure-skip-tls-verify", "", "accept any TLS certificate", &registry.insecure_skip_tls_verify},
      {"--ca-file", "FILE", "trust the certificate authorities of this PEM file", &registry.ca_file, ValueKind::file},
      {"--cert", "FILE", "client certificate (PEM)", &registry.certificate_file, ValueKind::file},
      {"--cert-key", "FILE", "private key of the client certificate (PEM)", &registry.certificate_key_file, ValueKind::file},
      {"-u,--username", "NAME", "user name for the registry", &registry.username},
      {"--password-stdin", "", "read the registry password from standard input", &registry.password_from_stdin},
      {"--registry-config", "FILE", "credential file to use instead of Docker's and podman's", &registry.registry_config, ValueKind::file},
      {"--concurrency", "N", "blobs moved, or artifacts of a list verified, at the same time (1 to 16)", &registry.concurrency},
      {"--timeout", "DURATION", "give up when a server is silent for this long (60s, 2m)", &registry.timeout},
      {"--retries", "N", "tries after a failure that may pass (0 to 10)", &registry.retries},
  };
}

Result<ParseOutcome> parse_words(const Command& command, std::span<const std::string> words, Context& context) {
  CLI::App app(command.summary, "davit " + command.name);
  app.set_help_flag();
  bool help = false;
  app.add_flag("-h,--help", help, "show this help");
  for (const Option& option : command.options) add_option(app, option);
  for (const Option& option : common_options(context)) add_option(app, option);
  if (command.uses_registry) {
    for (const Option& option : registry_options(context)) add_option(app, option);
  }
  for (const Argument& argument : command.arguments) add_argument(app, argument);
  const auto dashes = std::ranges::find(words, "--");
  if (command.rest != nullptr && dashes != words.end()) {
    command.rest->assign(dashes + 1, words.end());
    words = words.first(static_cast<std::size_t>(dashes - words.begin()));
  }
  // Help wins over missing words, but not over words after `--`.
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word == "-h" || word == "--help") return ParseOutcome::show_help;
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::usage, first_line(error.what())).hinting("run \"davit " + command.name + " --help\" for words and examples");
  }
  return ParseOutcome::run;
}

}  // namespace davit::cli
