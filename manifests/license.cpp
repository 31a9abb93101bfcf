#include "manifests/license.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::size_t k_max_words = 1'000;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while (at < text.size() && words.size() <= k_max_words) {
    const std::size_t start = std::min(text.find_first_not_of(' ', at), text.size());
    if (start == text.size()) break;
    const bool bracket = text[start] == '(' || text[start] == ')';
    at = bracket ? start + 1 : std::min(text.find_first_of(" ()", start), text.size());
    words.push_back(text.substr(start, at - start));
  }
  return words;
}

bool is_own_name(std::string_view name) {
  constexpr std::string_view k_document = "DocumentRef-";
  constexpr std::string_view k_license = "LicenseRef-";
  const auto plain = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
  };
  if (name.starts_with(k_document)) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos || !plain(name.substr(k_document.size(), colon - k_document.size()))) return false;
    name.remove_prefix(colon + 1);
  }
  return name.starts_with(k_license) && plain(name.substr(k_license.size()));
}

bool is_simple(std::string_view word) {
  if (is_own_name(word)) return true;
  if (word.ends_with('+')) word.remove_suffix(1);
  return is_license_name(word);
}

}  // namespace

bool is_license_name(std::string_view name) {
  static const std::set<std::string_view> k_names = [] {
    std::set<std::string_view> names;
    for (const std::string_view word : words_of(k_license_names)) names.insert(word);
    // The list is longer than what words_of hands out at once only if it grew: then the bound must grow too.
    CHECK(names.size() <= k_max_words);
    return names;
  }();
  return k_names.contains(name);
}

Result<void> check_license_expression(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() > k_max_words)
    return fail(ErrorCode::limit, "the licence expression has more than " + std::to_string(k_max_words) + " words");
  const auto complain = [&](std::string_view word, const std::string& wanted) {
    return fail(ErrorCode::malformed, "\"" + printable(text) + "\" is no SPDX licence expression: " +
                                          (word.empty() ? "it ends" : "\"" + printable(word) + "\" stands") + " where " + wanted +
                                          " belongs")
        .hinting("use names of the SPDX list as in \"MIT OR Apache-2.0\", or LicenseRef-NAME for one of your own");
  };
  std::size_t open = 0;
  bool wants_term = true;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (wants_term) {
      if (word == "(") {
        ++open;
      } else if (is_simple(word)) {
        wants_term = false;
        if (at + 1 < words.size() && words[at + 1] == "WITH") {
          at += 2;
          const std::string_view exception = at < words.size() ? words[at] : std::string_view();
          if (!is_license_name(exception) || exception.ends_with('+')) return complain(exception, "an exception's name");
        }
      } else {
        return complain(word, "a licence");
      }
    } else if (word == ")" && open > 0) {
      --open;
    } else if (word == "AND" || word == "OR") {
      wants_term = true;
    } else {
      return complain(word, "AND or OR");
    }
  }
  if (wants_term) return complain("", "a licence");
  if (open > 0) return complain("", "\")\"");
  return {};
}

}  // namespace davit
