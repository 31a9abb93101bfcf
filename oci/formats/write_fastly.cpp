// A package for Fastly Compute: a gzip tar whose one folder is named after the archive, with `fastly.toml` and
// `bin/main.wasm` in it. Fastly's own validation looks at these two names alone.
#include "manifests/toml.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_manifest = "fastly.toml";
constexpr std::uint64_t k_max_package_bytes = 100'000'000;  // Fastly's cap

std::string annotation_of(const Package& package, const std::string& key) {
  const auto found = package.description.annotations.find(key);
  return found == package.description.annotations.end() ? "" : found->second;
}

std::string fastly_manifest(const Package& package) {
  const auto companion = package.description.companions.find(std::string(k_manifest));
  if (companion != package.description.companions.end()) return companion->second;
  std::string author = package.description.author;
  if (author.empty()) author = annotation_of(package, "org.opencontainers.image.authors");
  return write_toml(JsonObject{{"manifest_version", 3},
                               {"name", name_of(package)},
                               {"description", annotation_of(package, "org.opencontainers.image.description")},
                               {"authors", author.empty() ? JsonArray{} : JsonArray{author}},
                               {"language", "other"},
                               {"service_id", ""}});
}

}  // namespace

Result<Written> write_fastly(const Package& plain, const WasmFacts& facts, const WriteOptions& options, const std::string& path) {
  const Package package = with_annotations(plain, facts);
  TRY(refuse_component(facts, "fastly", "Fastly's hosts"));
  const std::string base = base_of(path);
  const std::string folder = base.substr(0, base.find('.'));
  if (folder.empty()) return fail(ErrorCode::usage, "a Fastly package needs a name before its first dot, like app.tar.gz").in(path);
  PackageDescription said;
  said.title = "main.wasm";
  said.companions[std::string(k_manifest)] = fastly_manifest(package);
  const PackageDescription wanted = wanted_of(package, facts);
  said.files = wanted.files;
  TRY_ASSIGN(Memory memory, remember("fastly", wanted, said, options));
  std::vector<TarFile> files = data_files(package, folder + "/" + std::string(package_file::k_files_folder));
  files.push_back(text_file(folder + "/" + std::string(k_manifest), said.companions.at(std::string(k_manifest))));
  files.push_back(wasm_file(package, folder + "/bin/main.wasm"));
  if (!memory.text.empty()) files.push_back(text_file(folder + "/" + std::string(package_file::k_remembered), memory.text));
  TRY_ASSIGN(const PackedTar packed, pack_tar(files, Compression::gzip, "application/gzip"));
  if (packed.blob.descriptor.size > k_max_package_bytes) {
    return fail(ErrorCode::limit, "the package is " + std::to_string(packed.blob.descriptor.size) + " bytes long, and Fastly takes " +
                                      std::to_string(k_max_package_bytes));
  }
  return store_package(path, packed, std::move(memory));
}

}  // namespace davit::oci
