#include "manifests/json.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/encoding.hpp"

namespace davit {

JsonObject::JsonObject(std::initializer_list<JsonMember> members) {
  for (const JsonMember& member : members) set(member.first, member.second);
}

void JsonObject::set(std::string name, Json value) {
  for (JsonMember& member : members_) {
    if (member.first == name) {
      member.second = std::move(value);
      return;
    }
  }
  members_.emplace_back(std::move(name), std::move(value));
}

const Json* JsonObject::find(std::string_view name) const {
  const auto it = std::ranges::find(members_, name, &JsonMember::first);
  return it == members_.end() ? nullptr : &it->second;
}

Json Json::strings(const std::vector<std::string>& texts) { return JsonArray(texts.begin(), texts.end()); }

namespace {

// Receives the parser's events and builds our tree; stops at the first breach of a limit.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json(std::int64_t{value})); }
  bool number_unsigned(number_unsigned_t value) override { return add(Json(std::uint64_t{value})); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return add(Json(value)); }
  bool string(string_t& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override { return open(Json(JsonObject{})); }
  bool key(string_t& name) override {
    auto& seen = open_.back().names;
    const auto at = std::ranges::lower_bound(seen, name);
    if (at != seen.end() && *at == name) {
      error_ = fail(ErrorCode::malformed, "JSON member \"" + printable(name) + "\" stands twice in one object");
      return false;
    }
    seen.insert(at, name);
    open_.back().pending = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*elements*/) override { return open(Json(JsonArray{})); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/, const nlohmann::json::exception& /*cause*/) override {
    error_ = fail_at(ErrorCode::malformed, "text is not valid JSON", position == 0 ? 0 : position - 1);
    return false;
  }

  Json result;
  std::optional<Error>& error() { return error_; }

 private:
  struct Open {
    Json json;
    std::string pending{};
    std::vector<std::string> names{};
  };
  bool open(Json json) {
    if (open_.size() >= limits_.depth) {
      error_ = fail(ErrorCode::limit, "JSON is nested deeper than " + std::to_string(limits_.depth) + " levels");
      return false;
    }
    open_.push_back({.json = std::move(json)});
    return true;
  }
  bool close() {
    Json done = std::move(open_.back().json);
    open_.pop_back();
    return add(std::move(done));
  }
  bool add(Json json) {
    if (open_.empty()) {
      result = std::move(json);
    } else if (auto* items = std::get_if<JsonArray>(&open_.back().json.value())) {
      items->push_back(std::move(json));
    } else {
      std::get<JsonObject>(open_.back().json.value()).set(std::move(open_.back().pending), std::move(json));
    }
    return true;
  }

  JsonLimits limits_;
  std::vector<Open> open_;
  std::optional<Error> error_;
};

nlohmann::ordered_json to_foreign(const Json& json) {
  return std::visit(
      [](const auto& value) -> nlohmann::ordered_json {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, JsonArray>) {
          auto out = nlohmann::ordered_json::array();
          for (const Json& item : value) out.push_back(to_foreign(item));
          return out;
        } else if constexpr (std::is_same_v<T, JsonObject>) {
          auto out = nlohmann::ordered_json::object();
          for (const auto& [name, member] : value.members()) out.emplace(name, to_foreign(member));
          return out;
        } else {
          return value;
        }
      },
      json.value());
}

Json sorted(const Json& json) {
  if (const JsonArray* items = json.array()) {
    JsonArray out;
    for (const Json& item : *items) out.push_back(sorted(item));
    return out;
  }
  const JsonObject* object = json.object();
  if (object == nullptr) return json;
  auto members = object->members();
  std::ranges::sort(members, {}, &JsonMember::first);
  JsonObject out;
  for (auto& [name, value] : members) out.set(name, sorted(value));
  return out;
}

// Outside text may be broken UTF-8; it is replaced, never thrown over.
std::string dump(const Json& json, int indent) {
  return to_foreign(json).dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string escaped_pointer_part(std::string_view name) {
  std::string out;
  for (const char c : printable(name)) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out.push_back(c);
  }
  return out;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.size_bytes) {
    return fail(ErrorCode::limit,
                "JSON text of " + std::to_string(text.size()) + " bytes is over the limit of " + std::to_string(limits.size_bytes));
  }
  Builder builder(limits);
  bool complete = false;
  try {
    complete = nlohmann::json::sax_parse(text, &builder);
  } catch (const nlohmann::json::exception&) {
    complete = false;
  }
  if (builder.error()) return *std::move(builder.error());
  if (!complete) return fail(ErrorCode::malformed, "text is not valid JSON");
  return std::move(builder.result);
}

std::string write_json(const Json& json) { return dump(json, -1); }
std::string write_json_pretty(const Json& json) { return dump(json, 2) + "\n"; }
std::string write_json_sorted(const Json& json) { return dump(sorted(json), -1); }

Error JsonView::complaint(std::string message) const {
  return fail(ErrorCode::malformed, std::move(message)).in("JSON pointer " + (pointer_.empty() ? "\"\" (the whole document)" : pointer_));
}

std::optional<JsonView> JsonView::find(std::string_view name) const {
  const JsonObject* object = json_->object();
  const Json* member = object == nullptr ? nullptr : object->find(name);
  if (member == nullptr || std::holds_alternative<std::nullptr_t>(member->value())) return std::nullopt;
  return JsonView(*member, pointer_ + "/" + escaped_pointer_part(name));
}

Result<JsonView> JsonView::field(std::string_view name) const {
  if (json_->object() == nullptr) return complaint("expected an object");
  if (auto member = find(name)) return *member;
  return complaint("member \"" + std::string(name) + "\" is missing");
}

Result<std::string> JsonView::as_string() const {
  if (const std::string* text = json_->string()) return *text;
  return complaint("expected a string");
}

Result<std::uint64_t> JsonView::as_unsigned() const {
  if (const auto* value = std::get_if<std::uint64_t>(&json_->value())) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&json_->value()); value != nullptr && *value >= 0) {
    return static_cast<std::uint64_t>(*value);
  }
  return complaint("expected a whole number from 0 on");
}

Result<bool> JsonView::as_bool() const {
  if (const bool* value = std::get_if<bool>(&json_->value())) return *value;
  return complaint("expected true or false");
}

Result<std::vector<JsonView>> JsonView::as_items() const {
  const JsonArray* items = json_->array();
  if (items == nullptr) return complaint("expected an array");
  std::vector<JsonView> views;
  for (std::size_t i = 0; i < items->size(); ++i) views.emplace_back((*items)[i], pointer_ + "/" + std::to_string(i));
  return views;
}

Result<std::vector<std::pair<std::string, JsonView>>> JsonView::as_members() const {
  const JsonObject* object = json_->object();
  if (object == nullptr) return complaint("expected an object");
  std::vector<std::pair<std::string, JsonView>> views;
  for (const auto& [name, value] : object->members()) {
    views.emplace_back(name, JsonView(value, pointer_ + "/" + escaped_pointer_part(name)));
  }
  return views;
}

Result<std::vector<std::string>> JsonView::as_strings() const {
  TRY_ASSIGN(const auto items, as_items());
  std::vector<std::string> texts;
  for (const JsonView& item : items) {
    TRY_ASSIGN(auto text, item.as_string());
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<void> JsonView::refuse_unknown(std::initializer_list<std::string_view> known) const {
  const JsonObject* object = json_->object();
  if (object == nullptr) return complaint("expected an object");
  for (const auto& [name, value] : object->members()) {
    if (std::ranges::find(known, name) == known.end()) return complaint("unknown member \"" + printable(name) + "\"");
  }
  return {};
}

}  // namespace davit
