// The debugging information of a wasm file in a file of its own, as `llvm-objcopy --only-keep-debug` leaves it: a module
// with nothing but its `.debug_*` sections, and its names in a section of ours. Code addresses in DWARF count from the start of the code
// section's payload, so that it fits every file with the same code. Of a component it is a component with one such
// module for each nested module, in file order.
#pragma once

#include <optional>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

/// On the wire (tool-conventions, BuildId.md and Debugging.md): never rename.
inline constexpr std::string_view k_build_id_section = "build_id";
inline constexpr std::string_view k_external_debug_section = "external_debug_info";
inline constexpr std::string_view k_source_map_section = "sourceMappingURL";

/// In a debug file: content of the `name` section of the file that it was split off.
inline constexpr std::string_view k_split_names_section = "davit.names";

inline constexpr std::size_t k_build_id_bytes = 16;  ///< of those that davit makes
inline constexpr std::size_t k_max_build_id_bytes = 1024;

/// The file's build identifier; nothing when it has none or a broken one. Errors: malformed, limit
Result<std::optional<Bytes>> find_build_id(ByteView file, const Limits& limits);

/// Content of a `build_id` section: length and bytes.
Bytes make_build_id(ByteView id);

/// Content of a section that holds one text: a length and the address of a file.
Bytes make_address(std::string_view address);
/// The address in such a section; nothing when there is none or a broken one. Errors: malformed, limit
Result<std::optional<std::string>> find_address(ByteView file, std::string_view section, const Limits& limits);

/// @param build_id  to mark it with; a consumer takes only the debug file with the same one
/// Errors: not_found (there is no debugging information), malformed, limit
Result<Bytes> make_debug_file(ByteView file, ByteView build_id, const Limits& limits);

}  // namespace davit::wasm
