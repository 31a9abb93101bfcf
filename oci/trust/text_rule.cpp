#include "oci/trust/text_rule.hpp"

#include <re2/re2.h>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_expression_bytes = 4096;
constexpr std::int64_t k_max_expression_memory = std::int64_t{1} << 20;

RE2::Options quiet_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(k_max_expression_memory);
  return options;
}

}  // namespace

struct TextRule::Pattern {
  explicit Pattern(const std::string& expression) : compiled(expression, quiet_options()) {}
  RE2 compiled;
};

TextRule TextRule::exactly(std::string text) { return {std::move(text), nullptr}; }

Result<TextRule> TextRule::pattern(std::string expression) {
  if (expression.empty() || expression.size() > k_max_expression_bytes) {
    return fail(ErrorCode::usage, "a regular expression of " + std::to_string(expression.size()) + " bytes; expected 1 to " +
                                      std::to_string(k_max_expression_bytes));
  }
  auto compiled = std::make_shared<const Pattern>(expression);
  if (!compiled->compiled.ok()) {
    return fail(ErrorCode::usage,
                "\"" + printable(expression) + "\" is not a regular expression: " + printable(compiled->compiled.error()));
  }
  return TextRule(std::move(expression), std::move(compiled));
}

bool TextRule::matches(std::string_view text) const {
  if (!pattern_) return text == source_;
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern_->compiled);
}

std::string TextRule::describe() const { return pattern_ ? "/" + source_ + "/" : source_; }

}  // namespace davit::oci
