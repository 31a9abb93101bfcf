#include "wasm/core_type_store.hpp"

#include <algorithm>
#include <array>

namespace davit::wasm {
namespace {

constexpr std::uint8_t k_nullable = 0x63;
constexpr std::uint8_t k_non_null = 0x64;
constexpr std::uint32_t k_longest_chain = 64;  // §3.1: engines bound the depth of subtyping at 63

void put(std::string& key, std::uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) key.push_back(static_cast<char>(number >> shift));
}

void put(std::string& key, const CoreValueType& type) {
  key.push_back(static_cast<char>(type.code));
  if (type.code != k_nullable && type.code != k_non_null) return;
  key.push_back(static_cast<char>(type.is_shared));
  put(key, static_cast<std::uint64_t>(type.heap));
}

// Ids inside the group stand in the key as places in it, so that equal groups have equal keys.
std::string key_of(const std::vector<CoreType>& group) {
  std::string key;
  for (const CoreType& type : group) {
    key.push_back(static_cast<char>(type.form));
    key.push_back(static_cast<char>((type.is_final ? 1 : 0) + (type.is_shared ? 2 : 0)));
    put(key, type.parent);
    put(key, type.continues);
    put(key, type.describes);
    put(key, type.descriptor);
    put(key, type.fields.size());
    for (const CoreField& field : type.fields) {
      put(key, field.type);
      key.push_back(static_cast<char>(field.is_mutable));
    }
    put(key, type.results.size());
    for (const CoreValueType& result : type.results) put(key, result);
  }
  return key;
}

void settle(CoreValueType& type, CoreTypeId base) {
  if (type.heap >= k_inside_group) type.heap = base + (type.heap - k_inside_group);
}

bool is_reference(const CoreValueType& type) { return type.code == k_nullable || type.code == k_non_null; }

}  // namespace

CoreTypeId CoreTypeStore::intern(std::vector<CoreType> group) {
  const auto [place, is_new] = groups_.try_emplace(key_of(group), static_cast<CoreTypeId>(types_.size()));
  if (!is_new) return place->second;
  const CoreTypeId base = place->second;
  for (CoreType& type : group) {
    // Places of other members are told apart by the top bit (a module has far fewer types).
    for (CoreTypeId* link : {&type.parent, &type.continues, &type.describes, &type.descriptor}) {
      if (*link != k_no_core_type && (*link & 0x80000000U) != 0) *link = base + (*link & 0x7fffffffU);
    }
    for (CoreField& field : type.fields) settle(field.type, base);
    for (CoreValueType& result : type.results) settle(result, base);
    types_.push_back(std::move(type));
  }
  return base;
}

CoreTypeId CoreTypeStore::intern_function(const std::vector<std::uint8_t>& parameters, const std::vector<std::uint8_t>& results) {
  CoreType type;
  for (const std::uint8_t code : parameters) type.fields.push_back({.type = {.code = code}});
  for (const std::uint8_t code : results) type.results.push_back({.code = code});
  std::vector<CoreType> group;
  group.push_back(std::move(type));
  return intern(std::move(group));
}

bool CoreTypeStore::is_subtype(CoreTypeId sub, CoreTypeId super) const {
  for (std::uint32_t i = 0; i < k_longest_chain && sub != k_no_core_type; ++i) {
    if (sub == super) return true;
    sub = types_[sub].parent;
  }
  return false;
}

std::uint8_t CoreTypeStore::top_of(CoreTypeId id) const {
  switch (types_[id].form) {
    case TypeForm::function: return 0x70;
    case TypeForm::structure: return 0x6b;
    case TypeForm::array: return 0x6a;
    case TypeForm::continuation: return 0x68;
    case TypeForm::component_level: return 0;
  }
  return 0;
}

bool CoreTypeStore::is_heap_subtype(std::int64_t sub, std::int64_t super) const {
  if (sub == super) return true;
  if (sub >= 0 && super >= 0) return is_subtype(static_cast<CoreTypeId>(sub), static_cast<CoreTypeId>(super));
  const auto abstract = [&](std::int64_t heap) {
    return heap >= 0 ? top_of(static_cast<CoreTypeId>(heap)) : static_cast<std::uint8_t>(-heap);
  };
  const std::uint8_t below = abstract(sub);
  const std::uint8_t above = abstract(super);
  // Bottom types: none, nofunc, noextern, noexn, nocont are below everything of their hierarchy.
  const auto hierarchy = [](std::uint8_t code) -> std::uint8_t {
    switch (code) {
      case 0x70:
      case 0x73: return 0x70;
      case 0x6f:
      case 0x72: return 0x6f;
      case 0x69:
      case 0x74: return 0x69;
      case 0x68:
      case 0x75: return 0x68;
      default: return 0x6e;
    }
  };
  if (hierarchy(below) != hierarchy(above)) return false;
  const bool is_bottom = sub < 0 && (below >= 0x71 && below <= 0x75);
  if (is_bottom) return true;
  if (super >= 0) return false;
  if (below == above || above == hierarchy(above)) return true;
  return above == 0x6d && (below == 0x6c || below == 0x6b || below == 0x6a);  // eq over i31, struct, array
}

