#include "wasm/instructions.hpp"

#include <array>

#include "manifests/encoding.hpp"

namespace davit::wasm {
namespace {

enum class Block : std::uint8_t { function, block, loop, if_then, if_else, legacy_try, legacy_catch, legacy_catch_all, try_table };

std::string hex(std::uint32_t code) {
  const std::array bytes = {static_cast<std::byte>(code >> 8U), static_cast<std::byte>(code & 0xffU)};
  return "0x" + encode_hex(code > 0xff ? ByteView(bytes) : ByteView(bytes).subspan(1));
}

class Walker {
 public:
  Walker(Cursor& cursor, ModuleSpaces& spaces, const Limits& limits)
      : cursor_(cursor), spaces_(spaces), limits_(limits), types_(spaces, limits) {}

  void read_body(std::uint32_t type);
  void read_constant();

 private:
  void read_locals(std::uint32_t type);
  void read_instruction();
  void read_control(std::uint8_t opcode);
  void read_try_table();
  void read_block_type();
  void open(Block block);
  void read_plain(std::uint8_t opcode);
  void read_reference(std::uint8_t opcode);
  void read_stack_switch(std::uint8_t opcode);
  void read_handlers();
  void read_gc();
  void read_misc();
  void read_simd();
  void read_atomic();
  void read_memory_argument();
  void read_cast_branch();
  void index(std::uint64_t count, std::string_view what);
  void label() { index(control_.size(), "label"); }
  void type_index() { (void)types_.read_type_index(cursor_); }
  void function_index() { index(spaces_.functions.size(), "func"); }
  void table_index() { index(spaces_.tables.size(), "table"); }
  void global_index() { index(spaces_.globals.size(), "global"); }
  void tag_index() { index(spaces_.tags, "tag"); }
  void element_index() { index(spaces_.element_segments, "element segment"); }
  void data_index();
  void memory_index();
  void lane(std::uint8_t lanes);
  void meet(Construct construct) { spaces_.constructs.add(construct, start_); }
  void unknown(std::uint32_t prefix, std::uint32_t code);

