// What a command may touch of the outside: streams, environment, terminal and the options common to all commands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/json.hpp"
#include "manifests/result.hpp"

namespace davit::oci {
class Transport;
}

namespace davit::cli {

/// Options that every command takes with the same meaning.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool no_progress = false;
  std::string color = "auto";
};

/// Options of every command that may talk to a registry.
struct RegistryOptions {
  bool plain_http = false;
  bool insecure_skip_tls_verify = false;
  std::string ca_file{};
  std::string certificate_file{};
  std::string certificate_key_file{};
  std::string username{};
  bool password_from_stdin = false;
  std::string registry_config{};
  std::uint64_t concurrency = 3;
  std::string timeout = "60s";
  std::uint64_t retries = 3;
};

class Context {
 public:
  CommonOptions common{};
  RegistryOptions registry{};
  /// When set, results go here instead of standard output: one command running another (`ship`). Not owned.
  std::string* capture = nullptr;

  /// Made by the first registry store; shared by all stores of the run.
  std::shared_ptr<oci::Transport> transport{};
  /// The password of --username, once it was read.
  std::optional<std::string> password{};

  /// Value of an environment variable; empty counts as absent.
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) const;
  [[nodiscard]] bool output_is_terminal() const;
  [[nodiscard]] bool error_is_terminal() const;
  [[nodiscard]] bool input_is_terminal() const;
  /// Whether progress may be drawn: a terminal on standard error, and neither --quiet, --no-progress nor --json.
  [[nodiscard]] bool shows_progress() const;
  [[nodiscard]] bool colors_output() const;

  /// Writes a result to standard output. Errors: io (the reader went away, disk full)
  Result<void> print(std::string_view text) const;
  Result<void> print_bytes(ByteView bytes) const;
  /// One compact JSON value and a line break on standard output.
  Result<void> print_json(const Json& json) const;
  /// A line for people on standard error; silent with --quiet.
  void say(std::string_view line) const;
  /// A warning on standard error; shown even with --quiet.
  void warn(std::string_view line) const;
  /// A line on standard error only with --verbose.
  void explain(std::string_view line) const;
};

/// Writes an error to standard error in the form of the design, or as JSON with --json.
void report_error(const Context& context, const Error& error);

}  // namespace davit::cli