bool CoreTypeStore::is_subtype(const CoreValueType& sub, const CoreValueType& super) const {
  if (!is_reference(sub) || !is_reference(super)) return sub == super;
  if (sub.code == k_nullable && super.code == k_non_null) return false;
  return sub.is_shared == super.is_shared && is_heap_subtype(sub.heap, super.heap);
}

bool CoreTypeStore::extends(const CoreType& sub, const CoreType& super) const {
  if (super.is_final || sub.form != super.form || sub.is_shared != super.is_shared) return false;
  if (sub.form == TypeForm::continuation) return is_subtype(sub.continues, super.continues);
  if (sub.form == TypeForm::function) {
    const auto takes = [&](const CoreField& mine, const CoreField& theirs) { return is_subtype(theirs.type, mine.type); };
    const auto gives = [&](const CoreValueType& mine, const CoreValueType& theirs) { return is_subtype(mine, theirs); };
    return std::ranges::equal(sub.fields, super.fields, takes) && std::ranges::equal(sub.results, super.results, gives);
  }
  if (sub.fields.size() < super.fields.size()) return false;
  return std::equal(super.fields.begin(), super.fields.end(), sub.fields.begin(), [&](const CoreField& theirs, const CoreField& mine) {
    if (theirs.is_mutable != mine.is_mutable) return false;
    return theirs.is_mutable ? theirs.type == mine.type : is_subtype(mine.type, theirs.type);
  });
}

std::optional<std::string> CoreTypeStore::mismatch(const CoreEntity& actual, const CoreEntity& expected) const {
  using Kind = CoreEntity::Kind;
  if (actual.kind != expected.kind)
    return "expected " + std::string(to_text(expected.kind)) + ", found " + std::string(to_text(actual.kind));
  if (expected.kind == Kind::function && !is_subtype(actual.type, expected.type))
    return "expected " + describe(expected.type) + ", found " + describe(actual.type);
  if (expected.kind == Kind::tag && actual.type != expected.type)
    return "expected tag " + describe(expected.type) + ", found " + describe(actual.type);
  if (expected.kind == Kind::global) {
    if (actual.is_mutable != expected.is_mutable || actual.is_shared != expected.is_shared) return "globals differ in mutability";
    const bool fits = expected.is_mutable ? actual.value == expected.value : is_subtype(actual.value, expected.value);
    if (!fits) return "expected global type " + to_text(expected.value) + ", found " + to_text(actual.value);
  }
  if (expected.kind == Kind::table && actual.value != expected.value)
    return "expected table element type " + to_text(expected.value) + ", found " + to_text(actual.value);
  if (expected.kind != Kind::table && expected.kind != Kind::memory) return std::nullopt;
  const std::string what(to_text(expected.kind));
  if (actual.is_shared != expected.is_shared) return "mismatch in the shared flag of a " + what;
  if (actual.is_wide != expected.is_wide) return "mismatch in the address type of a " + what;
  if (actual.page_bits != expected.page_bits) return "mismatch in the page size of a " + what;
  const bool fits =
      actual.minimum >= expected.minimum && (!expected.maximum || (actual.maximum.has_value() && *actual.maximum <= *expected.maximum));
  if (!fits) return "mismatch in " + what + " limits";
  return std::nullopt;
}

std::string CoreTypeStore::describe(CoreTypeId function) const {
  const CoreType& type = types_[function];
  if (type.form != TypeForm::function) return "a type that is not a function";
  std::string text = "(func";
  if (!type.fields.empty()) {
    text += " (param";
    for (const CoreField& field : type.fields) text += " " + to_text(field.type);
    text += ")";
  }
  if (!type.results.empty()) {
    text += " (result";
    for (const CoreValueType& result : type.results) text += " " + to_text(result);
    text += ")";
  }
  return text + ")";
}

std::string_view to_text(CoreEntity::Kind kind) {
  static constexpr std::array<std::string_view, 5> k_names = {"func", "table", "memory", "global", "tag"};
  return k_names[static_cast<std::size_t>(kind)];
}

std::string to_text(const CoreValueType& type) {
  switch (type.code) {
    case 0x7f: return "i32";
    case 0x7e: return "i64";
    case 0x7d: return "f32";
    case 0x7c: return "f64";
    case 0x7b: return "v128";
    case 0x78: return "i8";
    case 0x77: return "i16";
    default: break;
  }
  std::string heap = "type " + std::to_string(type.heap);
  switch (-type.heap) {
    case 0x70: heap = "func"; break;
    case 0x6f: heap = "extern"; break;
    case 0x6e: heap = "any"; break;
    case 0x6d: heap = "eq"; break;
    case 0x6c: heap = "i31"; break;
    case 0x6b: heap = "struct"; break;
    case 0x6a: heap = "array"; break;
    case 0x69: heap = "exn"; break;
    default: break;
  }
  return (type.code == k_nullable ? "(ref null " : "(ref ") + heap + ")";
}

}  // namespace davit::wasm
