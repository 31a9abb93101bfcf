// What a packaged WebAssembly program says about itself besides its bytes, in words of no packaging. Every format is
// read into this and written from it, so that a conversion is one reading and one writing.
//
// A format holds some of these facets in its own documents. What the target cannot hold is `remembered`: kept as one
// JSON text in the annotation (or label, or file) `dev.davit.package`, from which the way back restores it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/descriptor.hpp"
#include "manifests/json.hpp"
#include "manifests/result.hpp"

namespace davit {

/// A remembered description beyond this is refused: registries refuse manifests over 4 MiB.
inline constexpr std::size_t k_max_remembered_bytes = std::size_t{1} << 20;

/// The parts of a description, each of which a format can hold or not.
enum class Facet {
  title,        ///< file name of the module, without folders
  path,         ///< where the module lies in the guest's file system
  entrypoint,   ///< the words that start it
  command,      ///< default arguments after them
  environment,  ///< `NAME=VALUE`
  working_folder,
  user,
  ports,
  volumes,
  labels,
  annotations,  ///< of the manifest
  platform,
  created,
  author,
  history,
  other_config,  ///< members of an image configuration that have no word here, verbatim
  companions,    ///< documents of one ecosystem: a Spin locked app, `runtime-config.json`, `fastly.toml`
  files,         ///< data files beside the module
};
using Facets = std::set<Facet>;

/// `working-folder`, as warnings and JSON name it.
std::string_view name_of(Facet facet);

/// A data file beside the module. Its bytes are elsewhere (oci::Package).
struct PackageFile {
  std::string path{};  ///< clean and relative to the guest's root: `data/table.bin`
  std::uint64_t size = 0;
  unsigned mode = 0644;
  friend bool operator==(const PackageFile&, const PackageFile&) = default;
};

struct PackageDescription {
  std::string title{};
  std::string path{};  ///< clean, without leading slash; empty when the format puts it nowhere
  std::optional<std::vector<std::string>> entrypoint{};
  std::optional<std::vector<std::string>> command{};
  std::vector<std::string> environment{};
  std::string working_folder{};
  std::string user{};
  std::vector<std::string> ports{};    ///< `8080/tcp`
  std::vector<std::string> volumes{};  ///< guest paths
  Annotations labels{};
  Annotations annotations{};
  std::optional<Platform> platform{};
  std::string created{};  ///< RFC 3339
  std::string author{};
  JsonArray history{};
  JsonObject other_config{};  ///< in the shape of an image configuration: members beside `config`, and `config` with its own
  std::map<std::string, std::string>
      companions{};  ///< by name (`spin.lock`, `spin.toml`, `runtime-config.json`, `fastly.toml`, `wasmer.toml`, …), as text
  std::vector<PackageFile> files{};  ///< sorted by path
};

/// True for `a/b.wasm`: relative, no empty part, no `.` or `..`, no NUL, at most 4096 bytes.
bool is_clean_path(std::string_view path);

/// The facets that say something.
Facets facets_of(const PackageDescription& description);

/// The description reduced to some facets; the others are as if nobody had said anything.
PackageDescription keep_facets(const PackageDescription& description, const Facets& facets);

/// What a format said itself, completed from what was remembered for it; what it said itself wins. Labels, annotations,
/// companions and other members of a configuration are completed name by name, the others as a whole.
PackageDescription complete(PackageDescription said, const PackageDescription& remembered);

/// One JSON object, members in a fixed order, empty facets left out; `files` lists paths, sizes and modes.
Json to_json(const PackageDescription& description);

/// Reads what `to_json` wrote; the text came from a store, so paths are held to the rules for names in archives.
/// Members it does not know are left out, so that an older davit reads what a newer one remembered.
/// Errors: malformed, limit
Result<PackageDescription> parse_package_description(std::string_view text);

}  // namespace davit
