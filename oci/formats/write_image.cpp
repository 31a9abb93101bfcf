// Container images with the wasm file in a file system: for container hosts (`image`), with the annotation by which
// crun and youki know them (`compat`), and with the one name that Istio and Envoy Gateway look for (`envoy-compat`).
// Data files are a layer of their own below the module, so that a new module does not send them again.
#include <algorithm>

#include "oci/formats/image_document.hpp"
#include "oci/formats/writing.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_plugin = "plugin.wasm";
constexpr std::string_view k_runtime_config = "runtime-config.json";
constexpr std::string_view k_handler = "run.oci.handler";

// How one flavour of image differs from another.
struct Flavour {
  std::string_view format;
  Platform platform;              ///< where the package has none
  bool keeps_platform = true;     ///< of the package
  std::string_view fixed_name{};  ///< the only name that its consumer finds
  std::optional<Compression> fixed_compression{};
  std::set<std::string> refused{};  ///< annotations
};

std::string_view layer_type(Compression compression) {
  switch (compression) {
    case Compression::none: return media_type::k_oci_layer_tar;
    case Compression::gzip: return media_type::k_oci_layer_gzip;
    case Compression::zstd: return media_type::k_oci_layer_zstd;
  }
  return {};
}

Result<Compression> choose_compression(const Flavour& flavour, const WriteOptions& options) {
  if (options.as_docker) return Compression::none;
  const Compression chosen = options.compression.value_or(flavour.fixed_compression.value_or(Compression::none));
  if (!flavour.fixed_compression || chosen == *flavour.fixed_compression) return chosen;
  return fail(ErrorCode::unsupported,
              "the format " + std::string(flavour.format) + " has gzip layers, because its consumers read no others")
      .hinting("leave --compression out");
}

Result<Platform> choose_platform(const Flavour& flavour, const Package& package, const WriteOptions& options) {
  if (!options.platform.empty()) return parse_platform(options.platform);
  if (flavour.keeps_platform && package.description.platform && !package.description.platform->os.empty() &&
      !package.description.platform->architecture.empty()) {
    return *package.description.platform;
  }
  return flavour.platform;
}

bool keeps_history(const JsonArray& history, std::size_t layers) {
  const auto filled = std::ranges::count_if(history, [](const Json& entry) {
    const Json* empty = entry.object() == nullptr ? nullptr : entry.object()->find("empty_layer");
    return empty == nullptr || write_json(*empty) != "true";
  });
  return static_cast<std::size_t>(filled) == layers;
}

struct Layers {
  std::vector<NewBlob> blobs{};
  std::vector<Digest> diff_ids{};
};

Result<Layers> pack_layers(const Package& package, const std::string& path, const std::string& runtime_config, Compression compression) {
  Layers out;
  const auto add = [&](const std::vector<TarFile>& files) -> Result<void> {
    TRY_ASSIGN(PackedTar layer, pack_tar(files, compression, layer_type(compression)));
    out.blobs.push_back(std::move(layer.blob));
    out.diff_ids.push_back(std::move(layer.diff_id));
    return {};
  };
  std::vector<TarFile> below;
  for (TarFile& file : data_files(package, "")) {
    if (file.name != path) below.push_back(std::move(file));
  }
  if (!below.empty()) TRY(add(below));
  std::vector<TarFile> top = {wasm_file(package, path)};
  if (!runtime_config.empty()) top.push_back(text_file(std::string(k_runtime_config), runtime_config));
  TRY(add(top));
  return out;
}

// What the image says of itself; paths and words are those of the package wherever the flavour allows.
PackageDescription image_description(const Flavour& flavour, const Package& package, const WriteOptions& options, std::size_t layers) {
  PackageDescription said = package.description;
  said.path = !flavour.fixed_name.empty() ? std::string(flavour.fixed_name) : said.path.empty() ? title_or_default(package) : said.path;
  said.title = base_of(said.path);
  said.companions.clear();
  if (flavour.fixed_name.empty()) {
    if (!said.entrypoint && !said.command) said.entrypoint = {"/" + said.path};
    if (said.working_folder.empty()) said.working_folder = "/";
  } else {
    // A proxy starts it; words that name a file of another name would only mislead.
    said.entrypoint.reset();
    said.command.reset();
  }
  if (said.created.empty()) said.created = options.created;
  if (!keeps_history(said.history, layers)) {
    said.history.clear();
    if (layers > 1) said.history.push_back(JsonObject{{"created", said.created}, {"created_by", "davit: data files"}});
    said.history.push_back(JsonObject{{"created", said.created}, {"created_by", "davit: /" + said.path}});
  }
  return said;
}

