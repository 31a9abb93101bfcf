// A text that must be equal, or a regular expression (RE2 syntax, linear time) that must fit the whole text: always
// anchored at both ends, because an expression that fits somewhere inside accepts what an attacker puts around it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "manifests/result.hpp"

namespace davit::oci {

class TextRule {
 public:
  static TextRule exactly(std::string text);
  /// Errors: usage (not an expression, longer than 4 KiB)
  static Result<TextRule> pattern(std::string expression);

  [[nodiscard]] bool matches(std::string_view text) const;
  /// The text, or the expression between slashes.
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] bool is_pattern() const noexcept { return pattern_ != nullptr; }
  [[nodiscard]] const std::string& source() const noexcept { return source_; }

 private:
  struct Pattern;
  TextRule(std::string source, std::shared_ptr<const Pattern> pattern) : source_(std::move(source)), pattern_(std::move(pattern)) {}
  std::string source_;
  std::shared_ptr<const Pattern> pattern_;  ///< owners: every copy of the rule; never changed
};

}  // namespace davit::oci
