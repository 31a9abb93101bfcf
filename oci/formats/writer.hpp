// From a package to one of the formats. The same package gives the same bytes on every machine.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/wasm_config.hpp"
#include "oci/archive.hpp"
#include "oci/formats/package.hpp"

namespace davit::oci {

/// What `cli` found out about the wasm file, because this room does not read wasm.
struct WasmFacts {
  bool is_component = false;
  std::string target{};                           ///< `wasip1`, `wasip2`, `core`
  WasmWorld world{};                              ///< of a component
  Annotations metadata{};                         ///< from metadata sections: `org.opencontainers.image.…`
  std::string capability_classes{};               ///< value of `dev.davit.capabilities`
  std::map<std::string, std::string> sections{};  ///< texts of the custom sections that formats ask for (`io.kubewarden.metadata`)
};

struct WriteOptions {
  std::string created{};                     ///< RFC 3339; used where a format needs a time and the package has none
  std::string platform{};                    ///< `OS/ARCH`, over the package's own; empty: as remembered, else the format's own
  std::optional<Compression> compression{};  ///< of tar layers; empty: what the format expects
};

/// What was written, and what the target could not hold.
struct Written {
  NewArtifact artifact;
  std::string artifact_type;             ///< by which registries show it
  std::vector<NewArtifact> referrers{};  ///< data files of a format that holds none; stored after the artifact
  Facets lost{};                         ///< not held by the format itself; remembered in it
  std::vector<std::string> warnings{};   ///< one sentence for each of them, with the values
};

/// One packaging as data: readers, `--format` choices, help and tests go through the table.
struct Format {
  std::string_view name;
  std::string_view summary;  ///< for help: what reads it
  Facets holds;              ///< in its own documents, without `dev.davit.package`
  bool is_file = false;      ///< a file or folder (fastly, workers, wasmer); not an artifact
  Result<Written> (*write)(const Package&, const WasmFacts&, const WriteOptions&) = nullptr;
  Result<Written> (*write_file)(const Package&, const WasmFacts&, const WriteOptions&, const std::string& path) = nullptr;
};

const std::vector<Format>& formats();
const Format* find_format(std::string_view name);

}  // namespace davit::oci
