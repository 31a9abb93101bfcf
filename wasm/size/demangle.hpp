// Names of functions as people wrote them, and the crate, package or namespace they belong to.
//
// C++ (Itanium ABI) and Rust, legacy (`_ZN…17h…E`) and v0 (`_R…`, Rust RFC 2603), by libiberty. Go writes every character
// outside [A-Za-z0-9_.] as `_`, which cannot be undone: such names stay as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace davit::wasm {

inline constexpr std::size_t k_max_mangled_bytes = 4096;    ///< longer names stay as they are
inline constexpr std::size_t k_max_demangled_bytes = 8192;  ///< what would be longer stays as it was

/// The readable name; the name itself when it is not mangled or not in a way that we know.
std::string demangle(std::string_view name);

enum class Language : unsigned char { unknown, go };

/// The Rust crate, C++ namespace or Go package of a function, `C and others` for names without any.
std::string package_of(std::string_view name, Language language);

}  // namespace davit::wasm
