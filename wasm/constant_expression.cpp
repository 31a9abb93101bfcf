// Constant expressions (WebAssembly core 3.0 §3.4.12): the few instructions that may stand in one, with their operands.

#include "wasm/instruction_walker.hpp"
#include "wasm/instructions.hpp"

namespace davit::wasm {
namespace {

constexpr CoreValueType k_i32{.code = 0x7f};
constexpr CoreValueType k_i64{.code = 0x7e};
constexpr CoreValueType k_f32{.code = 0x7d};
constexpr CoreValueType k_f64{.code = 0x7c};
constexpr CoreValueType k_v128{.code = 0x7b};

CoreValueType reference(std::int64_t heap, bool nullable) {
  return {.code = nullable ? std::uint8_t{0x63} : std::uint8_t{0x64}, .heap = heap};
}

// A field of eight or sixteen bits is an i32 on the stack.
CoreValueType unpacked(const CoreValueType& type) { return type.code == 0x78 || type.code == 0x77 ? k_i32 : type; }

bool has_default(const CoreValueType& type) { return type.code != 0x64; }

}  // namespace

void InstructionWalker::pop(std::vector<CoreValueType>& stack, const CoreValueType& expected) {
  if (!cursor_.ok()) return;
  if (stack.empty())
    return cursor_.fail_at(ErrorCode::malformed, "type mismatch: expected " + to_text(expected) + ", found nothing", start_);
  if (!spaces_.store->is_subtype(stack.back(), expected))
    return cursor_.fail_at(ErrorCode::malformed, "type mismatch: expected " + to_text(expected) + ", found " + to_text(stack.back()),
                           start_);
  stack.pop_back();
}

void InstructionWalker::read_constant_gc(std::vector<CoreValueType>& stack) {
  Cursor ahead = cursor_;
  const std::uint32_t code = ahead.u32();
  const std::uint32_t type = code <= 0x08 ? ahead.u32() : 0;
  const std::uint32_t length = code == 0x08 ? ahead.u32() : 0;
  const bool allowed = code <= 1 || (code >= 6 && code <= 8) || (code >= 0x1a && code <= 0x1c) || code == 0x20 || code == 0x21;
  if (ahead.ok() && !allowed)
    return cursor_.fail_at(ErrorCode::malformed, "constant expression required, found 0xfb " + std::to_string(code), start_);
  read_gc();
  if (!cursor_.ok()) return;
  if (code >= 0x1a && code <= 0x1b) {
    const bool nullable = !stack.empty() && stack.back().code == 0x63;
    pop(stack, reference(code == 0x1a ? -0x6f : -0x6e, true));
    return stack.push_back(reference(code == 0x1a ? -0x6e : -0x6f, nullable));
  }
  if (code == 0x1c) {
    pop(stack, k_i32);
    return stack.push_back(reference(-0x6c, false));
  }
  if (code >= 0x20) return stack.clear();  // custom descriptors: a draft, read only
  const CoreTypeId id = spaces_.types[type].id;
  const CoreType& shape = spaces_.store->at(id);
  if (code == 1 || code == 7) {
    for (const CoreField& field : shape.fields) {
      if (!has_default(field.type)) cursor_.fail_at(ErrorCode::malformed, "type " + std::to_string(type) + " has no default value", start_);
    }
  }
  if (code >= 6 && code != 8) pop(stack, k_i32);
  if (code == 0) {
    for (auto field = shape.fields.rbegin(); cursor_.ok() && field != shape.fields.rend(); ++field) pop(stack, unpacked(field->type));
  }
  if (code == 6) pop(stack, unpacked(shape.fields[0].type));
  for (std::uint32_t i = 0; cursor_.ok() && i < length; ++i) pop(stack, unpacked(shape.fields[0].type));
  stack.push_back(reference(id, false));
}

void InstructionWalker::read_constant_instruction(std::uint8_t opcode, std::vector<CoreValueType>& stack) {
  Cursor ahead = cursor_;
  switch (opcode) {
    case 0x23: {
      const std::uint32_t index = ahead.u32();
      global_index();
      if (!cursor_.ok()) return;
      if (spaces_.globals[index].is_mutable)
        return cursor_.fail_at(ErrorCode::malformed, "constant expression required, found mutable global " + std::to_string(index), start_);
      return stack.push_back(spaces_.globals[index].value);
    }
    case 0x41: (void)cursor_.s32(); return stack.push_back(k_i32);
    case 0x42: (void)cursor_.s64(); return stack.push_back(k_i64);
    case 0x43: cursor_.skip(4); return stack.push_back(k_f32);
    case 0x44: cursor_.skip(8); return stack.push_back(k_f64);
    case 0x6a:
    case 0x6b:
    case 0x6c:
    case 0x7c:
    case 0x7d:
    case 0x7e: {
      meet(Construct::extended_const);
      const CoreValueType& type = opcode < 0x70 ? k_i32 : k_i64;
      pop(stack, type);
      pop(stack, type);
      return stack.push_back(type);
    }
    case 0xd0: {
      meet(Construct::reference_types);
      const bool is_shared = cursor_.peek() == 0x65;
      CoreValueType null = types_.resolve({.code = 0x63, .heap = types_.read_heap_type(cursor_), .is_shared = is_shared});
      return stack.push_back(null);
    }
    case 0xd2: {
      const std::uint32_t index = ahead.u32();
      function_index();
      if (cursor_.ok()) stack.push_back(reference(spaces_.types[spaces_.functions[index]].id, false));
      return;
    }
    case 0xfb: return read_constant_gc(stack);
    case 0xfd:
      if (ahead.u32() != 0x0c)
        return cursor_.fail_at(ErrorCode::malformed, "constant expression required, found 0xfd " + std::to_string(cursor_.peek()), start_);
      read_simd();
      return stack.push_back(k_v128);
    default: return cursor_.fail_at(ErrorCode::malformed, "constant expression required, found opcode " + std::to_string(opcode), start_);
  }
}

void InstructionWalker::read_constant(const CoreValueType& expected) {
  std::vector<CoreValueType> stack;
  bool is_draft = false;
  while (cursor_.ok()) {
    start_ = cursor_.offset();
    const std::uint8_t opcode = cursor_.byte();
    if (!cursor_.ok()) return;
    if (opcode == 0x0b) break;
    if (opcode == 0xfb && (cursor_.peek() == 0x20 || cursor_.peek() == 0x21)) is_draft = true;
    read_constant_instruction(opcode, stack);
  }
  if (!cursor_.ok() || is_draft) return;
  pop(stack, expected);
  if (cursor_.ok() && !stack.empty())
    cursor_.fail_at(ErrorCode::malformed, "type mismatch: a constant expression leaves more than one value", start_);
}

void read_constant_expression(Cursor& cursor, ModuleSpaces& spaces, const CoreValueType& expected, const Limits& limits) {
  InstructionWalker(cursor, spaces, limits).read_constant(expected);
}

}  // namespace davit::wasm
