// Man pages in roff (man(7)): NAME, SYNOPSIS, DESCRIPTION, OPTIONS, EXAMPLES, EXIT STATUS, SEE ALSO.
#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/completion.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/version.hpp"

namespace davit::cli {
namespace {

// Text with roff's own characters made plain.
std::string roff(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out.push_back(c);
    line_start = c == '\n';
  }
  return out;
}

std::string page_name(const std::string& command) {
  std::string out = "davit-" + command;
  std::ranges::replace(out, ' ', '-');
  return out;
}

std::string heading(const std::string& page, const std::string& summary) {
  std::string upper = page;
  std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return ".TH " + roff(upper) + " 1 \"\" \"davit " + std::string(k_version) + "\" \"davit manual\"\n.SH NAME\n" + roff(page) + " \\- " +
         roff(summary) + "\n";
}

std::string option_entries(const std::vector<Option>& options) {
  std::string out;
  for (const Option& option : options) {
    out += ".TP\n\\fB";
    bool first = true;
    for (const std::string& word : option_words(option)) {
      out += (first ? "" : "\\fR, \\fB") + roff(word);
      first = false;
    }
    out += "\\fR" + (option.value_name.empty() ? "" : " \\fI" + roff(option.value_name) + "\\fR") + "\n" + roff(option.help);
    for (std::size_t i = 0; i < option.choices.size(); ++i) out += (i == 0 ? ": " : ", ") + roff(option.choices[i]);
    out += "\n";
  }
  return out;
}

std::string paragraphs(const std::string& text) {
  std::string out = roff(text);
  for (std::size_t at = out.find("\n\n"); at != std::string::npos; at = out.find("\n\n", at + 1)) out.replace(at, 2, "\n.PP\n");
  return out + "\n";
}

std::string exit_statuses(const Command& command) {
  std::string out = ".SH EXIT STATUS\n";
  for (const ExitStatus& status : all_exit_statuses()) {
    const bool named = command.exit_statuses.empty() || status.number <= 3 ||
                       std::ranges::find(command.exit_statuses, status.number) != command.exit_statuses.end();
    if (named) out += ".TP\n\\fB" + std::to_string(status.number) + "\\fR\n" + roff(std::string(status.meaning)) + "\n";
  }
  return out;
}

std::string command_page(const Command& command) {
  Context context;
  std::string out = heading(page_name(command.name), command.summary);
  out += ".SH SYNOPSIS\n.B " + roff(usage_line(command)) + "\n.SH DESCRIPTION\n";
  out += paragraphs(command.description.empty() ? command.summary : command.description);
  for (const Argument& argument : command.arguments) out += ".TP\n\\fI" + roff(argument.name) + "\\fR\n" + roff(argument.help) + "\n";
  if (command.rest != nullptr) out += ".TP\n\\fB\\-\\-\\fR \\fIARGS...\\fR\n" + roff(command.rest_help) + "\n";
  for (const Command& child : command.children) out += ".TP\n\\fB" + roff(child.name) + "\\fR\n" + roff(child.summary) + "\n";
  out += ".SH OPTIONS\n" + option_entries(all_options(command, context));
  if (!command.examples.empty()) {
    out += ".SH EXAMPLES\n";
    for (const Example& example : command.examples) out += ".TP\n" + roff(example.meaning) + "\n.nf\n" + roff(example.command) + "\n.fi\n";
  }
  return out + exit_statuses(command) + ".SH SEE ALSO\n.BR davit (1)\n";
}

std::string overview_page() {
  std::string out = heading("davit", "WebAssembly from source to a signed, capability-declared OCI artifact, and back");
  out += ".SH SYNOPSIS\n.B davit COMMAND [WORDS] [OPTIONS]\n.SH COMMANDS\n";
  for (const Command& command : unfolded_commands()) {
    out += ".TP\n\\fB" + roff(command.name) + "\\fR\n" + roff(command.summary) + "; see\n.BR " + roff(page_name(command.name)) + " (1)\n";
  }
  return out + exit_statuses(Command{});
}

}  // namespace

Result<std::string> man_page(const std::string& name) {
  if (name == "davit") return overview_page();
  for (const Command& command : unfolded_commands()) {
    if (page_name(command.name) == name) return command_page(command);
  }
  return fail(ErrorCode::not_found, "there is no man page \"" + name + "\"");
}

}  // namespace davit::cli
