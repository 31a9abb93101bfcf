// From a code address to functions and lines (DWARF 2 to 5), by elfutils' libdw.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "manifests/result.hpp"
#include "wasm/debug/elf_image.hpp"

namespace davit::wasm {

/// A place in the sources; what is unknown is empty or 0.
struct SourceFrame {
  std::string function{};  ///< readable
  std::string file{};      ///< as the compiler wrote it
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  bool is_inlined = false;  ///< its code stands in the next frame's function
};

class DwarfInfo {
 public:
  DwarfInfo(const DwarfInfo&) = delete;
  DwarfInfo& operator=(const DwarfInfo&) = delete;
  virtual ~DwarfInfo() = default;
  /// The frames at one address, innermost first; empty when the information says nothing of it.
  /// @param address  from the start of the code section's payload
  virtual std::vector<SourceFrame> find(std::uint64_t address) = 0;

 protected:
  DwarfInfo() = default;
};

/// @param sections  copied
/// Errors: malformed (no DWARF that the library takes), limit
Result<std::unique_ptr<DwarfInfo>> open_dwarf(const std::vector<NamedSection>& sections);

}  // namespace davit::wasm
