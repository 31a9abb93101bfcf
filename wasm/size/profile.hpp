// Where the bytes of a wasm file are: every byte has exactly one owner (an entry of a section, a custom section, or the
// frame of a section), and every entry knows what it retains: the bytes that would go if it went.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"
#include "wasm/section_walker.hpp"
#include "wasm/size/demangle.hpp"

namespace davit::wasm {

enum class SizeKind : std::uint8_t { function, data, table, memory, tag, global, element, exported, start, type, custom, frame };

/// `function`, `data`, …
std::string_view to_text(SizeKind kind);

struct SizeItem {
  SizeKind kind;
  std::uint32_t index = 0;     ///< in its index space, imported ones first; of a custom section its number
  std::uint64_t offset = 0;    ///< absolute; of an imported thing that of the import
  std::uint64_t size = 0;      ///< bytes that it owns
  std::uint64_t retained = 0;  ///< with everything that is reached only through it; 0 when nothing reaches it
  std::string_view name{};     ///< as the file has it: from the name section, else an export or import; views the file
  bool is_imported = false;
};

struct SizeSection {
  std::string_view name{};
  std::uint64_t offset = 0;  ///< of the id byte
  std::uint64_t size = 0;    ///< header included
  std::uint64_t entries = 0;
  bool is_custom = false;
};

/// The outermost file or a module or component nested in it. Sizes of a component leave out what is nested.
struct SizePart {
  Kind kind = Kind::module;
  std::string_view name{};  ///< from its own name section; often empty
  std::string path{};       ///< `module 2`, `component 1, module 0`; empty for the file itself
  std::uint64_t offset = 0;
  std::uint64_t size = 0;    ///< all of it
  std::uint32_t parent = 0;  ///< of a nested one: index into the parts
  std::vector<SizeSection> sections{};
  std::vector<SizeItem> items{};  ///< of a module; frames, types and customs included
  Language language = Language::unknown;
  std::uint64_t unreachable = 0;  ///< bytes of functions and segments that neither exports nor the start function reach
};

struct SizeProfile {
  Kind kind = Kind::module;
  std::uint64_t size = 0;
  std::vector<SizePart> parts{};  ///< in file order, outer ones first
};

/// Reads the whole file, function bodies included.
/// @param file  must outlive the profile
/// Errors: malformed (offset set), limit, unsupported
Result<SizeProfile> profile_sizes(ByteView file, const Limits& limits);

}  // namespace davit::wasm
