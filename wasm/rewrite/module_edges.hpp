// The edges of a nested core module, and a copy of it with fewer exports. Everything but the export section stays as it is.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/result.hpp"
#include "wasm/limits.hpp"

namespace davit::wasm {

using NameSet = std::set<std::string, std::less<>>;

struct ModuleImport {
  std::string module;
  std::string field;
  friend bool operator==(const ModuleImport&, const ModuleImport&) = default;
};

struct ModuleEdges {
  std::vector<ModuleImport> imports{};
  NameSet exports{};
  /// Whether instantiation alone can be noticed: a start function, or segments that write or trap.
  bool acts_at_start = false;
  bool is_object_file = false;
};

/// Errors: malformed, limit
Result<ModuleEdges> read_module_edges(ByteView module, const Limits& limits);

/// The module with only the exports that are named.
/// Errors: malformed, limit
Result<Bytes> keep_exports(ByteView module, const NameSet& kept, const Limits& limits);

}  // namespace davit::wasm
