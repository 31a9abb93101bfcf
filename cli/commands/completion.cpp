#include "cli/completion.hpp"

#include <memory>

#include "cli/commands/commands.hpp"

namespace davit::cli {

Command make_completion_command() {
  auto shell = std::make_shared<std::string>();
  return {
      .name = "completion",
      .summary = "print the completion script of a shell",
      .description = "The script completes commands, options and the values of options that have a closed list.",
      .arguments = {{"SHELL", "bash, zsh or fish", shell.get()}},
      .examples = {{"davit completion bash > ~/.local/share/bash-completion/completions/davit", "for bash"},
                   {"davit completion zsh > \"${fpath[1]}/_davit\"", "for zsh"},
                   {"davit completion fish > ~/.config/fish/completions/davit.fish", "for fish"}},
      .run = [shell](Context& context) -> Result<int> {
        if (*shell != "bash" && *shell != "zsh" && *shell != "fish") {
          return fail(ErrorCode::usage, "\"" + *shell + "\" is not a shell davit knows").hinting("choose bash, zsh or fish");
        }
        TRY(context.print(*shell == "bash" ? bash_completion() : *shell == "zsh" ? zsh_completion() : fish_completion()));
        return 0;
      },
  };
}

Command make_manpage_command() {
  auto name = std::make_shared<std::string>();
  auto list = std::make_shared<bool>(false);
  return {
      .name = "__manpage",
      .summary = "print a man page",
      .description = "",
      .arguments = {{"NAME", "davit or davit-COMMAND", name.get(), false}},
      .options = {{"--list", "", "list the names of all pages", list.get()}},
      .run = [name, list](Context& context) -> Result<int> {
        if (*list) {
          std::string names = "davit\n";
          for (const Command& command : unfolded_commands()) {
            std::string page = "davit-" + command.name;
            for (char& c : page) c = c == ' ' ? '-' : c;
            names += page + "\n";
          }
          TRY(context.print(names));
          return 0;
        }
        TRY_ASSIGN(const auto page, man_page(*name));
        TRY(context.print(page));
        return 0;
      },
  };
}

}  // namespace davit::cli
