#include "cli/help.hpp"

#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/parser.hpp"

namespace davit::cli {
namespace {

std::string padded(std::string text, std::size_t width) {
  // A word wider than its column gets a line of its own.
  if (text.size() + 2 > width) return text + "\n" + std::string(width + 2, ' ');
  text.resize(width, ' ');
  return text;
}

std::string option_lines(const std::vector<Option>& options) {
  std::string out;
  for (const Option& option : options) {
    std::string left = option.names;
    if (const std::size_t comma = left.find(','); comma != std::string::npos) left.insert(comma + 1, " ");
    if (!option.value_name.empty()) left += " " + option.value_name;
    std::string help = option.help;
    if (!option.choices.empty()) {
      help += ": ";
      for (const std::string& choice : option.choices) help += choice + (&choice == &option.choices.back() ? "" : ", ");
    }
    out += "  " + padded(std::move(left), 32) + help + "\n";
  }
  return out;
}

std::string status_lines(const Command& command) {
  std::string out;
  for (const ExitStatus& status : all_exit_statuses()) {
    const bool always = status.number <= 3;
    const bool named = std::ranges::find(command.exit_statuses, status.number) != command.exit_statuses.end();
    if (always || named) out += "  " + padded(std::to_string(status.number), 4) + std::string(status.meaning) + "\n";
  }
  return out;
}

}  // namespace

std::string usage_line(const Command& command) {
  std::string out = "davit " + command.name;
  if (!command.children.empty()) return out + " COMMAND";
  for (const Argument& argument : command.arguments) {
    const bool many = std::holds_alternative<std::vector<std::string>*>(argument.target);
    const std::string word = argument.name + (many ? "..." : "");
    out += argument.required ? " " + word : " [" + word + "]";
  }
  return out + " [OPTIONS]" + (command.rest == nullptr ? "" : " [-- ARGS...]");
}

std::string command_help(const Command& command) {
  std::string out = "davit " + command.name + ": " + command.summary + "\n\nUsage: " + usage_line(command) + "\n";
  if (!command.description.empty()) out += "\n" + command.description + "\n";
  if (!command.children.empty()) {
    out += "\nCommands:\n";
    for (const Command& child : command.children) {
      out += "  " + padded(child.name.substr(command.name.size() + 1), 14) + child.summary + "\n";
    }
  }
  if (!command.arguments.empty()) {
    out += "\nArguments:\n";
    for (const Argument& argument : command.arguments) out += "  " + padded(argument.name, 32) + argument.help + "\n";
  }
  if (command.rest != nullptr) out += "  " + padded("-- ARGS...", 32) + command.rest_help + "\n";
  if (!command.options.empty()) out += "\nOptions:\n" + option_lines(command.options);
  Context context;
  if (command.uses_registry) out += "\nRegistry options:\n" + option_lines(registry_options(context));
  out += "\nCommon options:\n" + option_lines(common_options(context)) +
         option_lines({{"-h,--help", "", "show this help", &context.common.json}});
  if (!command.examples.empty()) {
    out += "\nExamples:\n";
    for (const Example& example : command.examples) out += "  # " + example.meaning + "\n  " + example.command + "\n";
  }
  if (command.children.empty()) out += "\nExit statuses:\n" + status_lines(command);
  return out;
}

std::string app_help() {
  std::string out =
      "davit: WebAssembly from source to a small, signed, capability-declared OCI artifact, and back\n\n"
      "Usage: davit COMMAND [WORDS] [OPTIONS]\n\nCommands:\n";
  for (const CommandEntry& entry : all_commands()) {
    out += "  " + padded(std::string(entry.name), 14) + entry.make().summary + "\n";
  }
  return out + "\nRun \"davit COMMAND --help\" for words, examples and exit statuses.\n";
}

}  // namespace davit::cli
