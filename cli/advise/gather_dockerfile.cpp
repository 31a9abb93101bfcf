// The instructions of a Dockerfile (Docker's reference, "Dockerfile format") as far as they say something about the image:
// FROM, ENTRYPOINT, CMD, EXPOSE, VOLUME, RUN and ARG. Lines go on after a last backslash (or what `# escape=` names);
// here-documents are passed over.
#include <algorithm>
#include <cctype>
#include <map>

#include "cli/advise/gather.hpp"
#include "manifests/encoding.hpp"
#include "manifests/json.hpp"

namespace davit::cli::advise {
namespace {

constexpr std::size_t k_max_bytes = std::size_t{1} << 20;
constexpr std::size_t k_max_items = 1000;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(k_blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blank) - first + 1);
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!(text = trimmed(text)).empty() && out.size() < k_max_items) {
    const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

struct Stage {
  std::string name{};
  std::string base{};
  std::vector<std::string> entrypoint{};
  std::vector<std::string> command{};
  std::vector<std::string> ports{};
  std::vector<std::string> volumes{};
  std::vector<std::string> packages{};
};

class Parser {
 public:
  Result<ImageFacts> parse(std::string_view text) {
    while (!text.empty()) TRY(read_instruction(text));
    if (stages_.empty()) return fail(ErrorCode::malformed, "there is no FROM instruction, so this is no Dockerfile");
    return facts();
  }

 private:
  std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_;
    return line;
  }

  Result<void> read_instruction(std::string_view& text) {
    std::string whole;
    for (bool goes_on = true; goes_on;) {
      const std::string_view line = trimmed(next_line(text));
      goes_on = !text.empty() && !whole.empty() && (line.empty() || line.starts_with('#'));
      if (goes_on) continue;  // comments and blanks inside an instruction
      if (line.starts_with('#')) {
        if (whole.empty()) note_directive(line);
        break;
      }
      const bool continued = line.ends_with(escape_);
      whole += std::string(continued ? line.substr(0, line.size() - 1) : line) + " ";
      goes_on = continued && !text.empty();
    }
    pass_documents(whole, text);
    const std::string_view instruction = trimmed(whole);
    if (instruction.empty()) return {};
    const std::size_t end = std::min(instruction.find_first_of(" \t"), instruction.size());
    return take(upper(instruction.substr(0, end)), substitute(trimmed(instruction.substr(end))));
  }

  void note_directive(std::string_view line) {
    const std::string_view words = trimmed(line.substr(1));
    if (stages_.empty() && words.starts_with("escape=") && words.size() > 7) escape_ = words[7];
  }

  // `RUN <<EOF`: lines up to the word alone.
  void pass_documents(const std::string& whole, std::string_view& text) {
    std::size_t at = whole.find("<<");
    while (at != std::string::npos) {
      std::string_view word = std::string_view(whole).substr(at + 2);
      if (word.starts_with('-')) word.remove_prefix(1);
      word = word.substr(0, word.find_first_of(" \t>;&|"));
      std::string plain;
      std::ranges::copy_if(word, std::back_inserter(plain), [](char c) { return c != '"' && c != '\''; });
      const bool is_word = !plain.empty() && (std::isalpha(static_cast<unsigned char>(plain.front())) != 0 || plain.front() == '_');
      while (is_word && !text.empty() && trimmed(next_line(text)) != plain) {
      }
      at = whole.find("<<", at + 2);
    }
  }

  std::string substitute(std::string_view text) const {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '$' || i + 1 >= text.size()) {
        out += text[i];
        continue;
      }
      const bool braces = text[i + 1] == '{';
      const std::size_t start = i + (braces ? 2 : 1);
      std::size_t end = start;
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
      const auto found = arguments_.find(std::string(text.substr(start, end - start)));
      const std::size_t close = braces ? text.find('}', end) : end;
      if (found == arguments_.end() || close == std::string_view::npos) {
        out += text[i];
        continue;
      }
      out += found->second;
      i = braces ? close : close - 1;
    }
    return out;
  }

  // `["a", "b"]`, else the words that a shell would get.
  static std::vector<std::string> command_words(const std::string& text) {
    if (text.starts_with('[')) {
      const auto json = parse_json(text, JsonLimits{});
      if (json) {
        if (auto words = JsonView(*json).as_strings()) return *std::move(words);
      }
    }
    return words_of(text);
  }

  Result<void> take(const std::string& word, const std::string& rest) {
    if (word == "ARG") {
      const std::size_t equals = rest.find('=');
      if (equals != std::string::npos && arguments_.size() < k_max_items) arguments_[rest.substr(0, equals)] = rest.substr(equals + 1);
      return {};
    }
    if (word == "FROM") return take_from(rest);
    if (stages_.empty())
      return fail(ErrorCode::malformed, "line " + std::to_string(line_) + " has " + printable(word, 40) + " before any FROM");
    Stage& stage = stages_.back();
    if (word == "ENTRYPOINT") {
      stage.entrypoint = command_words(rest);
      stage.command.clear();
    }
    if (word == "CMD") stage.command = command_words(rest);
    if (word == "EXPOSE") append(stage.ports, words_of(rest));
    if (word == "VOLUME") append(stage.volumes, command_words(rest));
    if (word == "RUN") take_packages(stage, words_of(rest));
    return {};
  }

  Result<void> take_from(const std::string& rest) {
    std::vector<std::string> words = words_of(rest);
    std::erase_if(words, [](const std::string& word) { return word.starts_with("--"); });
    if (words.empty()) return fail(ErrorCode::malformed, "line " + std::to_string(line_) + " has a FROM that names no image");
    if (stages_.size() >= k_max_items) return fail(ErrorCode::limit, "there are more than " + std::to_string(k_max_items) + " stages");
    Stage stage{.name = words.size() > 2 && upper(words[1]) == "AS" ? words[2] : "", .base = words[0]};
    const auto earlier = std::ranges::find_if(stages_, [&](const Stage& each) { return !each.name.empty() && each.name == words[0]; });
    if (earlier != stages_.end()) {
      const std::string name = stage.name;
      stage = Stage(*earlier);
      stage.name = name;
    }
    stages_.push_back(std::move(stage));
    return {};
  }

  static void append(std::vector<std::string>& list, std::vector<std::string> more) {
    for (std::string& each : more) {
      if (list.size() < k_max_items) list.push_back(std::move(each));
    }
  }

  static void take_packages(Stage& stage, const std::vector<std::string>& words) {
    bool installing = false;
    for (const std::string& word : words) {
      if (word == "install" || word == "add") {
        installing = true;
      } else if (word == "&&" || word == ";" || word == "||" || word == "|" || word.ends_with(';')) {
        installing = false;
      } else if (installing && !word.starts_with('-')) {
        append(stage.packages, {word});
      }
    }
  }

  [[nodiscard]] ImageFacts facts() const {
    const Stage& last = stages_.back();
    ImageFacts out{.is_dockerfile = true};
    out.words = last.entrypoint;
    out.words.insert(out.words.end(), last.command.begin(), last.command.end());
    out.words_from = "ENTRYPOINT and CMD of the last stage";
    out.ports = last.ports;
    out.volumes = last.volumes;
    out.packages = last.packages;
    for (const Stage& stage : stages_) out.bases.push_back(stage.base);
    return out;
  }

  std::vector<Stage> stages_{};
  std::map<std::string, std::string> arguments_{};
  char escape_ = '\\';
  std::size_t line_ = 0;
};

}  // namespace

Result<ImageFacts> facts_of_dockerfile(std::string_view text) {
  if (text.size() > k_max_bytes)
    return fail(ErrorCode::limit,
                "a Dockerfile of " + std::to_string(text.size()) + " bytes is over the limit of " + std::to_string(k_max_bytes));
  return Parser().parse(text);
}

}  // namespace davit::cli::advise
