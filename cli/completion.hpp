// Shell completions and man pages, written from the command table.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace davit::cli {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

/// A man page in roff, section 1. `name` may be "davit" for the overview page.
Result<std::string> man_page(const std::string& name);

/// Every command with its subcommands unfolded, in the order of help.
std::vector<Command> unfolded_commands();

/// The option words of a command (`-o`, `--output`), with its own, the common and the registry ones.
std::vector<Option> all_options(const Command& command, Context& context);
std::vector<std::string> option_words(const Option& option);

}  // namespace davit::cli
