// The only file that knows toml++.
#include "manifests/toml.hpp"

#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::size_t k_max_key_parts = 64;
constexpr std::string_view k_bare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

// Where the string that begins at `at` ends. A broken one ends the text; the parser says so.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool is_long = text.substr(at, 3) == std::string(3, quote);
  const std::string closing(is_long ? 3 : 1, quote);
  for (std::size_t i = at + closing.size(); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text.substr(i, closing.size()) == closing) {
      return i + closing.size();
    } else if (!is_long && text[i] == '\n') {
      return i;
    }
  }
  return text.size();
}

// The parser bounds the depth of values and not that of dotted keys, whose tables are freed by recursion.
bool has_long_key(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char letter = text[i];
    if (letter == '"' || letter == '\'') {
      i = end_of_string(text, i);
      continue;
    }
    if (letter == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (letter == '.' && ++dots >= k_max_key_parts) return true;
    if (std::string_view("=\n[]{},").find(letter) != std::string_view::npos) dots = 0;
    ++i;
  }
  return false;
}

template <typename T>
std::string to_words(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

Result<Json> convert(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    JsonObject out;
    for (const auto& [key, value] : *table) {
      TRY_ASSIGN(Json member, convert(value));
      out.set(std::string(key.str()), std::move(member));
    }
    return Json(std::move(out));
  }
  if (const auto* array = node.as_array()) {
    JsonArray out;
    for (const auto& value : *array) {
      TRY_ASSIGN(Json item, convert(value));
      out.push_back(std::move(item));
    }
    return Json(std::move(out));
  }
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* number = node.as_integer()) return Json(std::int64_t{number->get()});
  if (const auto* truth = node.as_boolean()) return Json(truth->get());
  if (const auto* date = node.as_date()) return Json(to_words(date->get()));
  if (const auto* time = node.as_time()) return Json(to_words(time->get()));
  if (const auto* moment = node.as_date_time()) return Json(to_words(moment->get()));
  const auto* real = node.as_floating_point();
  if (real == nullptr || !std::isfinite(real->get())) return fail(ErrorCode::malformed, "the document holds a number that is not finite");
  return Json(real->get());
}

std::string quoted(std::string_view text) {
  static constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += {'\\', letter};
    } else if (letter == '\n') {
      out += "\\n";
    } else if (letter == '\t') {
      out += "\\t";
    } else if (code < 0x20 || code == 0x7f) {
      out += std::string("\\u00") + k_digits[code >> 4U] + k_digits[code & 0xfU];
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

std::string key_text(const std::string& key) {
  const bool is_bare = !key.empty() && key.find_first_not_of(k_bare) == std::string::npos;
  return is_bare ? key : quoted(key);
}

// JSON's shortest digits are TOML's too. Those of the C++ library would bring the mathematics library to every start.
std::string number_text(double number) {
  std::string out = write_json(Json(number));
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

bool is_null(const Json& json) { return std::holds_alternative<std::nullptr_t>(json.value()); }

std::string value_text(const Json& json) {
  if (const auto* text = json.string()) return quoted(*text);
  if (const auto* items = json.array()) {
    std::string out;
    for (const Json& item : *items) {
      if (!is_null(item)) out += (out.empty() ? "" : ", ") + value_text(item);
    }
    return "[" + out + "]";
  }
  if (const auto* object = json.object()) {
    std::string out;
    for (const auto& [key, value] : object->members()) {
      if (!is_null(value)) out += (out.empty() ? " " : ", ") + key_text(key) + " = " + value_text(value);
    }
    return "{" + out + " }";
  }
  if (const auto* real = std::get_if<double>(&json.value())) return number_text(*real);
  return write_json(json);
}

bool is_table_list(const Json& json) {
  const auto* items = json.array();
  return items != nullptr && !items->empty() && std::ranges::all_of(*items, [](const Json& item) { return item.object() != nullptr; });
}

void write_table(const JsonObject& table, const std::string& name, std::string& out) {
  for (const auto& [key, value] : table.members()) {
    if (value.object() == nullptr && !is_table_list(value) && !is_null(value)) out += key_text(key) + " = " + value_text(value) + "\n";
  }
  for (const auto& [key, value] : table.members()) {
    const std::string inner = (name.empty() ? "" : name + ".") + key_text(key);
    if (const auto* object = value.object()) {
      out += (out.empty() ? "[" : "\n[") + inner + "]\n";
      write_table(*object, inner, out);
    } else if (is_table_list(value)) {
      for (const Json& item : *value.array()) {
        out += (out.empty() ? "[[" : "\n[[") + inner + "]]\n";
        write_table(*item.object(), inner, out);
      }
    }
  }
}

}  // namespace

Result<Json> parse_toml(std::string_view text) {
  if (text.size() > k_max_toml_bytes)
    return fail(ErrorCode::limit,
                "a TOML document of " + std::to_string(text.size()) + " bytes is over the limit of " + std::to_string(k_max_toml_bytes));
  if (!is_utf8(text)) return fail(ErrorCode::malformed, "the TOML document is not UTF-8");
  if (has_long_key(text))
    return fail(ErrorCode::limit, "a key of the TOML document has " + std::to_string(k_max_key_parts) + " parts or more");
  const toml::parse_result parsed = toml::parse(text);
  if (parsed) return convert(parsed.table());
  const auto& error = parsed.error();
  return fail(ErrorCode::malformed, "broken TOML in line " + std::to_string(error.source().begin.line) + ", column " +
                                        std::to_string(error.source().begin.column) + ": " + printable(error.description()));
}

std::string write_toml(const JsonObject& document) {
  std::string out;
  write_table(document, "", out);
  return out;
}

}  // namespace davit