// Files of `docker save` have no annotations, so labels say what they would.
Result<Memory> say_in_labels(const Flavour& flavour, const PackageDescription& wanted, const WasmFacts& facts, const WriteOptions& options,
                             PackageDescription& said) {
  for (const auto& [key, value] : wanted.annotations) said.labels.try_emplace(key, value);
  said.annotations.clear();
  TRY_ASSIGN(Memory memory, remember(flavour.format, wanted, said, options));
  if (!memory.text.empty()) said.labels[std::string(annotation::k_package)] = memory.text;
  if (!facts.capability_classes.empty()) said.labels[std::string(annotation::k_capabilities)] = facts.capability_classes;
  return memory;
}

Result<Written> write_flavour(const Flavour& flavour, const Package& package, const WasmFacts& facts, const WriteOptions& options,
                              const Annotations& annotations) {
  TRY_ASSIGN(const Compression compression, choose_compression(flavour, options));
  const PackageDescription wanted = wanted_of(package, facts);
  const auto companion = package.description.companions.find(std::string(k_runtime_config));
  const bool takes_config = !flavour.fixed_name.empty() && companion != package.description.companions.end();
  const std::string path = image_description(flavour, package, options, 1).path;
  TRY_ASSIGN(Layers layers, pack_layers(package, path, takes_config ? companion->second : "", compression));
  Draft draft{.format = std::string(flavour.format), .config = empty_blob(media_type::k_oci_config)};
  draft.said = image_description(flavour, package, options, layers.blobs.size());
  draft.said.files = wanted.files;
  if (takes_config) draft.said.companions.insert(*companion);
  TRY_ASSIGN(draft.said.platform, choose_platform(flavour, package, options));
  Memory memory;
  if (options.as_docker) {
    TRY_ASSIGN(memory, say_in_labels(flavour, wanted, facts, options, draft.said));
  }
  draft.config = memory_blob(write_json(image_document(draft.said, layers.diff_ids)), media_type::k_oci_config);
  draft.layers = std::move(layers.blobs);
  draft.annotations = annotations;
  draft.refused = flavour.refused;
  draft.holds_files = true;
  draft.is_docker = options.as_docker;
  draft.entry = draft.said.platform;
  TRY_ASSIGN(Written out, finish(package, facts, std::move(draft), options));
  if (options.as_docker) {
    out.lost = std::move(memory.lost);
    out.warnings = std::move(memory.warnings);
  }
  return out;
}

// `compat-smart` speaks to hosts only when the program's name ends so; plain `compat` always does. What was asked for
// goes before.
std::string variant_for(const Package& package) {
  const PackageDescription& said = package.description;
  const auto asked = said.annotations.find(std::string(annotation::k_image_variant));
  if (asked != said.annotations.end()) return asked->second;
  std::string word = !said.path.empty() ? said.path : title_or_default(package);
  if (said.command && !said.command->empty()) word = said.command->front();
  if (said.entrypoint && !said.entrypoint->empty()) word = said.entrypoint->front();
  return word.ends_with(".wasm") || word.ends_with(".wat") ? "compat-smart" : "compat";
}

}  // namespace

Result<Written> write_image(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  return write_flavour({.format = "image", .platform = {.architecture = "wasm", .os = "wasi"}}, package, facts, options, {});
}

// The platform is the one by which podman 5 chooses its runtime, because it ignores the annotation. A handler
// annotation beside it would make crun refuse the image.
Result<Written> write_compat(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  return write_flavour({.format = "compat",
                        .platform = {.architecture = "wasm", .os = "wasi"},
                        .keeps_platform = false,
                        .refused = {std::string(k_handler)}},
                       package, facts, options, {{std::string(annotation::k_image_variant), variant_for(package)}});
}

// The proxies resolve an index for linux/amd64 and look at nothing else of the configuration.
Result<Written> write_envoy_compat(const Package& package, const WasmFacts& facts, const WriteOptions& options) {
  TRY(refuse_component(facts, "envoy-compat", "proxies"));
  return write_flavour({.format = "envoy-compat",
                        .platform = {.architecture = "amd64", .os = "linux"},
                        .keeps_platform = false,
                        .fixed_name = k_plugin,
                        .fixed_compression = Compression::gzip},
                       package, facts, options, {{std::string(annotation::k_image_variant), "compat"}});
}

}  // namespace davit::oci
