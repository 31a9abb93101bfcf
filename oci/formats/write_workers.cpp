// A folder that `wrangler deploy` takes: the module, a host for it in JavaScript, and data files as modules of their own.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "manifests/encoding.hpp"
#include "manifests/toml.hpp"
#include "oci/formats/workers_script.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_manifest = "wrangler.toml";
constexpr std::string_view k_compatibility_date = "2024-09-23";

std::string wrangler_manifest(const Package& package) {
  const auto companion = package.description.companions.find(std::string(k_manifest));
  if (companion != package.description.companions.end()) return companion->second;
  JsonObject document{{"name", name_of(package)}, {"main", "src/index.js"}, {"compatibility_date", std::string(k_compatibility_date)}};
  if (!package.files.empty()) {
    document.set("rules", JsonArray{JsonObject{{"type", "Data"},
                                               {"globs", JsonArray{"**/" + std::string(package_file::k_files_folder) + "/**"}},
                                               {"fallthrough", true}}});
  }
  return write_toml(document);
}

Json words_of(const Package& package) {
  std::vector<std::string> words = package.description.entrypoint.value_or(std::vector<std::string>{});
  if (package.description.command) words.insert(words.end(), package.description.command->begin(), package.description.command->end());
  if (words.empty()) words = {title_or_default(package)};
  return Json::strings(words);
}

Json variables_of(const Package& package) {
  JsonObject out;
  for (const std::string& pair : package.description.environment) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    out.set(pair.substr(0, equals), equals < pair.size() ? pair.substr(equals + 1) : "");
  }
  return out;
}

// JSON texts are JavaScript texts.
std::string package_script(const Package& package) {
  std::string imports;
  std::string entries;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const std::string& path = package.files[i].entry.path;
    const std::string name = "file" + std::to_string(i);
    imports += "import " + name + " from " + write_json("../" + std::string(package_file::k_files_folder) + "/" + path) + ";\n";
    entries += "  [" + write_json(path) + ", new Uint8Array(" + name + ")],\n";
  }
  return imports + "export const program = " + write_json(JsonObject{{"args", words_of(package)}, {"env", variables_of(package)}}) +
         ";\nexport const files = new Map([\n" + entries + "]);\n";
}

// Entries that a bundler would take for a path or a query of its own.
Result<void> check_names(const Package& package) {
  for (const PackagedFile& file : package.files) {
    if (file.entry.path.find_first_of("?#%\\") == std::string::npos) continue;
    return fail(ErrorCode::unsupported, "the data file \"" + printable(file.entry.path) + "\" has a name that a bundler cannot import")
        .hinting("leave data files out with --files none");
  }
  return {};
}

Result<void> store_file(const std::string& folder, const TarFile& file) {
  const std::string path = folder + "/" + file.name;
  TRY(make_folders(path.substr(0, path.find_last_of('/'))));
  TRY_ASSIGN(const auto out, AtomicFile::create(path));
  TRY_ASSIGN(const auto source, file.origin->open());
  TRY(copy_stream(*source, *out));
  return out->finish();
}

// The folder appears when it is whole; one that is there already is not touched, since its files may be somebody's work.
Result<void> store_folder(const std::string& path, const std::vector<TarFile>& files) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) {
    return fail(ErrorCode::conflict, "\"" + printable(path) + "\" is there already").hinting("name a folder that does not exist yet");
  }
  const std::string parent = path.find('/') == std::string::npos ? "." : path.substr(0, path.find_last_of('/'));
  TRY_ASSIGN(const TempDir building, TempDir::create(parent.empty() ? "/" : parent));
  const std::string whole = building.path() + "/folder";
  for (const TarFile& file : files) TRY(store_file(whole, file));
  if (::rename(whole.c_str(), path.c_str()) != 0) return file_error("write", path, errno);
  return {};
}

}  // namespace

Result<Written> write_workers(const Package& package, const WasmFacts& facts, const WriteOptions& options, const std::string& path) {
  TRY(refuse_component(facts, "workers", "Cloudflare's hosts"));
  TRY(check_names(package));
  PackageDescription said;
  said.title = "module.wasm";
  said.companions[std::string(k_manifest)] = wrangler_manifest(package);
  const PackageDescription wanted = wanted_of(package, facts);
  said.files = without_modes(wanted.files);
  TRY_ASSIGN(Memory memory, remember("workers", wanted, said, options));
  std::vector<TarFile> files = data_files(package, std::string(package_file::k_files_folder));
  files.push_back(text_file(std::string(k_manifest), said.companions.at(std::string(k_manifest))));
  files.push_back(text_file("src/index.js", std::string(workers_index())));
  files.push_back(text_file("src/wasi.js", std::string(workers_wasi())));
  files.push_back(text_file("src/package.js", package_script(package)));
  files.push_back(wasm_file(package, "src/module.wasm"));
  if (!memory.text.empty()) files.push_back(text_file(std::string(package_file::k_remembered), memory.text));
  std::string folder = path;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  TRY(store_folder(folder, files));
  // A folder has no digest of its own; that of the module is what a reader can check.
  return Written{.artifact = {.manifest = {.bytes = {}, .descriptor = package.wasm.blob}},
                 .artifact_type = std::string(media_type::k_wasm),
                 .lost = std::move(memory.lost),
                 .warnings = std::move(memory.warnings)};
}

}  // namespace davit::oci
