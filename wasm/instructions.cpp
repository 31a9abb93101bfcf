#include "wasm/instructions.hpp"

#include <array>

#include "manifests/encoding.hpp"
#include "wasm/instruction_walker.hpp"

namespace davit::wasm {
namespace {

// log2 of the bytes that i32.load (0x28) to i64.store32 (0x3e) touch.
constexpr std::array<std::uint8_t, 23> k_natural = {2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2};

std::string hex(std::uint32_t code) {
  const std::array bytes = {static_cast<std::byte>(code >> 8U), static_cast<std::byte>(code & 0xffU)};
  return "0x" + encode_hex(code > 0xff ? ByteView(bytes) : ByteView(bytes).subspan(1));
}

}  // namespace

void InstructionWalker::unknown_index(std::uint32_t value, std::uint64_t count, std::string_view what) {
  if (!cursor_.ok()) return;
  cursor_.fail_at(ErrorCode::malformed,
                  "unknown " + std::string(what) + " " + std::to_string(value) + ", there are " + std::to_string(count), start_);
}

void InstructionWalker::refer(Part part, std::uint64_t count, std::string_view what) {
  const std::uint32_t value = index(count, what);
  if (spaces_.visitor != nullptr && cursor_.ok()) spaces_.visitor->refer(part, value);
}

void InstructionWalker::indirect_call() {
  const std::uint32_t type = types_.read_type_index(cursor_);
  const std::uint32_t table = index(spaces_.tables.size(), "table");
  if (spaces_.visitor != nullptr && cursor_.ok()) spaces_.visitor->call_indirect(type, table);
}

void InstructionWalker::data_index() {
  if (!spaces_.data_count) return cursor_.fail_at(ErrorCode::malformed, "data count section required", start_);
  refer(Part::data, *spaces_.data_count, "data segment");
}

void InstructionWalker::memory_index() {
  if (cursor_.peek() != 0) meet(Construct::multi_memory);
  refer(Part::memory, spaces_.memories.size(), "memory");
}

void InstructionWalker::unknown(std::uint32_t prefix, std::uint32_t code) {
  const std::string name = prefix == 0 ? hex(code) : hex(prefix) + " " + std::to_string(code);
  cursor_.fail_at(ErrorCode::malformed, "illegal opcode " + name, start_);
}

void InstructionWalker::open(Block block) {
  if (control_.size() >= limits_.control_depth) {
    return cursor_.fail_at(ErrorCode::limit, "blocks nested deeper than " + std::to_string(limits_.control_depth), start_);
  }
  control_.push_back(block);
}

void InstructionWalker::read_locals(std::uint32_t type) {
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

void InstructionWalker::read_body(std::uint32_t type) {
  read_locals(type);
  control_.push_back(Block::function);
  while (cursor_.ok() && !control_.empty()) {
    skip_simple();
    read_instruction();
  }
  cursor_.expect_end("function body after its end");
}

void InstructionWalker::read_block_type() {
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

void InstructionWalker::read_try_table() {
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

void InstructionWalker::read_control(std::uint8_t opcode) {
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

// Four of five instructions are numeric, or a local, a small constant or an access to memory with immediates of one
// byte. They are passed here in one go; whatever is odd about one leaves it to read_instruction.
void InstructionWalker::skip_simple() {
  const ByteView rest = cursor_.rest();
  const auto at = [&](std::size_t place) { return static_cast<std::uint8_t>(rest[place]); };
  std::size_t place = 0;
  while (place + 2 < rest.size()) {
    const std::uint8_t opcode = at(place);
    const std::uint8_t next = at(place + 1);
    if (opcode >= 0x45 && opcode <= 0xbf) {
      ++place;
    } else if (opcode >= 0x20 && opcode <= 0x22) {
      if (next >= 0x80 || next >= locals_) break;
      place += 2;
    } else if (opcode == 0x41) {
      if (next >= 0x80) break;
      place += 2;
    } else if (opcode >= 0x28 && opcode <= 0x3e) {
      const bool plain = memory_was_told_ && has_plain_memory_ && next <= k_natural[opcode - 0x28U] && at(place + 2) < 0x80;
      if (!plain) break;
      place += 3;
    } else {
      break;
    }
  }
  cursor_.skip(place);
}

void InstructionWalker::read_instruction() {
  start_ = cursor_.offset();
  const std::uint8_t opcode = cursor_.byte();
  if (!cursor_.ok()) return;
  // Most instructions take nothing (0x45…0xc4), a local (0x20…0x22) or a memory argument.
  if (opcode >= 0x45 && opcode <= 0xbf) return;
  if (opcode >= 0x20 && opcode <= 0x22) return (void)index(locals_, "local");
  if (opcode >= 0x28 && opcode <= 0x3e) return read_memory_argument(k_natural[opcode - 0x28U]);
  if (opcode >= 0x02 && opcode <= 0x0b) return read_control(opcode);
  if (opcode >= 0xd0) return read_reference(opcode);
  read_plain(opcode);
}

void InstructionWalker::read_plain(std::uint8_t opcode) {
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
    case 0x11: return indirect_call();
    case 0x12: meet(Construct::tail_call); return function_index();
    case 0x13: meet(Construct::tail_call); return indirect_call();
    case 0x14: meet(Construct::typed_references); return type_index();
    case 0x15:
      meet(Construct::typed_references);
      meet(Construct::tail_call);
      return type_index();
    case 0x1c: {
      meet(Construct::reference_types);
      const std::uint32_t types = cursor_.count(limits_.parameters, "types");
      if (cursor_.ok() && types != 1) return cursor_.fail_at(ErrorCode::malformed, "invalid result arity " + std::to_string(types), start_);
      for (std::uint32_t i = 0; cursor_.ok() && i < types; ++i) (void)types_.read_value_type(cursor_);
      return;
    }
    case 0x18:
    case 0x19:
    case 0x1f: return read_control(opcode);
    case 0x23: return global_index();
    case 0x24: return read_global_write();
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

void InstructionWalker::read_reference(std::uint8_t opcode) {
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

void InstructionWalker::read_handlers() {
  const std::uint32_t handlers = cursor_.count(limits_.fields, "handlers");
  for (std::uint32_t i = 0; cursor_.ok() && i < handlers; ++i) {
    const std::uint8_t kind = cursor_.byte();
    if (kind > 1) return cursor_.fail_at(ErrorCode::malformed, "malformed handler", start_);
    tag_index();
    if (kind == 0) label();
  }
}

void InstructionWalker::read_stack_switch(std::uint8_t opcode) {
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

void InstructionWalker::read_memory_argument(std::uint32_t natural, bool is_exact) {
  // Nearly every access, and the most frequent instructions of all.
  if (has_plain_memory_ && !is_exact && cursor_.peek() <= natural) {
    (void)cursor_.byte();
    (void)cursor_.u32();
    if (!memory_was_told_ && cursor_.ok()) spaces_.visitor->refer(Part::memory, 0);
    memory_was_told_ = true;
    return;
  }
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
  if (spaces_.visitor != nullptr) spaces_.visitor->refer(Part::memory, memory);
  if (flags > natural || (is_exact && flags != natural)) {
    return cursor_.fail_at(ErrorCode::malformed,
                           "alignment must not be larger than natural: 2^" + std::to_string(flags) + " for an access of 2^" +
                               std::to_string(natural) + " bytes",
                           start_);
  }
  if (spaces_.memories[memory].is_wide) (void)cursor_.u64();
  else (void)cursor_.u32();
}

void InstructionWalker::read_global_write() {
  Cursor ahead = cursor_;
  const std::uint32_t global = ahead.u32();
  global_index();
  if (cursor_.ok() && !spaces_.globals[global].is_mutable)
    cursor_.fail_at(ErrorCode::malformed, "global is immutable: " + std::to_string(global), start_);
}

void read_function_body(Cursor& cursor, ModuleSpaces& spaces, std::uint32_t type, const Limits& limits) {
  InstructionWalker(cursor, spaces, limits).read_body(type);
}

}  // namespace davit::wasm
