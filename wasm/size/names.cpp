#include "wasm/size/names.hpp"

#include "wasm/cursor.hpp"

namespace davit::wasm {
namespace {

enum Subsection : std::uint8_t { k_module, k_functions, k_data = 9 };

void read_map(Cursor& cursor, std::vector<std::string_view>& out, std::uint32_t limit, const Limits& limits) {
  const std::uint32_t count = cursor.count(limit, "names");
  for (std::uint32_t i = 0; cursor.ok() && i < count; ++i) {
    const std::uint32_t index = cursor.u32();
    const std::string_view name = cursor.name(limits.name_bytes);
    if (!cursor.ok() || index >= limit) return;
    if (index >= out.size()) out.resize(index + std::size_t{1});
    out[index] = name;
  }
}

}  // namespace

ModuleNames read_names(ByteView content, const Limits& limits) {
  ModuleNames out;
  Cursor cursor(content);
  while (cursor.ok() && !cursor.at_end()) {
    const std::uint8_t id = cursor.byte();
    Cursor part(cursor.take(cursor.u32()));
    if (!cursor.ok()) break;
    if (id == k_module) out.module = part.name(limits.name_bytes);
    if (id == k_functions) read_map(part, out.functions, limits.functions, limits);
    if (id == k_data) read_map(part, out.data, limits.data_segments, limits);
  }
  return out;
}

}  // namespace davit::wasm
