#include "oci/trust/notation/distinguished_name.hpp"

#include <algorithm>
#include <optional>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_name_bytes = 4096;
constexpr std::string_view k_escapable = " \"#+,;<=>\\";

Error refuse(std::string_view text, std::string_view why) {
  return fail(ErrorCode::malformed, "the name \"" + printable(text) + "\" " + std::string(why));
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What follows a backslash: an escapable character, or two hex digits. Returns how many characters it took.
std::size_t unescape(std::string_view after, std::string& out) {
  if (after.empty()) return 0;
  if (k_escapable.find(after.front()) != std::string_view::npos) {
    out.push_back(after.front());
    return 1;
  }
  if (after.size() < 2 || hex_value(after[0]) < 0 || hex_value(after[1]) < 0) return 0;
  out.push_back(static_cast<char>(hex_value(after[0]) * 16 + hex_value(after[1])));
  return 2;
}

struct Part {
  std::string type{};
  std::string value{};
  std::string_view rest{};
  bool last = true;
};

// `type = value` up to a comma that is not escaped. Blanks around both are nothing; an escaped one at the end is kept.
std::optional<Part> take_part(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Part part{.type = std::string(trim(text.substr(0, equals)))};
  std::string_view rest = text.substr(equals + 1);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  std::size_t kept = 0;  // length of the value up to its last character that is no plain blank
  std::size_t i = 0;
  for (; i < rest.size() && rest[i] != ','; ++i) {
    const char c = rest[i];
    if (c == '\\') {
      const std::size_t used = unescape(rest.substr(i + 1), part.value);
      if (used == 0) return std::nullopt;
      i += used;
    } else if (c == '"' || c == '+' || c == ';' || c == '<' || c == '>' || c == '\0') {
      return std::nullopt;
    } else {
      part.value.push_back(c);
      if (c == ' ') continue;
    }
    kept = part.value.size();
  }
  part.value.resize(kept);
  part.last = i >= rest.size();
  part.rest = part.last ? std::string_view{} : rest.substr(i + 1);
  return part;
}

bool is_type(std::string_view type) {
  return !type.empty() && std::ranges::all_of(type, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace

Result<NameAttributes> parse_name_rule(std::string_view text) {
  if (text.size() > k_max_name_bytes)
    return fail(ErrorCode::limit, "a name of " + std::to_string(text.size()) + " bytes is over the limit");
  // Refused before anything is parsed: a hexadecimal value can stand for anything (CVE-2023-25656).
  if (text.find("=#") != std::string_view::npos) return refuse(text, "holds \"=#\", a value in hexadecimal");
  NameAttributes out;
  std::string_view rest = text;
  for (bool last = false; !last;) {
    auto part = take_part(rest);
    if (!part || !is_type(part->type) || part->value.empty() || !is_utf8(part->value))
      return refuse(text, "is not of the form C=US, ST=WA, O=Example");
    std::ranges::transform(part->type, part->type.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (part->type == "S") part->type = "ST";
    if (part->value.front() == '#') return refuse(text, "has a value in hexadecimal");
    if (!out.emplace(part->type, part->value).second) return refuse(text, "has the attribute " + part->type + " twice");
    rest = part->rest;
    last = part->last;
  }
  for (const char* type : {"C", "ST", "O"}) {
    if (!out.contains(type)) return refuse(text, "has no attribute " + std::string(type) + "; C, ST and O must be there");
  }
  return out;
}

bool is_contained(const NameAttributes& rule, const NameAttributes& name) {
  return std::ranges::all_of(rule, [&](const auto& attribute) {
    const auto found = name.find(attribute.first);
    return found != name.end() && found->second == attribute.second;
  });
}

std::string to_text(const NameAttributes& name) {
  std::string out;
  for (const auto& [type, value] : name) {
    if (!out.empty()) out += ",";
    out += type + "=";
    for (const char c : value) {
      if (c == ',' || c == '+' || c == '"' || c == '\\' || c == '<' || c == '>' || c == ';' || c == '=') out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace davit::oci
