#include <array>

#include "wasm/instruction_walker.hpp"

namespace davit::wasm {

void InstructionWalker::read_cast_branch() {
  (void)cursor_.byte();
  label();
  (void)types_.read_heap_type(cursor_);
  (void)types_.read_heap_type(cursor_);
}

const CoreType* InstructionWalker::aggregate_index(TypeForm form, bool is_written) {
  const std::uint32_t index = types_.read_type_index(cursor_);
  if (!cursor_.ok()) return nullptr;
  const CoreType& type = spaces_.store->at(spaces_.types[index].id);
  if (type.form != form) {
    cursor_.fail_at(ErrorCode::malformed,
                    "type " + std::to_string(index) + " is not " + (form == TypeForm::array ? "an array" : "a structure"), start_);
  } else if (is_written && form == TypeForm::array && !type.fields[0].is_mutable) {
    cursor_.fail_at(ErrorCode::malformed, "immutable array: type " + std::to_string(index), start_);
  }
  return cursor_.ok() ? &type : nullptr;
}

void InstructionWalker::field_index(bool is_written) {
  const CoreType* type = aggregate_index(TypeForm::structure);
  const std::uint32_t field = index(type != nullptr ? type->fields.size() : 0, "field");
  if (cursor_.ok() && is_written && !type->fields[field].is_mutable)
    cursor_.fail_at(ErrorCode::malformed, "immutable field " + std::to_string(field), start_);
}

void InstructionWalker::read_gc() {
  const std::uint32_t code = cursor_.u32();
  if (!cursor_.ok()) return;
  meet(Construct::gc_instructions);
  if (code >= 0x20 && code <= 0x26) meet(Construct::custom_descriptors);
  switch (code) {
    case 0x00:
    case 0x01:
    case 0x20:
    case 0x21: (void)aggregate_index(TypeForm::structure); return;
    case 0x02:
    case 0x03:
    case 0x04: return field_index(false);
    case 0x05: return field_index(true);
    case 0x06:
    case 0x07:
    case 0x0b:
    case 0x0c:
    case 0x0d: (void)aggregate_index(TypeForm::array); return;
    case 0x08:
      (void)aggregate_index(TypeForm::array);
      (void)cursor_.u32();
      return;
    case 0x0e:
    case 0x10: (void)aggregate_index(TypeForm::array, true); return;
    case 0x09:
    case 0x12: {
      const CoreType* array = aggregate_index(TypeForm::array, code == 0x12);
      if (array != nullptr && (array->fields[0].type.code == 0x63 || array->fields[0].type.code == 0x64))
        return cursor_.fail_at(ErrorCode::malformed, "array type is not numeric or vector", start_);
      return data_index();
    }
    case 0x0a:
    case 0x13: (void)aggregate_index(TypeForm::array, code == 0x13); return element_index();
    case 0x0f:
    case 0x1a:
    case 0x1b:
    case 0x1c:
    case 0x1d:
    case 0x1e: return;
    case 0x11:
      (void)aggregate_index(TypeForm::array, true);
      (void)aggregate_index(TypeForm::array);
      return;
    case 0x14:
    case 0x15:
    case 0x16:
    case 0x17:
    case 0x22:
    case 0x23:
    case 0x24: (void)types_.read_heap_type(cursor_); return;
    case 0x18:
    case 0x19:
    case 0x25:
    case 0x26: return read_cast_branch();
    default: return unknown(0xfb, code);
  }
}

void InstructionWalker::read_misc() {
  const std::uint32_t code = cursor_.u32();
  if (!cursor_.ok()) return;
  switch (code) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7: return meet(Construct::saturating_conversion);
    case 8:
      meet(Construct::bulk_memory);
      data_index();
      return memory_index();
    case 9: meet(Construct::bulk_memory); return data_index();
    case 10:
      meet(Construct::bulk_memory);
      memory_index();
      return memory_index();
    case 11: meet(Construct::bulk_memory); return memory_index();
    case 12:
      meet(Construct::bulk_table);
      element_index();
      return table_index();
    case 13: meet(Construct::bulk_table); return element_index();
    case 14:
      meet(Construct::bulk_table);
      table_index();
      return table_index();
    case 15:
    case 16: meet(Construct::reference_types); return table_index();
    case 17: meet(Construct::table_fill); return table_index();
    case 18: meet(Construct::memory_control); return memory_index();
    case 19:
    case 20:
    case 21:
    case 22: return meet(Construct::wide_arithmetic);
    case 0x30:
    case 0x31: meet(Construct::half_floats); return read_memory_argument(1);
    default: return unknown(0xfc, code);
  }
}

