// What a wasm file is and says of itself: kind, imports, exports, sections, features, producers, nested parts.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/constructs.hpp"
#include "wasm/limits.hpp"
#include "wasm/section_walker.hpp"

namespace davit::wasm {

struct ImportItem {
  std::string module{};                ///< of a core module's import; empty for components
  std::string name;                    ///< field name, or the world-level name (`wasi:cli/environment@0.2.0`)
  std::string kind;                    ///< func, table, memory, global, tag, module, instance, component, type, value
  std::vector<std::string> members{};  ///< functions of an imported instance
  bool is_typed = false;               ///< whether the instance's type is written out, so that `members` is complete
  friend bool operator==(const ImportItem&, const ImportItem&) = default;
};

struct ExportItem {
  std::string name;
  std::string kind;
  friend bool operator==(const ExportItem&, const ExportItem&) = default;
};

struct SectionItem {
  std::string name;
  std::uint64_t offset;  ///< of the section's id byte
  std::uint64_t size;    ///< header included
  bool custom = false;
};

/// A module or component inside a component.
struct NestedItem {
  Kind kind;
  std::string name;      ///< from its own name section; often empty
  std::uint64_t offset;  ///< of its preamble, in the outermost file
  std::uint64_t size;
  std::uint32_t depth;  ///< 1 = directly in the file
};

/// One field of the producers section, in file order.
struct ProducerField {
  std::string name;                                         ///< language, processed-by, sdk
  std::vector<std::pair<std::string, std::string>> values;  ///< name and version
};

struct BinarySummary {
  Kind kind = Kind::module;
  std::string target{};                        ///< wasip1, wasip2, wasip3, wasix or core
  std::string name{};                          ///< from the name section
  bool is_wit_package = false;                 ///< a component that only carries interface definitions
  std::vector<std::string> interface_names{};  ///< of a WIT package: its interfaces and worlds and what those export, sorted
  std::vector<ImportItem> imports{};
  std::vector<ExportItem> exports{};
  std::vector<SectionItem> sections{};
  std::vector<NestedItem> nested{};
  std::vector<std::string> features{};           ///< declared and used, sorted
  std::vector<std::string> declared_features{};  ///< from `target_features`
  ConstructSet constructs{};                     ///< what was met on the way, nested modules included
  bool code_was_read = false;                    ///< whether `constructs` includes function bodies
  std::vector<ProducerField> producers{};
  std::map<std::string, std::string> metadata{};  ///< OCI-style text sections: authors, description, licenses, …
  std::uint64_t size = 0;
  std::uint64_t function_count = 0;  ///< with bodies, nested modules included
  std::uint64_t code_bytes = 0;
  std::uint64_t data_bytes = 0;
  std::uint64_t custom_bytes = 0;
  std::uint64_t data_segment_count = 0;
};

/// How far a reader goes: `structure` leaves function bodies and data untouched, so that a large file costs little.
enum class ReadDepth { structure, code };

/// Reads the whole structure of a file.
/// @param file  must outlive the call only
/// Errors: malformed (offset set), limit, unsupported (component draft version or gated construct)
Result<BinarySummary> summarize(ByteView file, const Limits& limits, ReadDepth depth = ReadDepth::structure);

/// Names for `component.imports` and `component.exports` of a `wasm.config.v0`: functions, instances and types in
/// file order; imports of other kinds are left out, as every other writer of that document does.
std::vector<std::string> world_imports(const BinarySummary& summary);
std::vector<std::string> world_exports(const BinarySummary& summary);

std::string_view to_text(Kind kind);

}  // namespace davit::wasm
