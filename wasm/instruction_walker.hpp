#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "wasm/core_types.hpp"

namespace davit::wasm {

/// Reads the instructions of one function body or constant expression, and notes the constructs that it meets.
/// Only instructions.cpp (the flow and the one-byte opcodes) and prefixed_instructions.cpp (0xfb to 0xfe) include it.
class InstructionWalker {
 public:
  InstructionWalker(Cursor& cursor, ModuleSpaces& spaces, const Limits& limits)
      : cursor_(cursor),
        spaces_(spaces),
        limits_(limits),
        types_(spaces, limits),
        has_plain_memory_(!spaces.memories.empty() && !spaces.memories.front().is_wide),
        memory_was_told_(spaces.visitor == nullptr) {}

  void read_body(std::uint32_t type);
  void read_constant(const CoreValueType& expected);

 private:
  enum class Block : std::uint8_t { function, block, loop, if_then, if_else, legacy_try, legacy_catch, legacy_catch_all, try_table };

  void read_locals(std::uint32_t type);
  void skip_simple();
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
  void read_memory_argument(std::uint32_t natural, bool is_exact = false);
  void read_constant_instruction(std::uint8_t opcode, std::vector<CoreValueType>& stack);
  void read_constant_gc(std::vector<CoreValueType>& stack);
  void pop(std::vector<CoreValueType>& stack, const CoreValueType& expected);
  void read_global_write();
  /// An index to a structure or array type; a writer's target must be mutable.
  const CoreType* aggregate_index(TypeForm form, bool is_written = false);
  void field_index(bool is_written);
  void read_cast_branch();
  std::uint32_t index(std::uint64_t count, std::string_view what) {
    const std::uint32_t value = cursor_.u32();
    if (value >= count) unknown_index(value, count, what);
    return value;
  }
  void unknown_index(std::uint32_t value, std::uint64_t count, std::string_view what);
  void refer(Part part, std::uint64_t count, std::string_view what);
  void label() { (void)index(control_.size(), "label"); }
  void type_index() { (void)types_.read_type_index(cursor_); }
  void function_index() { refer(Part::function, spaces_.functions.size(), "func"); }
  void table_index() { refer(Part::table, spaces_.tables.size(), "table"); }
  void global_index() { refer(Part::global, spaces_.globals.size(), "global"); }
  void tag_index() { refer(Part::tag, spaces_.tags.size(), "tag"); }
  void element_index() { refer(Part::element, spaces_.element_segments, "element segment"); }
  void data_index();
  void indirect_call();
  void memory_index();
  void lane(std::uint8_t lanes);
  void meet(Construct construct) { spaces_.constructs.add(construct, start_); }
  void unknown(std::uint32_t prefix, std::uint32_t code);

  Cursor& cursor_;
  ModuleSpaces& spaces_;
  const Limits& limits_;
  TypeReader types_;
  bool has_plain_memory_;  ///< memory 0 has 32-bit addresses
  bool memory_was_told_;   ///< the visitor knows that memory 0 is used
  std::uint64_t locals_ = 0;
  std::uint64_t start_ = 0;  ///< of the instruction being read
  std::vector<Block> control_{};
};

}  // namespace davit::wasm
