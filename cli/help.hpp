// Help texts, written from the command table.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace davit::cli {

/// The whole help of one command: usage, meaning, options, examples, exit statuses.
std::string command_help(const Command& command);
/// The list of commands.
std::string app_help();
/// `davit push FILE REF [OPTIONS]`
std::string usage_line(const Command& command);

}  // namespace davit::cli
