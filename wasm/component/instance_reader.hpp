// Instances: of core modules and of components with their arguments, and bags of exports.
#pragma once

#include <unordered_map>

#include "wasm/component_types.hpp"

namespace davit::wasm {

class InstanceReader {
 public:
  InstanceReader(ComponentTypeReader& types, const Limits& limits) : types_(types), limits_(limits) {}

  void read_core(Cursor& cursor);
  void read(Cursor& cursor);
  /// A sort and an index: what an export or argument is.
  Item read_item(Cursor& cursor);

 private:
  void instantiate_core(Cursor& cursor, std::uint64_t offset);
  void collect_core(Cursor& cursor, std::uint64_t offset);
  void instantiate(Cursor& cursor, std::uint64_t offset);
  void collect(Cursor& cursor, std::uint64_t offset);
  Mismatch link(const CoreModuleType& module, const std::map<std::string, std::uint32_t, std::less<>>& arguments);
  std::uint32_t instance_of(std::uint32_t module);

  ComponentTypeReader& types_;
  const Limits& limits_;
  std::unordered_map<std::uint32_t, std::uint32_t> instances_{};  ///< shapes of instances by shapes of modules
};

}  // namespace davit::wasm
