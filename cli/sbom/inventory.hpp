// What a wasm file is made of, before it is written as CycloneDX or SPDX.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/digest.hpp"
#include "manifests/result.hpp"

namespace davit::cli {

enum class PartRole {
  binary,     ///< the file, or a module or component inside it
  library,    ///< compiled into it
  build,      ///< ran while it was built: build scripts, compilers, bindings generators
  interface,  ///< wanted from the host or another component
};

struct SbomPart {
  std::string id;  ///< unique in the inventory; letters, digits, dots and dashes
  PartRole role = PartRole::library;
  std::string name;
  std::string version{};
  std::string purl{};
  std::string sha256{};  ///< hex
  std::string description{};
  std::string authors{};
  std::string licenses{};  ///< as the file says; may be no SPDX expression
  std::string source{};    ///< URLs
  std::string homepage{};
  std::vector<std::pair<std::string, std::string>> properties{};  ///< `davit:…`, may repeat a name
  std::vector<std::string> dependencies{};                        ///< ids
  std::vector<std::string> contains{};                            ///< ids of binaries nested in this one
};

struct Inventory {
  std::vector<SbomPart> parts{};       ///< the file itself first
  Digest digest;                       ///< of the file
  std::vector<std::string> remarks{};  ///< lists inside the file that could not be read
};

/// @param name  what the file is called when it does not say so itself
/// Errors: malformed, limit, unsupported: of the file, not of the lists inside it, which become remarks
Result<Inventory> take_inventory(ByteView file, const std::string& name);

}  // namespace davit::cli
