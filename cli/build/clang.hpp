// clang as the C, C++ and CMake toolchains use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/build/toolchain.hpp"

namespace davit::cli {

/// The compiler of the wasi-sdk that WASI_SDK_PATH names, or the system's. @param name  clang, clang++, llvm-ar
std::optional<std::string> find_clang(const Context& context, const std::string& name);

/// `--target=…` and the sysroot. Without a wasi-sdk preview 2 is compiled as preview 1.
std::vector<std::string> clang_target_flags(const Context& context, BuildTarget target);

std::optional<std::string> missing_for_clang(const Context& context, BuildTarget target, const std::string& name);

}  // namespace davit::cli