  Cursor& cursor_;
  ModuleSpaces& spaces_;
  const Limits& limits_;
  TypeReader types_;
  std::uint64_t locals_ = 0;
  std::uint64_t start_ = 0;  ///< of the instruction being read
  std::vector<Block> control_{};
};

void Walker::index(std::uint64_t count, std::string_view what) {
  const std::uint32_t value = cursor_.u32();
  if (value < count || !cursor_.ok()) return;
  cursor_.fail_at(ErrorCode::malformed,
                  "unknown " + std::string(what) + " " + std::to_string(value) + ", there are " + std::to_string(count), start_);
}

void Walker::data_index() {
  if (!spaces_.data_count) return cursor_.fail_at(ErrorCode::malformed, "data count section required", start_);
  index(*spaces_.data_count, "data segment");
}

void Walker::memory_index() {
  if (cursor_.peek() != 0) meet(Construct::multi_memory);
  index(spaces_.memories.size(), "memory");
}

void Walker::unknown(std::uint32_t prefix, std::uint32_t code) {
  const std::string name = prefix == 0 ? hex(code) : hex(prefix) + " " + std::to_string(code);
  cursor_.fail_at(ErrorCode::malformed, "illegal opcode " + name, start_);
}

void Walker::lane(std::uint8_t lanes) {
  const std::uint8_t value = cursor_.byte();
  if (cursor_.ok() && value >= lanes)
    cursor_.fail_at(ErrorCode::malformed, "lane " + std::to_string(value) + " of " + std::to_string(lanes), start_);
}

void Walker::open(Block block) {
  if (control_.size() >= limits_.control_depth) {
    return cursor_.fail_at(ErrorCode::limit, "blocks nested deeper than " + std::to_string(limits_.control_depth), start_);
  }
  control_.push_back(block);
}

void Walker::read_locals(std::uint32_t type) {
  locals_ = spaces_.types[type].parameters;
  const std::uint64_t offset = cursor_.offset();
  const std::uint32_t groups = cursor_.count(limits_.locals, "groups of locals");
  std::uint64_t declared = 0;
  for (std::uint32_t i = 0; cursor_.ok() && i < groups; ++i) {
    declared += cursor_.u32();
    (void)types_.read_value_type(cursor_);
  }
  locals_ += declared;
  if (!cursor_.ok()) return;
  if (declared > UINT32_MAX) return cursor_.fail_at(ErrorCode::malformed, "too many locals: " + std::to_string(declared), offset);
  if (locals_ > limits_.locals) {
    cursor_.fail_at(ErrorCode::limit, std::to_string(locals_) + " locals are over the limit of " + std::to_string(limits_.locals), offset);
  }
}

void Walker::read_body(std::uint32_t type) {
  read_locals(type);
  control_.push_back(Block::function);
  while (cursor_.ok() && !control_.empty()) read_instruction();
  cursor_.expect_end("function body after its end");
}

void Walker::read_block_type() {
  const std::uint8_t first = cursor_.peek();
  if (first == 0x40) {
    (void)cursor_.byte();
    return;
  }
  if ((first & 0xc0U) == 0x40) {
    (void)types_.read_value_type(cursor_);
    return;
  }
  const std::int64_t type = cursor_.s33();
  if (!cursor_.ok()) return;
  if (type < 0) return cursor_.fail_at(ErrorCode::malformed, "malformed block type", start_);
  types_.require_type_index(cursor_, static_cast<std::uint64_t>(type), start_);
  if (!cursor_.ok()) return;
  const TypeEntry& entry = spaces_.types[static_cast<std::size_t>(type)];
  if (entry.form != TypeForm::function)
    return cursor_.fail_at(ErrorCode::malformed, "block type " + std::to_string(type) + " is not a function type", start_);
  meet(Construct::multi_value);
  if (entry.parameters > 0) meet(Construct::block_parameters);
}

void Walker::read_try_table() {
  meet(Construct::exceptions);
  read_block_type();
  const std::uint32_t clauses = cursor_.count(limits_.fields, "catch clauses");
  for (std::uint32_t i = 0; cursor_.ok() && i < clauses; ++i) {
    const std::uint8_t kind = cursor_.byte();
    if (kind > 3) return cursor_.fail_at(ErrorCode::malformed, "malformed catch clause", start_);
    if (kind < 2) tag_index();
    label();
  }
  open(Block::try_table);
}

void Walker::read_control(std::uint8_t opcode) {
  const Block inner = control_.back();
  const bool in_try = inner == Block::legacy_try || inner == Block::legacy_catch;
  switch (opcode) {
    case 0x02: read_block_type(); return open(Block::block);
    case 0x03: read_block_type(); return open(Block::loop);
    case 0x04: read_block_type(); return open(Block::if_then);
    case 0x05:
      if (inner != Block::if_then) return cursor_.fail_at(ErrorCode::malformed, "else without if", start_);
      control_.back() = Block::if_else;
      return;
    case 0x06:
      meet(Construct::legacy_exceptions);
      read_block_type();
      return open(Block::legacy_try);
    case 0x07:
    case 0x19:
      if (!in_try) return cursor_.fail_at(ErrorCode::malformed, "catch without try", start_);
      if (opcode == 0x07) tag_index();
      control_.back() = opcode == 0x07 ? Block::legacy_catch : Block::legacy_catch_all;
      return;
    case 0x08: meet(Construct::legacy_exceptions); return tag_index();
    case 0x09: meet(Construct::legacy_exceptions); return label();
    case 0x0a: return meet(Construct::exceptions);
    case 0x18:
      if (inner != Block::legacy_try) return cursor_.fail_at(ErrorCode::malformed, "delegate without try", start_);
      control_.pop_back();
      return label();
    case 0x0b: return control_.pop_back();
    case 0x1f: return read_try_table();
    default: return unknown(0, opcode);
  }
}

void Walker::read_instruction() {
  start_ = cursor_.offset();
  const std::uint8_t opcode = cursor_.byte();
  if (!cursor_.ok()) return;
  // Most instructions take nothing (0x45…0xc4), a local (0x20…0x22) or a memory argument.
  if (opcode >= 0x45 && opcode <= 0xbf) return;
  if (opcode >= 0x20 && opcode <= 0x22) return index(locals_, "local");
  if (opcode >= 0x28 && opcode <= 0x3e) return read_memory_argument();
  if (opcode >= 0x02 && opcode <= 0x0b) return read_control(opcode);
  if (opcode >= 0xd0) return read_reference(opcode);
  read_plain(opcode);
}

void Walker::read_plain(std::uint8_t opcode) {
  switch (opcode) {
    case 0x00:
    case 0x01:
    case 0x0f:
    case 0x1a:
    case 0x1b: return;
    case 0x0c:
    case 0x0d: return label();
    case 0x0e: {
      const std::uint32_t targets = cursor_.u32();
      for (std::uint32_t i = 0; cursor_.ok() && i < targets; ++i) label();
      return label();
    }
    case 0x10: return function_index();
    case 0x11: type_index(); return table_index();
    case 0x12: meet(Construct::tail_call); return function_index();
    case 0x13:
      meet(Construct::tail_call);
      type_index();
      return table_index();
    case 0x14: meet(Construct::typed_references); return type_index();
    case 0x15:
      meet(Construct::typed_references);
      meet(Construct::tail_call);
      return type_index();
    case 0x1c: {
      meet(Construct::reference_types);
      const std::uint32_t types = cursor_.count(limits_.parameters, "types");
      for (std::uint32_t i = 0; cursor_.ok() && i < types; ++i) (void)types_.read_value_type(cursor_);
      return;
    }
    case 0x18:
    case 0x19:
    case 0x1f: return read_control(opcode);
    case 0x23:
    case 0x24: return global_index();
    case 0x25:
    case 0x26: meet(Construct::reference_types); return table_index();
    case 0x3f:
    case 0x40: return memory_index();
    case 0x41: (void)cursor_.s32(); return;
    case 0x42: (void)cursor_.s64(); return;
    case 0x43: return cursor_.skip(4);
    case 0x44: return cursor_.skip(8);
    case 0xc0:
    case 0xc1:
    case 0xc2:
    case 0xc3:
    case 0xc4: return meet(Construct::sign_extension);
    default: return unknown(0, opcode);
  }
}

void Walker::read_reference(std::uint8_t opcode) {
  switch (opcode) {
    case 0xd0:
      meet(Construct::reference_types);
      (void)types_.read_heap_type(cursor_);
      return;
    case 0xd1: return meet(Construct::reference_types);
    case 0xd2: meet(Construct::reference_types); return function_index();
    case 0xd3: return meet(Construct::gc_instructions);  // ref.eq
    case 0xd4: return meet(Construct::typed_references);
    case 0xd5:
    case 0xd6: meet(Construct::typed_references); return label();
    case 0xfb: return read_gc();
    case 0xfc: return read_misc();
    case 0xfd: return read_simd();
    case 0xfe: return read_atomic();
    default: return opcode >= 0xe0 && opcode <= 0xe6 ? read_stack_switch(opcode) : unknown(0, opcode);
  }
}

void Walker::read_handlers() {
  const std::uint32_t handlers = cursor_.count(limits_.fields, "handlers");
  for (std::uint32_t i = 0; cursor_.ok() && i < handlers; ++i) {
    const std::uint8_t kind = cursor_.byte();
    if (kind > 1) return cursor_.fail_at(ErrorCode::malformed, "malformed handler", start_);
    tag_index();
    if (kind == 0) label();
  }
}

void Walker::read_stack_switch(std::uint8_t opcode) {
  meet(Construct::stack_switching);
  switch (opcode) {
    case 0xe0: return type_index();
    case 0xe1: type_index(); return type_index();
    case 0xe2: return tag_index();
    case 0xe3:
    case 0xe5: type_index(); return read_handlers();
    case 0xe4:
      type_index();
      tag_index();
      return read_handlers();
    default: type_index(); return tag_index();
  }
}

void Walker::read_memory_argument() {
  std::uint32_t flags = cursor_.u32();
  if (cursor_.ok() && flags >= 0x80) return cursor_.fail_at(ErrorCode::malformed, "malformed memop flags", start_);
  std::uint32_t memory = 0;
  const std::uint64_t offset = start_;
  if ((flags & 0x40U) != 0) {
    meet(Construct::multi_memory);
    memory = cursor_.u32();
    flags &= 0x3fU;
  }
  if ((flags & 0x10U) != 0) {
    meet(Construct::memory_order);
    (void)cursor_.byte();
    flags &= 0x0fU;
  }
  if (!cursor_.ok()) return;
  if (memory >= spaces_.memories.size()) {
    return cursor_.fail_at(ErrorCode::malformed,
                           "unknown memory " + std::to_string(memory) + ", there are " + std::to_string(spaces_.memories.size()), offset);
  }
  if (flags > 4)
    return cursor_.fail_at(ErrorCode::malformed, "alignment of 2^" + std::to_string(flags) + " is larger than any access", start_);
  if (spaces_.memories[memory]) (void)cursor_.u64();
  else (void)cursor_.u32();
}

void Walker::read_cast_branch() {
  (void)cursor_.byte();
  label();
  (void)types_.read_heap_type(cursor_);
  (void)types_.read_heap_type(cursor_);
}

void Walker::read_gc() {
  const std::uint32_t code = cursor_.u32();
  if (!cursor_.ok()) return;
  meet(Construct::gc_instructions);
  if (code >= 0x20 && code <= 0x26) meet(Construct::custom_descriptors);
  switch (code) {
    case 0x00:
    case 0x01:
    case 0x06:
    case 0x07:
    case 0x0b:
    case 0x0c:
    case 0x0d:
    case 0x0e:
    case 0x10:
    case 0x20:
    case 0x21: return type_index();
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x05:
    case 0x08:
      type_index();
      (void)cursor_.u32();
      return;
    case 0x09:
    case 0x12: type_index(); return data_index();
    case 0x0a:
    case 0x13: type_index(); return element_index();
    case 0x0f:
    case 0x1a:
    case 0x1b:
    case 0x1c:
    case 0x1d:
    case 0x1e: return;
    case 0x11: type_index(); return type_index();
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

void Walker::read_misc() {
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
    case 0x31: meet(Construct::half_floats); return read_memory_argument();
    default: return unknown(0xfc, code);
  }
}

void Walker::read_simd() {
  const std::uint32_t code = cursor_.u32();
  if (!cursor_.ok()) return;
  meet(Construct::simd);
  if (code <= 0x0b || code == 0x5c || code == 0x5d) return read_memory_argument();
  if (code == 0x0c) return cursor_.skip(16);
  if (code == 0x0d) {
    for (int i = 0; i < 16; ++i) lane(32);
    return;
  }
  static constexpr std::array<std::uint8_t, 14> k_lanes = {16, 16, 16, 8, 8, 8, 4, 4, 2, 2, 4, 4, 2, 2};
  if (code >= 0x15 && code <= 0x22) return lane(k_lanes[code - 0x15]);
  if (code >= 0x54 && code <= 0x5b) {
    static constexpr std::array<std::uint8_t, 4> k_memory_lanes = {16, 8, 4, 2};
    read_memory_argument();
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

void Walker::read_atomic() {
  const std::uint32_t code = cursor_.u32();
  if (!cursor_.ok()) return;
  meet(Construct::atomics);
  if (code <= 0x02 || (code >= 0x10 && code <= 0x4e)) return read_memory_argument();
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

void Walker::read_constant() {
  while (cursor_.ok()) {
    start_ = cursor_.offset();
    const std::uint8_t opcode = cursor_.byte();
    switch (opcode) {
      case 0x0b: return;
      case 0x23: global_index(); break;
      case 0x41: (void)cursor_.s32(); break;
      case 0x42: (void)cursor_.s64(); break;
      case 0x43: cursor_.skip(4); break;
      case 0x44: cursor_.skip(8); break;
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e: meet(Construct::extended_const); break;
      case 0xd0:
        (void)types_.read_heap_type(cursor_);
        meet(Construct::reference_types);
        break;
      case 0xd2: function_index(); break;
      case 0xfb: read_gc(); break;
      case 0xfd: {
        Cursor ahead = cursor_;
        if (ahead.u32() != 0x0c) return unknown(0xfd, cursor_.peek());
        read_simd();
        break;
      }
      default: return cursor_.fail_at(ErrorCode::malformed, "opcode " + hex(opcode) + " in a constant expression", start_);
    }
  }
}

}  // namespace

void read_constant_expression(Cursor& cursor, ModuleSpaces& spaces, const Limits& limits) {
  Walker(cursor, spaces, limits).read_constant();
}

void read_function_body(Cursor& cursor, ModuleSpaces& spaces, std::uint32_t type, const Limits& limits) {
  Walker(cursor, spaces, limits).read_body(type);
}

}  // namespace davit::wasm
