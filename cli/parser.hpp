// Fills a command's options from words. The parser behind this is CLI11; its types stay in parser.cpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace davit::cli {

enum class ParseOutcome { run, show_help };

/// Parses the words after a command's name into the targets of its options and of `context`.
/// Errors: usage (unknown option, missing or surplus word; names it and the next step)
Result<ParseOutcome> parse_words(const Command& command, std::span<const std::string> words, Context& context);

/// The options every command has, bound to `context`.
std::vector<Option> common_options(Context& context);
/// The options of commands that talk to registries, bound to `context`.
std::vector<Option> registry_options(Context& context);

}  // namespace davit::cli