void InstructionWalker::read_simd() {
  const std::uint32_t code = cursor_.u32();
  if (!cursor_.ok()) return;
  meet(Construct::simd);
  static constexpr std::array<std::uint8_t, 12> k_natural = {4, 3, 3, 3, 3, 3, 3, 0, 1, 2, 3, 4};
  if (code <= 0x0b) return read_memory_argument(k_natural[code]);
  if (code == 0x5c || code == 0x5d) return read_memory_argument(code - 0x5aU);
  if (code == 0x0c) return cursor_.skip(16);
  if (code == 0x0d) {
    for (int i = 0; i < 16; ++i) lane(32);
    return;
  }
  static constexpr std::array<std::uint8_t, 14> k_lanes = {16, 16, 16, 8, 8, 8, 4, 4, 2, 2, 4, 4, 2, 2};
  if (code >= 0x15 && code <= 0x22) return lane(k_lanes[code - 0x15]);
  if (code >= 0x54 && code <= 0x5b) {
    static constexpr std::array<std::uint8_t, 4> k_memory_lanes = {16, 8, 4, 2};
    read_memory_argument((code - 0x54) % 4);
    return lane(k_memory_lanes[(code - 0x54) % 4]);
  }
  if (code >= 0x100 && code <= 0x113) return meet(Construct::relaxed_simd);
  if (code >= 0x120 && code <= 0x15f) {
    meet(Construct::half_floats);
    if (code == 0x121 || code == 0x122) lane(8);
    return;
  }
  static constexpr std::array<std::uint8_t, 8> k_holes = {0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3};
  static constexpr std::array<std::uint8_t, 11> k_more_holes = {0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2};
  if (code > 0xff) return unknown(0xfd, code);
  for (const std::uint8_t hole : k_holes)
    if (code == hole) return unknown(0xfd, code);
  for (const std::uint8_t hole : k_more_holes)
    if (code == hole) return unknown(0xfd, code);
  if (code == 0xee) return unknown(0xfd, code);
}

void InstructionWalker::lane(std::uint8_t lanes) {
  const std::uint8_t value = cursor_.byte();
  if (cursor_.ok() && value >= lanes)
    cursor_.fail_at(ErrorCode::malformed, "lane " + std::to_string(value) + " of " + std::to_string(lanes), start_);
}

void InstructionWalker::read_atomic() {
  const std::uint32_t code = cursor_.u32();
  if (!cursor_.ok()) return;
  meet(Construct::atomics);
  // i32, i64, then their narrow forms; the same seven for every operation.
  static constexpr std::array<std::uint8_t, 7> k_natural = {2, 3, 0, 1, 0, 1, 2};
  if (code <= 0x02) return read_memory_argument(code == 0x02 ? 3 : 2, true);
  if (code >= 0x10 && code <= 0x4e) return read_memory_argument(k_natural[(code - 0x10) % 7], true);
  if (code == 0x03) {
    if (cursor_.byte() != 0 && cursor_.ok()) cursor_.fail_at(ErrorCode::malformed, "zero byte expected", start_);
    return;
  }
  meet(Construct::shared_everything);
  if (code < 0x4f || code > 0x72) return unknown(0xfe, code);
  if (code == 0x72) return;
  (void)cursor_.byte();
  if (code <= 0x57) return global_index();
  if (code <= 0x5b) return table_index();
  type_index();
  if (code <= 0x66) (void)cursor_.u32();
}

}  // namespace davit::wasm
