#include "oci/http/challenge.hpp"

#include "manifests/lower_case.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_header_bytes = 16 * 1024;
constexpr std::size_t k_max_challenges = 16;
constexpr std::size_t k_max_parameters = 32;

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token68_char(char c) { return is_token_char(c) || c == '/' || c == '='; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Challenge>> parse() {
    std::vector<Challenge> out;
    skip_separators();
    while (position_ < text_.size()) {
      if (out.size() == k_max_challenges) return fail(ErrorCode::limit, "server sent more than 16 challenges");
      TRY_ASSIGN(auto scheme, token());
      Challenge challenge{.scheme = lower_case(scheme)};
      TRY(parameters(challenge));
      out.push_back(std::move(challenge));
      skip_separators();
    }
    return out;
  }

 private:
  void skip_blanks() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
  }
  void skip_separators() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t' || text_[position_] == ',')) ++position_;
  }
  [[nodiscard]] bool at(char c) const { return position_ < text_.size() && text_[position_] == c; }
  [[nodiscard]] Error bad(const std::string& expected) const {
    return fail_at(ErrorCode::malformed, "challenge of the server is malformed: expected " + expected, position_);
  }

  Result<std::string> token() {
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_token_char(text_[position_])) ++position_;
    if (position_ == begin) return bad("a word");
    return std::string(text_.substr(begin, position_ - begin));
  }

  Result<std::string> quoted() {
    ++position_;
    std::string out;
    while (position_ < text_.size() && text_[position_] != '"') {
      if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
      out += text_[position_++];
    }
    if (!at('"')) return bad("a closing quote");
    ++position_;
    return out;
  }

  // A word followed by "=" and something to assign is a parameter; otherwise it starts the next challenge.
  [[nodiscard]] bool next_is_parameter() const {
    std::size_t i = position_;
    while (i < text_.size() && is_token_char(text_[i])) ++i;
    if (i == position_) return false;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) ++i;
    return i < text_.size() && text_[i] == '=';
  }

  // `Negotiate YWJj==`: the word is followed by padding that ends the challenge.
  bool skip_token68() {
    std::size_t i = position_;
    while (i < text_.size() && is_token68_char(text_[i])) ++i;
    if (i == position_ || (i < text_.size() && text_[i] != ',')) return false;
    const std::string_view word = text_.substr(position_, i - position_);
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos && word.find_first_not_of('=', equals) != std::string_view::npos) return false;
    if (equals == std::string_view::npos && word.find('/') == std::string_view::npos) return false;
    position_ = i;
    return true;
  }

  Result<void> parameters(Challenge& challenge) {
    skip_blanks();
    if (skip_token68()) return {};
    skip_separators();
    while (next_is_parameter()) {
      if (challenge.parameters.size() == k_max_parameters) return fail(ErrorCode::limit, "challenge has more than 32 parameters");
      TRY_ASSIGN(const auto name, token());
      skip_blanks();
      ++position_;
      skip_blanks();
      std::string value;
      if (at('"')) {
        TRY_ASSIGN(value, quoted());
      } else {
        const std::size_t begin = position_;
        while (position_ < text_.size() && text_[position_] != ',' && text_[position_] != ' ') ++position_;
        value = std::string(text_.substr(begin, position_ - begin));
      }
      challenge.parameters.emplace(lower_case(name), std::move(value));
      skip_separators();
    }
    return {};
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

std::string Challenge::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

Result<std::vector<Challenge>> parse_challenges(std::string_view header) {
  if (header.size() > k_max_header_bytes) return fail(ErrorCode::limit, "challenge of the server is longer than 16 KiB");
  return Parser(header).parse();
}

}  // namespace davit::oci
