#include "cli/app.hpp"

#include <algorithm>
#include <exception>

#include "cli/commands/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/parser.hpp"

namespace davit::cli {
namespace {

int refuse(const Context& context, const Error& error) {
  report_error(context, error);
  return exit_code(error.code);
}

Error unknown_command(const std::string& name) {
  return fail(ErrorCode::usage, "\"" + name + "\" is not a command").hinting("run \"davit --help\" for the list of commands");
}

// The command the words name, one level of subcommands deep; removes the words it used.
Result<Command> choose_command(std::span<const std::string>& words) {
  const auto& entries = all_commands();
  if (words[0] == "__manpage") {
    words = words.subspan(1);
    return make_manpage_command();
  }
  const auto entry = std::ranges::find(entries, std::string_view(words[0]), &CommandEntry::name);
  if (entry == entries.end()) return unknown_command(words[0]);
  Command command = entry->make();
  words = words.subspan(1);
  if (command.children.empty() || words.empty() || words[0].starts_with("-")) return command;
  const auto child = std::ranges::find(command.children, command.name + " " + words[0], &Command::name);
  if (child == command.children.end()) return unknown_command(command.name + " " + words[0]);
  words = words.subspan(1);
  return Command(*child);
}

int run_command(std::span<const std::string> words, Context& context) {
  // Asked for before parsing, so that even a usage error is JSON for those who want JSON.
  context.common.json = std::ranges::find(words, "--json") != words.end();
  auto command = choose_command(words);
  if (!command) return refuse(context, command.error());
  if (!command->run && (words.empty() || !(words[0] == "--help" || words[0] == "-h"))) {
    return refuse(context, fail(ErrorCode::usage, "\"" + command->name + "\" needs a command after it")
                               .hinting("run \"davit " + command->name + " --help\" for the list"));
  }
  auto outcome = parse_words(*command, words, context);
  if (!outcome) return refuse(context, outcome.error());
  if (*outcome == ParseOutcome::show_help) {
    auto shown = context.print(command_help(*command));
    return shown ? 0 : refuse(context, shown.error());
  }
  auto status = command->run(context);
  return status ? *status : refuse(context, status.error());
}

}  // namespace

Result<std::string> run_for(Context& caller, const std::vector<std::string>& words) {
  std::span<const std::string> rest = words;
  TRY_ASSIGN(const Command command, choose_command(rest));
  Context context;
  context.registry = caller.registry;
  context.password = caller.password;
  context.common.verbose = caller.common.verbose;
  context.common.json = true;
  context.common.quiet = true;
  std::string output;
  context.capture = &output;
  TRY(parse_words(command, rest, context));
  const auto status = command.run(context);
  caller.password = context.password;  // asked for or read from standard input once for all
  if (!status) return status.error();
  if (*status != 0) return fail(ErrorCode::internal, "\"davit " + command.name + "\" ended with status " + std::to_string(*status));
  return output;
}

int run_app(const std::vector<std::string>& words) {
  Context context;
  try {
    if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
      auto shown = context.print(app_help());
      if (!shown) return refuse(context, shown.error());
      return words.empty() ? exit_code(ErrorCode::usage) : 0;
    }
    if (words[0] == "--version") return run_command(std::vector<std::string>{"version"}, context);
    return run_command(words, context);
  } catch (const std::exception& error) {
    return refuse(context, fail(ErrorCode::internal, std::string("unexpected: ") + error.what()));
  }
}

}  // namespace davit::cli
