#include "cli/build/toolchain.hpp"

namespace davit::cli {

std::string_view to_text(BuildTarget target) {
  switch (target) {
    case BuildTarget::wasi_preview1: return "p1";
    case BuildTarget::wasi_preview2: return "p2";
    case BuildTarget::core: return "core";
  }
  CHECK(false);
  return {};
}

// The order is the rule by which one of several toolchains is chosen (choose.hpp).
std::span<const Toolchain> all_toolchains() {
  static const std::vector<Toolchain> k_toolchains = [] {
    std::vector<Toolchain> table = clang_toolchains();
    table.insert(table.end(), {rust_toolchain(), go_toolchain(), tinygo_toolchain(), assemblyscript_toolchain(), zig_toolchain(),
                               cmake_toolchain(), javascript_toolchain(), python_toolchain(), wat_toolchain()});
    return table;
  }();
  return k_toolchains;
}

bool is_reproducible(const Context& context, const Toolchain& toolchain, const BuildRequest& request) {
  return !toolchain.reproducible || toolchain.reproducible(context, request);
}

std::string toolchain_names() {
  std::string names;
  for (const Toolchain& toolchain : all_toolchains()) names += (names.empty() ? "" : ", ") + std::string(toolchain.name);
  return names;
}

}  // namespace davit::cli
