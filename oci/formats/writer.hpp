// From a package to one of the formats. The same package gives the same bytes on every machine.
//
// A writer says what a reader of its output will find (`said`). What differs from the package's own description becomes
// a warning and is remembered in the output (manifests/remembered.hpp), so no writer has to list what it cannot hold.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/remembered.hpp"
#include "manifests/wasm_config.hpp"
#include "oci/archive.hpp"
#include "oci/formats/package.hpp"

namespace davit::oci {

/// What `cli` found out about the wasm file, because this room does not read wasm.
struct WasmFacts {
  bool is_component = false;
  std::string target{};                           ///< `wasip1`, `wasip2`, `core`
  WasmWorld world{};                              ///< of a component
  std::set<std::string> exports{};                ///< of a core module
  Annotations metadata{};                         ///< from metadata sections: `org.opencontainers.image.…`
  std::string capability_classes{};               ///< value of `dev.davit.capabilities`
  std::map<std::string, std::string> sections{};  ///< texts of the custom sections that formats ask for (`io.kubewarden.metadata`)
};

struct WriteOptions {
  std::string created{};                     ///< RFC 3339; used where a format needs a time and the package has none
  std::string platform{};                    ///< `OS/ARCH`, over the package's own; empty: as remembered, else the format's own
  std::optional<Compression> compression{};  ///< of tar layers; empty: what the format expects
  bool strict = false;                       ///< refuse to write what would lose something
  bool as_docker = false;                    ///< for `docker save` files: labels say what annotations would
};

/// What was written, and what the target could not hold.
struct Written {
  NewArtifact artifact;
  std::string artifact_type;             ///< by which registries show it
  std::optional<Platform> platform{};    ///< for an entry of an index
  std::vector<NewArtifact> referrers{};  ///< data files of a format that holds none; stored after the artifact
  Facets lost{};                         ///< not said by the format itself; remembered in it
  std::vector<std::string> warnings{};   ///< one sentence for each of them, with the values
};

enum class FormatShape {
  bare,   ///< an artifact with the wasm file as a layer
  image,  ///< an artifact with file systems as layers, which `docker save` files can hold
  file    ///< a file or folder, no artifact
};

/// One packaging as data: `--format` choices, help and tests go through the table.
struct Format {
  using Writer = Result<Written> (*)(const Package&, const WasmFacts&, const WriteOptions&);
  using FileWriter = Result<Written> (*)(const Package&, const WasmFacts&, const WriteOptions&, const std::string& path);
  std::string_view name;
  std::string_view summary;  ///< for help: what reads it
  FormatShape shape;
  bool takes_components = true;
  Writer write = nullptr;           ///< of artifacts
  FileWriter write_file = nullptr;  ///< of files; its `Written` has no artifact
};

/// Errors of all writers: unsupported (the format cannot hold this wasm file, or with `strict` something beside it),
/// limit, malformed (a companion), io
const std::vector<Format>& formats();
const Format* find_format(std::string_view name);

/// Names in the order of the table.
std::vector<std::string> format_names(bool with_files);

}  // namespace davit::oci
