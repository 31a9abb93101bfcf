#include "oci/trust/tuf/canonical_json.hpp"

#include <algorithm>

namespace davit::oci {
namespace {

constexpr std::size_t k_max_depth = 32;

class Writer {
 public:
  std::string out;

  // Recursion goes no deeper than k_max_depth.
  Result<void> write(const Json& json, std::size_t depth) {
    if (depth > k_max_depth) return fail(ErrorCode::limit, "JSON is nested deeper than " + std::to_string(k_max_depth));
    if (const JsonObject* object = json.object()) return write_object(*object, depth);
    if (const JsonArray* array = json.array()) return write_array(*array, depth);
    if (const std::string* text = json.string()) {
      write_text(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&json.value())) {
      out += std::to_string(*number);
    } else if (const auto* large = std::get_if<std::uint64_t>(&json.value())) {
      out += std::to_string(*large);
    } else if (const auto* truth = std::get_if<bool>(&json.value())) {
      out += *truth ? "true" : "false";
    } else if (std::holds_alternative<std::nullptr_t>(json.value())) {
      out += "null";
    } else {
      return fail(ErrorCode::malformed, "a number that is not whole has no canonical form");
    }
    return {};
  }

 private:
  void write_text(std::string_view text) {
    out.push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }

  Result<void> write_array(const JsonArray& items, std::size_t depth) {
    out.push_back('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out.push_back(',');
      TRY(write(items[i], depth + 1));
    }
    out.push_back(']');
    return {};
  }

  Result<void> write_object(const JsonObject& object, std::size_t depth) {
    std::vector<const JsonMember*> members;
    for (const JsonMember& member : object.members()) members.push_back(&member);
    std::ranges::sort(members, {}, [](const JsonMember* member) -> const std::string& { return member->first; });
    out.push_back('{');
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out.push_back(',');
      write_text(members[i]->first);
      out.push_back(':');
      TRY(write(members[i]->second, depth + 1));
    }
    out.push_back('}');
    return {};
  }
};

}  // namespace

Result<Bytes> write_canonical(const Json& json) {
  Writer writer;
  TRY(writer.write(json, 0));
  return to_bytes(writer.out);
}

}  // namespace davit::oci
