// Who wants more than a summary of a module (where each entry's bytes are, what refers to what) is told while the
// module is read, in file order.
#pragma once

#include <cstdint>

namespace davit::wasm {

/// Entries of sections; as the target of a reference the index space of that sort, imported items first.
enum class Part : std::uint8_t { type, import, function, table, memory, tag, global, exported, start, element, body, data };

class ModuleVisitor {
 public:
  virtual ~ModuleVisitor() = default;

  /// One entry of a section was read. What it refers to was told before.
  /// @param offset  absolute, of its first byte (of a body: of its size)
  virtual void entry(Part part, std::uint64_t offset, std::uint64_t size) = 0;
  /// The index was within bounds.
  virtual void refer(Part part, std::uint32_t index) = 0;
  /// A call through a table, of functions of one type.
  virtual void call_indirect(std::uint32_t type, std::uint32_t table) = 0;
};

}  // namespace davit::wasm
