// A package for wasmer: a gzip tar with `wasmer.toml` at its root, the module beside it, and data files in a folder that
// the manifest maps into the guest.
#include "manifests/toml.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_manifest = "wasmer.toml";

std::string annotation_of(const Package& package, const std::string& key, const std::string& fallback) {
  const auto found = package.description.annotations.find(key);
  return found == package.description.annotations.end() ? fallback : found->second;
}

// wasmer asks for a semantic version.
std::string version_of(const Package& package) {
  const std::string version = annotation_of(package, "org.opencontainers.image.version", "");
  int dots = 0;
  for (const char letter : version) {
    if (letter == '.') ++dots;
    if ((letter < '0' || letter > '9') && letter != '.') return "0.1.0";
  }
  const bool good = dots == 2 && version.find("..") == std::string::npos && version.front() != '.' && version.back() != '.';
  return good ? version : "0.1.0";
}

// Folders are mapped, so a file at the root maps the whole folder there.
JsonObject mounts(const Package& package) {
  const std::string folder(package_file::k_files_folder);
  JsonObject out;
  for (const PackagedFile& file : package.files) {
    const std::size_t slash = file.entry.path.find('/');
    if (slash == std::string::npos) return {{"/", folder}};
    const std::string top = file.entry.path.substr(0, slash);
    out.set("/" + top, folder + "/" + top);
  }
  return out;
}

// What the program is started with: everything after its own name.
JsonArray arguments_of(const PackageDescription& description) {
  std::vector<std::string> words = description.entrypoint.value_or(std::vector<std::string>{});
  if (description.command) words.insert(words.end(), description.command->begin(), description.command->end());
  JsonArray out;
  for (std::size_t i = 1; i < words.size(); ++i) out.push_back(words[i]);
  return out;
}

std::string wasmer_manifest(const Package& package, const std::string& module) {
  const auto companion = package.description.companions.find(std::string(k_manifest));
  if (companion != package.description.companions.end()) return companion->second;
  const std::string name = name_of(package);
  JsonObject about{{"name", "davit/" + name},
                   {"version", version_of(package)},
                   {"description", annotation_of(package, "org.opencontainers.image.description", name)}};
  JsonObject wasi;
  if (const JsonArray words = arguments_of(package.description); !words.empty()) wasi.set("main-args", words);
  if (!package.description.environment.empty()) wasi.set("env", Json::strings(package.description.environment));
  JsonObject command{{"name", name}, {"module", name}, {"runner", "wasi"}};
  if (!wasi.empty()) command.set("annotations", JsonObject{{"wasi", std::move(wasi)}});
  JsonObject document{{"package", std::move(about)}};
  if (JsonObject fs = mounts(package); !fs.empty()) document.set("fs", std::move(fs));
  document.set("module", JsonArray{JsonObject{{"name", name}, {"source", module}, {"abi", "wasi"}}});
  document.set("command", JsonArray{std::move(command)});
  return write_toml(document);
}

// A remembered manifest says where it wants the module.
std::string module_path(const Package& package) {
  const auto companion = package.description.companions.find(std::string(k_manifest));
  if (companion != package.description.companions.end()) {
    const auto parsed = parse_toml(companion->second);
    const auto modules = parsed ? JsonView(*parsed).find("module") : std::nullopt;
    const JsonArray* list = modules ? modules->json().array() : nullptr;
    if (list != nullptr && list->size() == 1) {
      const auto source = JsonView(list->front()).find("source");
      const auto clean = source && source->json().string() != nullptr ? clean_entry_name(*source->json().string()) : std::nullopt;
      if (clean && !clean->empty()) return *clean;
    }
  }
  return title_or_default(package);
}

}  // namespace

Result<Written> write_wasmer(const Package& plain, const WasmFacts& facts, const WriteOptions& options, const std::string& path) {
  const Package package = with_annotations(plain, facts);
  TRY(refuse_component(facts, "wasmer", "wasmer's runners"));
  const std::string module = module_path(package);
  PackageDescription said;
  said.title = base_of(module);
  said.companions[std::string(k_manifest)] = wasmer_manifest(package, module);
  const PackageDescription wanted = wanted_of(package, facts);
  said.files = wanted.files;
  TRY_ASSIGN(Memory memory, remember("wasmer", wanted, said, options));
  std::vector<TarFile> files = data_files(package, std::string(package_file::k_files_folder));
  files.push_back(text_file(std::string(k_manifest), said.companions.at(std::string(k_manifest))));
  files.push_back(wasm_file(package, module));
  if (!memory.text.empty()) files.push_back(text_file(std::string(package_file::k_remembered), memory.text));
  TRY_ASSIGN(const PackedTar packed, pack_tar(files, Compression::gzip, "application/gzip"));
  return store_package(path, packed, std::move(memory));
}

}  // namespace davit::oci
