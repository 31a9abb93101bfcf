#include "cli/completion.hpp"

#include "cli/commands/commands.hpp"
#include "cli/parser.hpp"

namespace davit::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : separator) + word;
  return out;
}

// Quotes for a single-quoted shell word.
std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "'\\''";
    else out.push_back(c);
  }
  return out + "'";
}

bool takes_value(const Option& option) { return !option.value_name.empty(); }

// The bash action that fills COMPREPLY for the value of an option.
std::string bash_value(const Option& option) {
  if (!option.choices.empty()) return "COMPREPLY=($(compgen -W " + shell_quoted(joined(option.choices, " ")) + " -- \"$cur\"))";
  if (option.kind == ValueKind::file) return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\"))";
  if (option.kind == ValueKind::folder) return "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$cur\"))";
  return "COMPREPLY=()";
}

std::string bash_case(const Command& command) {
  Context context;
  std::vector<std::string> words;
  std::string values;
  for (const Option& option : all_options(command, context)) {
    const auto names = option_words(option);
    words.insert(words.end(), names.begin(), names.end());
    if (takes_value(option)) values += "        " + joined(names, "|") + ") " + bash_value(option) + "; return ;;\n";
  }
  std::string out = "    " + shell_quoted(command.name) + ")\n";
  if (!values.empty()) out += "      case \"$prev\" in\n" + values + "      esac\n";
  return out + "      words=" + shell_quoted(joined(words, " ")) + " ;;\n";
}

std::string zsh_action(ValueKind kind, const std::vector<std::string>& choices) {
  if (!choices.empty()) return "(" + joined(choices, " ") + ")";
  if (kind == ValueKind::file) return "_files";
  if (kind == ValueKind::folder) return "_files -/";
  return " ";
}

// Escapes what _arguments treats as its own syntax.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string zsh_case(const Command& command) {
  Context context;
  std::string out = "    " + shell_quoted(command.name) + ")\n      _arguments -s -S";
  for (const Option& option : all_options(command, context)) {
    for (const std::string& word : option_words(option)) {
      std::string spec = word + "[" + zsh_text(option.help) + "]";
      if (takes_value(option)) spec += ":" + zsh_text(option.value_name) + ":" + zsh_action(option.kind, option.choices);
      out += " \\\n        " + shell_quoted("*" + spec);
    }
  }
  return out + " \\\n        '*:file:_files' ;;\n";
}

}  // namespace

std::vector<Command> unfolded_commands() {
  std::vector<Command> out;
  for (const CommandEntry& entry : all_commands()) {
    Command command = entry.make();
    const std::vector<Command> children = command.children;
    out.push_back(std::move(command));
    out.insert(out.end(), children.begin(), children.end());
  }
  return out;
}

std::vector<std::string> option_words(const Option& option) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while (start <= option.names.size()) {
    const std::size_t comma = std::min(option.names.find(',', start), option.names.size());
    out.push_back(option.names.substr(start, comma - start));
    start = comma + 1;
  }
  return out;
}

std::vector<Option> all_options(const Command& command, Context& context) {
  std::vector<Option> out = command.options;
  if (command.uses_registry) {
    for (Option& option : registry_options(context)) out.push_back(std::move(option));
  }
  for (Option& option : common_options(context)) out.push_back(std::move(option));
  out.push_back({"-h,--help", "", "show this help", &context.common.json});
  return out;
}

std::string bash_completion() {
  std::vector<std::string> names;
  std::string cases;
  std::string parents;
  for (const Command& command : unfolded_commands()) {
    if (command.name.find(' ') == std::string::npos) names.push_back(command.name);
    cases += bash_case(command);
    if (command.children.empty()) continue;
    std::vector<std::string> children;
    for (const Command& child : command.children) children.push_back(child.name.substr(command.name.size() + 1));
    parents += "    " + command.name + ")\n      if [ \"$COMP_CWORD\" -eq 2 ]; then COMPREPLY=($(compgen -W " +
               shell_quoted(joined(children, " ")) + " -- \"$cur\")); return; fi\n      command=\"$command ${COMP_WORDS[2]}\" ;;\n";
  }
  return "# bash completion for davit; written by \"davit completion bash\".\n"
         "_davit() {\n  local cur prev command words\n  COMPREPLY=()\n"
         "  cur=${COMP_WORDS[COMP_CWORD]}\n  prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W " +
         shell_quoted(joined(names, " ") + " help") +
         " -- \"$cur\"))\n    return\n  fi\n  command=${COMP_WORDS[1]}\n  case \"$command\" in\n" + parents +
         "  esac\n  words=\n  case \"$command\" in\n" + cases +
         "  esac\n  if [[ \"$cur\" == -* ]]; then\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  else\n"
         "    compopt -o filenames 2>/dev/null\n    COMPREPLY=($(compgen -f -- \"$cur\"))\n  fi\n}\ncomplete -F _davit davit\n";
}

std::string zsh_completion() {
  std::string list;
  std::string cases;
  std::string parents;
  for (const Command& command : unfolded_commands()) {
    if (command.name.find(' ') == std::string::npos) list += "    " + shell_quoted(command.name + ":" + zsh_text(command.summary)) + "\n";
    cases += zsh_case(command);
    if (command.children.empty()) continue;
    std::string children;
    for (const Command& child : command.children) {
      children += " " + shell_quoted(child.name.substr(command.name.size() + 1) + ":" + zsh_text(child.summary));
    }
    parents += "    " + command.name + ")\n      if (( CURRENT == 3 )); then\n        local -a children=(" + children +
               " )\n        _describe command children\n        return\n      fi\n      command=\"$command $words[3]\" ;;\n";
  }
  return "#compdef davit\n# zsh completion for davit; written by \"davit completion zsh\".\n_davit() {\n  local command=$words[2]\n"
         "  local -a commands=(\n" +
         list + "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  case \"$command\" in\n" + parents +
         "  esac\n  case \"$command\" in\n" + cases + "  esac\n}\n_davit \"$@\"\n";
}

std::string fish_completion() {
  std::string out = "# fish completion for davit; written by \"davit completion fish\".\n";
  for (const Command& command : unfolded_commands()) {
    const std::size_t blank = command.name.find(' ');
    const std::string parent = command.name.substr(0, blank);
    std::string condition = "__fish_seen_subcommand_from " + parent;
    if (blank == std::string::npos) {
      out += "complete -c davit -n __fish_use_subcommand -f -a " + command.name + " -d " + shell_quoted(command.summary) + "\n";
    } else {
      const std::string child = command.name.substr(blank + 1);
      out += "complete -c davit -n " + shell_quoted(condition) + " -f -a " + child + " -d " + shell_quoted(command.summary) + "\n";
      condition += "; and __fish_seen_subcommand_from " + child;
    }
    Context context;
    for (const Option& option : all_options(command, context)) {
      out += "complete -c davit -n " + shell_quoted(condition);
      for (const std::string& word : option_words(option))
        out += word.starts_with("--") ? " -l " + word.substr(2) : " -s " + word.substr(1);
      if (takes_value(option)) out += option.kind == ValueKind::file || option.kind == ValueKind::folder ? " -r -F" : " -x";
      if (!option.choices.empty()) out += " -a " + shell_quoted(joined(option.choices, " "));
      out += " -d " + shell_quoted(option.help) + "\n";
    }
  }
  return out;
}

}  // namespace davit::cli
