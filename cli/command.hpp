// One command as data: its words, options and what it does. Parsing, help, man pages and completions all read this,
// so that they cannot disagree.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/context.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

/// Where the value of an option goes. Pointers are into an options struct that the command's `run` keeps alive.
using OptionTarget = std::variant<bool*, std::string*, std::vector<std::string>*, std::uint64_t*, std::optional<std::string>*>;

/// What completion offers for a value.
enum class ValueKind { none, file, folder, reference, word };

struct Option {
  std::string names;       ///< `-o,--output`; CLI11's form
  std::string value_name;  ///< `FILE`; empty for a flag
  std::string help;        ///< one lower-case sentence without full stop
  OptionTarget target;
  ValueKind kind = ValueKind::word;
  std::vector<std::string> choices{};  ///< allowed values, when closed
  bool required = false;
  bool refuse_empty = false;  ///< an empty value is an error; always so for files and folders
};

/// A positional word.
struct Argument {
  std::string name;  ///< `REF`, `FILE`
  std::string help;
  OptionTarget target;  ///< a vector takes all remaining words
  bool required = true;
  ValueKind kind = ValueKind::word;
};

struct Example {
  std::string command;  ///< a whole command line that works
  std::string meaning;
};

struct Command {
  std::string name;
  std::string summary;      ///< one lower-case line
  std::string description;  ///< paragraphs for help and man page
  std::vector<Argument> arguments{};
  std::vector<Option> options{};
  std::vector<Example> examples{};
  std::vector<int> exit_statuses{};          ///< the statuses worth naming besides 0, 1, 2 and 3
  bool uses_registry = false;                ///< adds the registry options
  std::vector<std::string>* rest = nullptr;  ///< words after `--`, passed on as they are; null when not taken
  std::string rest_help{};
  std::vector<Command> children{};             ///< subcommands (`caps derive`); then `run` is empty
  std::function<Result<int>(Context&)> run{};  ///< returns the exit status
};

}  // namespace davit::cli
