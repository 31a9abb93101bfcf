// DWARF sections in the container that readers of DWARF expect: a minimal 32-bit little-endian ELF file (System V ABI,
// chapter 4) with nothing but those sections.
#pragma once

#include <string>
#include <vector>

#include "manifests/bytes.hpp"

namespace davit::wasm {

struct NamedSection {
  std::string name;  ///< `.debug_info`
  ByteView content;
};

/// @return nothing when the sections together are over what 32-bit offsets can say
Bytes make_elf_image(const std::vector<NamedSection>& sections);

}  // namespace davit::wasm
