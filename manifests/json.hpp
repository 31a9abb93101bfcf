// JSON as davit reads and writes it (RFC 8259). Reading is strict: bounded size and depth, UTF-8, no duplicate
// keys, nothing after the value. Writing is deterministic: members in insertion order, no blanks.
// The parser behind this is nlohmann/json; its types stay in json.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"

namespace davit {

class Json;
using JsonArray = std::vector<Json>;
using JsonMember = std::pair<std::string, Json>;

/// Members in the order in which they were written; names are unique.
class JsonObject {
 public:
  JsonObject() = default;
  JsonObject(std::initializer_list<JsonMember> members);
  /// Adds or replaces a member.
  void set(std::string name, Json value);
  [[nodiscard]] const Json* find(std::string_view name) const;
  [[nodiscard]] const std::vector<JsonMember>& members() const { return members_; }
  [[nodiscard]] bool empty() const;

 private:
  std::vector<JsonMember> members_;
};

/// One JSON value.
class Json {
 public:
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, JsonArray, JsonObject>;
  Json() : value_(nullptr) {}
  Json(std::nullptr_t) : value_(nullptr) {}                   // NOLINT(google-explicit-constructor)
  Json(bool value) : value_(value) {}                         // NOLINT(google-explicit-constructor)
  Json(int value) : value_(std::int64_t{value}) {}            // NOLINT(google-explicit-constructor)
  Json(std::int64_t value) : value_(value) {}                 // NOLINT(google-explicit-constructor)
  Json(std::uint64_t value) : value_(value) {}                // NOLINT(google-explicit-constructor)
  Json(double value) : value_(value) {}                       // NOLINT(google-explicit-constructor)
  Json(const char* text) : value_(std::string(text)) {}       // NOLINT(google-explicit-constructor)
  Json(std::string_view text) : value_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Json(std::string text) : value_(std::move(text)) {}         // NOLINT(google-explicit-constructor)
  Json(JsonArray items) : value_(std::move(items)) {}         // NOLINT(google-explicit-constructor)
  Json(JsonObject members) : value_(std::move(members)) {}    // NOLINT(google-explicit-constructor)
  /// A list of texts becomes an array of strings.
  static Json strings(const std::vector<std::string>& texts);

  [[nodiscard]] const Value& value() const { return value_; }
  Value& value() { return value_; }
  [[nodiscard]] const JsonObject* object() const { return std::get_if<JsonObject>(&value_); }
  [[nodiscard]] const JsonArray* array() const { return std::get_if<JsonArray>(&value_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }

 private:
  Value value_;
};

inline bool JsonObject::empty() const { return members_.empty(); }

struct JsonLimits {
  std::size_t size_bytes = std::size_t{4} << 20;  ///< manifests: distribution-spec asks for 4 MiB at least
  std::size_t depth = 64;
};

/// Parses one JSON text.
/// Errors: limit (size, depth), malformed (syntax, duplicate member, invalid UTF-8; offset set)
Result<Json> parse_json(std::string_view text, const JsonLimits& limits);

/// Compact text, members in their order.
std::string write_json(const Json& json);
/// Indented by two blanks, for people; ends in a line break.
std::string write_json_pretty(const Json& json);
/// Members sorted by name (UTF-8 byte order), compact: the form whose digest does not depend on the writer.
std::string write_json_sorted(const Json& json);

/// A value together with its JSON pointer (RFC 6901), so that every complaint names its place.
/// It views the Json it was made from and must not outlive it.
class JsonView {
 public:
  explicit JsonView(const Json& json, std::string pointer = "") : json_(&json), pointer_(std::move(pointer)) {}
  [[nodiscard]] const Json& json() const { return *json_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(json_->value()); }

  /// The member, or malformed when it is absent or this is no object.
  [[nodiscard]] Result<JsonView> field(std::string_view name) const;
  /// The member, or nothing when it is absent, null, or this is no object.
  [[nodiscard]] std::optional<JsonView> find(std::string_view name) const;
  [[nodiscard]] Result<std::string> as_string() const;
  [[nodiscard]] Result<std::uint64_t> as_unsigned() const;
  [[nodiscard]] Result<bool> as_bool() const;
  [[nodiscard]] Result<std::vector<JsonView>> as_items() const;
  /// Names and values of an object, in order.
  [[nodiscard]] Result<std::vector<std::pair<std::string, JsonView>>> as_members() const;
  [[nodiscard]] Result<std::vector<std::string>> as_strings() const;
  /// malformed unless this is an object whose member names are all in `known`.
  [[nodiscard]] Result<void> refuse_unknown(std::initializer_list<std::string_view> known) const;
  /// A malformed error at this place: "expected X".
  [[nodiscard]] Error complaint(std::string message) const;

 private:
  const Json* json_;
  std::string pointer_;
};

}  // namespace davit
