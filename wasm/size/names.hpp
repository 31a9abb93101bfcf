// Names that a module gives its functions and data segments: the `name` section (WebAssembly core 3.0 appendix
// "Name Section"; extended name section proposal for data). A broken section gives the names before the breakage.
#pragma once

#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

struct ModuleNames {
  std::string_view module{};
  std::vector<std::string_view> functions{};  ///< by index; short or with gaps where there is none
  std::vector<std::string_view> data{};
};

/// @param content  of the `name` section, without its own name; must outlive the names
ModuleNames read_names(ByteView content, const Limits& limits);

}  // namespace davit::wasm
