#include "wasm/component/canon_reader.hpp"

namespace davit::wasm {
namespace {

constexpr std::uint8_t k_i32 = 0x7f;
constexpr std::uint8_t k_i64 = 0x7e;
constexpr std::uint8_t k_f32 = 0x7d;
constexpr std::uint8_t k_f64 = 0x7c;

using Codes = std::vector<std::uint8_t>;

bool push(Codes& out, std::uint8_t code, std::size_t most) {
  if (out.size() >= most) return false;
  out.push_back(code);
  return true;
}

// What holds either of two core values.
std::uint8_t join(std::uint8_t one, std::uint8_t other) {
  if (one == other) return one;
  const bool narrow = (one == k_i32 || one == k_f32) && (other == k_i32 || other == k_f32);
  return narrow ? k_i32 : k_i64;
}

bool flatten_primitive(std::uint8_t code, std::uint8_t pointer, std::size_t most, Codes& out) {
  switch (code) {
    case 0x73: return push(out, pointer, most) && push(out, pointer, most);  // string
    case 0x75: return push(out, k_f64, most);
    case 0x76: return push(out, k_f32, most);
    case 0x77:
    case 0x78: return push(out, k_i64, most);
    default: return push(out, k_i32, most);
  }
}

bool flatten_cases(const TypeStore& types, const Type& type, std::uint8_t pointer, std::size_t most, Codes& out) {
  if (!push(out, k_i32, most)) return false;
  const std::size_t start = out.size();
  const auto add = [&](TypeId payload) {
    if (payload == k_no_type) return true;
    Codes part;
    if (!flatten(types, payload, pointer, most, part)) return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (start + i < out.size()) out[start + i] = join(out[start + i], part[i]);
      else if (!push(out, part[i], most)) return false;
    }
    return true;
  };
  for (const Label& label : type.labels) {
    if (!add(label.type)) return false;
  }
  return add(type.first) && add(type.second);
}

}  // namespace

bool flatten(const TypeStore& types, TypeId id, std::uint8_t pointer, std::size_t most, Codes& out) {
  if (!types.spend(1)) return false;
  const Type& type = types.at(id);
  switch (type.kind) {
    case TypeKind::primitive: return flatten_primitive(type.primitive, pointer, most, out);
    case TypeKind::record:
    case TypeKind::tuple:
      for (const Label& label : type.labels) {
        if (!flatten(types, label.type, pointer, most, out)) return false;
      }
      return true;
    case TypeKind::variant:
    case TypeKind::option:
    case TypeKind::result: return flatten_cases(types, type, pointer, most, out);
    case TypeKind::list:
    case TypeKind::map: return push(out, pointer, most) && push(out, pointer, most);
    case TypeKind::fixed_list:
      for (std::uint32_t i = 0; i < type.length; ++i) {
        if (!flatten(types, type.first, pointer, most, out)) return false;
      }
      return true;
    default: return push(out, k_i32, most);
  }
}

}  // namespace davit::wasm
