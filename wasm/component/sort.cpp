#include "wasm/component/sort.hpp"

#include "manifests/encoding.hpp"
#include "wasm/cursor.hpp"

namespace davit::wasm {
namespace {

std::string hex(std::uint8_t byte) {
  const std::byte value{byte};
  return "0x" + encode_hex(ByteView(&value, 1));
}

}  // namespace

std::string_view to_text(Sort sort) {
  switch (sort) {
    case Sort::core_function: return "core func";
    case Sort::core_table: return "core table";
    case Sort::core_memory: return "core memory";
    case Sort::core_global: return "core global";
    case Sort::core_tag: return "core tag";
    case Sort::core_type: return "core type";
    case Sort::core_module: return "module";
    case Sort::core_instance: return "core instance";
    case Sort::function: return "func";
    case Sort::value: return "value";
    case Sort::type: return "type";
    case Sort::component: return "component";
    case Sort::instance: return "instance";
  }
  return "";
}

Sort read_core_sort(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t code = cursor.byte(); code) {
    case 0x00: return Sort::core_function;
    case 0x01: return Sort::core_table;
    case 0x02: return Sort::core_memory;
    case 0x03: return Sort::core_global;
    case 0x04: return Sort::core_tag;
    case 0x10: return Sort::core_type;
    case 0x11: return Sort::core_module;
    case 0x12: return Sort::core_instance;
    default: cursor.fail_at(ErrorCode::malformed, "malformed core sort " + hex(code), offset); return Sort::core_function;
  }
}

Sort read_sort(Cursor& cursor) {
  const std::uint64_t offset = cursor.offset();
  switch (const std::uint8_t code = cursor.byte(); code) {
    case 0x00: return read_core_sort(cursor);
    case 0x01: return Sort::function;
    case 0x02: return Sort::value;
    case 0x03: return Sort::type;
    case 0x04: return Sort::component;
    case 0x05: return Sort::instance;
    default: cursor.fail_at(ErrorCode::malformed, "malformed sort " + hex(code), offset); return Sort::function;
  }
}

}  // namespace davit::wasm
