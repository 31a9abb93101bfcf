// Other programs: finding them on the PATH and running them to their end.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

/// The path of a program, searched on PATH as a shell does; a name with a slash is taken as it is.
std::optional<std::string> find_program(const Context& context, const std::string& name);

enum class OutputTo {
  standard_error,   ///< what the program prints is for people: our results own standard output
  standard_output,  ///< the program's output is the result (`run`)
};

struct ProgramCall {
  std::string path;
  std::vector<std::string> arguments;  ///< without the program's name
  OutputTo output = OutputTo::standard_error;
  bool inherits_environment = true;
  std::vector<std::string> environment{};  ///< `NAME=value`; added to, or instead of, ours; wins over ours
  std::string working_folder{};            ///< where the program starts; empty for ours
  /// When set, the kernel lets the program write below these folders only (confine.hpp).
  std::optional<std::vector<std::string>> writable_folders{};
};

/// Runs a program with our standard input and waits. A program killed by a signal gives 128 + signal.
/// Errors: io (it cannot be started), unsupported (its writes cannot be held)
Result<int> run_program(const ProgramCall& call);

/// Runs a program and returns what it wrote to standard output, at most `limit_bytes`.
/// Errors: io (it cannot be started), limit
struct CapturedRun {
  int status = 0;
  std::string output;
};
Result<CapturedRun> capture_program(const ProgramCall& call, std::size_t limit_bytes);

/// Asks a program something short, as `--version`: nothing on its standard input, its words are ours alone, and it is
/// ended with everything it started when the time is over. Both of its outputs are returned.
/// Errors: io (it cannot be started), limit (time, output)
Result<CapturedRun> probe_program(const ProgramCall& call, std::size_t limit_bytes, std::chrono::milliseconds time);

/// One line that a person could type again, quoted where a shell needs it.
std::string shell_line(const ProgramCall& call);

}  // namespace davit::cli
